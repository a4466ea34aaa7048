/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The caller's side of a run: show what the service says, pass on Ctrl-C. */

#include "base/macro.h"

#include "course.h"

struct wb_follow {
	struct wb_journal *journal;
	struct wb_course course;
	const char *unit;
};

/* To be called before the service begins to speak. @plan and @unit stay the caller's. */
_must_check_ int wb_follow_begin(const struct wb_plan *plan, const char *unit,
				 struct wb_follow *ret);
/* Show its messages until the last one: the exit status that it carries. -ENODATA where
 * the service ended without one; -EINTR where the caller leaves before its end. */
int wb_follow_until_end(struct wb_follow *follow);
void wb_follow_done(struct wb_follow *follow);
