/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "course-line.h"

#include <string.h>

#include "base/layout.h"
#include "base/text.h"
#include "base/time-util.h"

/* ECMA-48: what most terminals have. */
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define RED    "\033[31m"
#define DIM    "\033[2m"
#define PLAIN  "\033[0m"

static const struct mark {
	const char *word; /* of the outcome */
	const char *utf8, *ascii;
	const char *colour;
} marks[_WB_MARK_MAX] = {
	[WB_MARK_WORKING] = { "running", NULL, NULL, YELLOW },
	[WB_MARK_DONE] = { "done", "✓", "+", GREEN },
	[WB_MARK_SKIPPED] = { "skipped", "·", ".", DIM },
	[WB_MARK_FAILED] = { "failed", "✗", "x", RED },
	[WB_MARK_UNDONE] = { "undone", "↶", "<", YELLOW },
};

static const char *const spinner_utf8[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧" };
static const char *const spinner_ascii[] = { "|", "/", "-", "\\" };

enum wb_course_mark wb_course_mark_of(const char *outcome, bool undo)
{
	/* A step that failed stays known as that when what it did is undone. */
	if (undo && outcome && strcmp(outcome, marks[WB_MARK_FAILED].word) == 0)
		return WB_MARK_UNDONE;
	for (int m = 0; outcome && m < _WB_MARK_MAX; m++)
		if (strcmp(marks[m].word, outcome) == 0)
			return (enum wb_course_mark)m;
	return WB_MARK_FAILED;
}

static const char *mark_of(const struct wb_course_line *line, bool utf8)
{
	if (line->mark != WB_MARK_WORKING)
		return utf8 ? marks[line->mark].utf8 : marks[line->mark].ascii;
	return utf8 ? spinner_utf8[line->turn % ARRAY_SIZE(spinner_utf8)]
		    : spinner_ascii[line->turn % ARRAY_SIZE(spinner_ascii)];
}

/* Cut to @width columns where it is longer, with a sign that it was, and fill up. */
static char *fit(const char *text, unsigned int width, bool utf8)
{
	const char *sign = utf8 ? "…" : "~";
	unsigned int columns;
	size_t bytes = wb_layout_fit(text, width, &columns);

	if (!text[bytes])
		return wb_format("%s%*s", text, (int)(width - columns), "");
	bytes = wb_layout_fit(text, width > 0 ? width - 1 : 0, &columns);
	return wb_format("%.*s%s%*s", (int)bytes, text, width > 0 ? sign : "",
			 width > columns ? (int)(width - columns - 1) : 0, "");
}

/* "0.8 s" of what is over; "12 s of 90 s", or "12 s", of what goes on. */
static char *time_of(const struct wb_course_line *line)
{
	uint64_t tenths = line->elapsed_usec / (USEC_PER_SEC / 10);

	if (line->mark != WB_MARK_WORKING)
		return wb_format("%ju.%ju s", (uintmax_t)(tenths / 10),
				 (uintmax_t)(tenths % 10));
	/* Nobody counts a moment. */
	if (tenths < 10)
		return strdup("");
	if (line->limit_usec == 0)
		return wb_format("%ju s", (uintmax_t)(tenths / 10));
	return wb_format("%ju s of %ju s", (uintmax_t)(tenths / 10),
			 (uintmax_t)(line->limit_usec / USEC_PER_SEC));
}

static char *text_of(const struct wb_course_line *line)
{
	_cleanup_free_ char *others = NULL;

	others = line->others > 0 ? wb_format(" and %u more", line->others) : strdup("");
	if (!others)
		return NULL;
	return wb_format("%s%s%s%s", line->text, others,
			 line->waiting_for ? ", waiting for " : "",
			 line->waiting_for ? line->waiting_for : "");
}

static char *number_of(const struct wb_course_line *line, unsigned int columns)
{
	int digits = line->steps > 99 ? 3 : line->steps > 9 ? 2 : 1;

	/* Where there is little room, what is done is worth more than its number. */
	if (columns < 50)
		return strdup(" ");
	return wb_format(" %*u/%u ", digits, line->step, line->steps);
}

char *wb_course_format(const struct wb_course_line *line,
		       const struct wb_course_style *style)
{
	_cleanup_free_ char *number = number_of(line, style->columns),
			    *time = time_of(line), *text = text_of(line), *fitted = NULL;
	unsigned int fixed, room;
	bool colour = style->colour;

	if (!number || !time || !text)
		return NULL;
	/* The mark, a space before the time, and the last column, at which some terminals
	 * begin a new line. */
	fixed = 1 + (unsigned int)strlen(number) + 1 + (unsigned int)strlen(time) + 1;
	room = style->columns > fixed ? style->columns - fixed : 0;
	fitted = fit(text, room, style->utf8);
	if (!fitted)
		return NULL;
	return wb_format("%s%s%s%s%s%s%s %s", colour ? marks[line->mark].colour : "",
			 mark_of(line, style->utf8), colour ? PLAIN : "",
			 colour ? DIM : "", number, colour ? PLAIN : "", fitted,
			 room > 0 ? time : "");
}
