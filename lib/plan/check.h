/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Can this machine be warm booted, this way, now? Facts in, findings out. One table names
 * all checks; the names are an interface, as those of options are.
 */

#include "facts/target.h"
#include "plan/choice.h"

struct wb_check_input {
	const struct wb_request *request;
	const struct wb_facts *facts;
	const struct wb_choice *choice;
	const struct wb_target *target;
};

#define WB_TARGET_DEFAULT "multi-user.target"

enum {
	WB_CHECK_IGNORABLE = 1 << 0, /* its blockers can be taken away with --ignore */
	WB_CHECK_EACH = 1 << 1,      /* and one by one: --ignore=NAME:SUBJECT */
	WB_CHECK_KERNEL = 1 << 2,    /* it needs a kernel that was chosen */
	WB_CHECK_SILENT = 1 << 3,    /* where all is well there is nothing to tell */
	WB_CHECK_LOADING = 1 << 4,   /* what it blocks is the loading of an image */
	WB_CHECK_DRIVERS = 1 << 5, /* also where nothing but the drivers is left to do */
};

struct wb_check {
	const char *name;
	const char *good; /* the sentence where it finds nothing; NULL for silent ones */
	unsigned int flags;
	/* NULL: what others find goes by this name. */
	int (*look)(const struct wb_check_input *in, struct wb_findings *findings);
};

/* In the order in which they are looked at and shown. */
extern const struct wb_check wb_checks[];
extern const size_t wb_n_checks;

/* NULL where no check has this name. */
const struct wb_check *wb_check_find(const char *name);
/* The findings of all checks that have a function, each with its name. */
_must_check_ int wb_check_all(const struct wb_check_input *in,
			      struct wb_findings *findings);

/* Can the word of an --ignore take anything away? 0, or -EINVAL with a sentence in
 * @ret_why, a constant in which "%s" stands for the word. */
_must_check_ int wb_check_parse_ignore(const char *word, const char **ret_why);
/* What would take the blocker away, "drivers:mpt3sas"; the caller's. NULL in @ret where
 * nothing can, and for what is no blocker. 0 or -ENOMEM. */
_must_check_ int wb_check_ignore_word(const struct wb_finding *finding, char **ret);
/* Does the request take the blockers of this check on this subject away? */
bool wb_check_is_ignored(const struct wb_request *request, const char *check,
			 const char *subject);
/* Once all findings are there: take those away, and say which words took nothing. */
_must_check_ int wb_check_ignore(const struct wb_request *request,
				 struct wb_findings *findings);
