/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a look at the machine brought up: how bad, about what, in a sentence. Facts and
 * plan return findings instead of printing; cmd shows them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

enum wb_severity {
	WB_INFO,
	WB_WARNING,
	WB_BLOCKER, /* the plan must not be run */
	WB_IGNORED, /* was a blocker, and somebody took it away by its name */
	_WB_SEVERITY_MAX,
};

struct wb_finding {
	enum wb_severity severity;
	char *subject;
	char *message; /* what is wrong, and behind it what to do about it */
	char *check;   /* the check that says it; NULL: none has a name for it yet */
	size_t hint;   /* where in @message the second part begins; 0: it has none */
	bool veto;     /* a blocker that forbids an ordinary reboot, too */
};

struct wb_findings {
	struct wb_finding *items;
	size_t n;
};

/* Append a finding; 0 or -ENOMEM. Both strings are copied. */
_must_check_ int wb_findings_add(struct wb_findings *list, enum wb_severity severity,
				 const char *subject, const char *format, ...)
	_printf_(4, 5);
/* Append a blocker after which nothing else may take the place of the plan: somebody is
 * at work, a guest runs, or the operator made a mistake. */
_must_check_ int wb_findings_add_veto(struct wb_findings *list, const char *subject,
				      const char *format, ...) _printf_(3, 4);
/* Say what to do about the last one: a sentence behind a semicolon. @r is what the
 * function returned that appended it, and nothing happens where that is an error. */
_must_check_ int wb_findings_advise(struct wb_findings *list, int r, const char *format,
				    ...) _printf_(3, 4);
/* Give those from @first on that have none the name of their check; 0 or -ENOMEM. */
_must_check_ int wb_findings_name(struct wb_findings *list, size_t first,
				  const char *check);
/* What to do about it; NULL: the message does not say. Points into it. */
const char *wb_finding_hint(const struct wb_finding *finding);
/* The message without that; the caller's, NULL without memory. */
char *wb_finding_sentence(const struct wb_finding *finding);
/* Append copies of all of @from. */
_must_check_ int wb_findings_join(struct wb_findings *list,
				  const struct wb_findings *from);
/* The first blocker, or NULL. */
const struct wb_finding *wb_findings_blocker(const struct wb_findings *list);
/* The first veto, or NULL. */
const struct wb_finding *wb_findings_veto(const struct wb_findings *list);
void wb_findings_done(struct wb_findings *list);

const char *wb_severity_to_string(enum wb_severity severity);
/* -EINVAL for a word that is none. */
int wb_severity_from_string(const char *word);
