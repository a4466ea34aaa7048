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
	_WB_SEVERITY_MAX,
};

struct wb_finding {
	enum wb_severity severity;
	char *subject;
	char *message;
	bool veto; /* a blocker that forbids an ordinary reboot, too */
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
