/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The course of a run before the eyes of who waits for it: on a terminal a line for each
 * step, the last of which moves; else the plain messages, one a line.
 */

#include "course-line.h"
#include "plan/plan.h"
#include "sys/journal.h"

struct wb_course {
	const struct wb_plan *plan;
	struct wb_course_style style;
	bool live;  /* on a terminal that can move its cursor */
	bool drawn; /* the last line is the moving one */
	bool undoing;
	unsigned int turn;
	uint64_t *started; /* CLOCK_BOOTTIME, for each step; 0: does not run */
	char *waiting_for; /* the unit that systemd works on, or NULL */
};

/* @plan stays the caller's. Where @quiet, only messages are shown that the log lets pass.
 * 0 or -ENOMEM. */
_must_check_ int wb_course_begin(const struct wb_plan *plan, bool quiet,
				 struct wb_course *ret);
/* Show what the run said. */
void wb_course_show(struct wb_course *course, const struct wb_journal_entry *entry);
/* Move on: once a tenth of a second or so where it is live. */
void wb_course_move(struct wb_course *course);
/* Take the moving line away: something else is going to be said. */
void wb_course_pause(struct wb_course *course);
void wb_course_end(struct wb_course *course);
