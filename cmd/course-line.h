/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One line of the course of a run, as it fits a terminal. Pure: text in, text out. */

#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

/* What the terminal can show. */
struct wb_course_style {
	unsigned int columns;
	bool colour;
	bool utf8;
};

enum wb_course_mark {
	WB_MARK_WORKING,
	WB_MARK_DONE,
	WB_MARK_SKIPPED,
	WB_MARK_FAILED,
	WB_MARK_UNDONE,
	_WB_MARK_MAX,
};

struct wb_course_line {
	enum wb_course_mark mark;
	unsigned int turn; /* of the spinner, of WB_MARK_WORKING */
	unsigned int step, steps;
	unsigned int others;     /* steps that go at the same time */
	const char *text;        /* what is done to what */
	const char *waiting_for; /* a unit, or NULL */
	uint64_t elapsed_usec;
	uint64_t limit_usec; /* 0: none is shown */
};

/* Never wider than the terminal, and without a newline. The caller's; NULL without
 * memory. */
char *wb_course_format(const struct wb_course_line *line,
		       const struct wb_course_style *style);
/* The mark for the outcome of a step, as in its record ("done", "undone", ...). @undo:
 * the line is of its undo, after which a step that failed still has that outcome. */
enum wb_course_mark wb_course_mark_of(const char *outcome, bool undo);
