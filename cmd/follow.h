/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The caller's side of a run: show what the service says, pass on Ctrl-C. */

#include <stdbool.h>

#include "base/macro.h"

#include "course.h"

struct wb_follow {
	struct wb_journal *journal;
	struct wb_course course;
	const char *unit;
	bool to_its_end; /* it is an undo: Ctrl-C asks it for nothing */
};

/* To be called before the service begins to speak. All but @ret stay the caller's. */
_must_check_ int wb_follow_begin(const char *id, const struct wb_plan *plan,
				 const char *unit, bool quiet, struct wb_follow *ret);
/* Show its messages until the last one: the exit status that it carries. -ENODATA where
 * the service ended without one; -EINTR where the caller leaves before its end. */
int wb_follow_until_end(struct wb_follow *follow);
void wb_follow_done(struct wb_follow *follow);
