/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "base/time-util.h"
#include "course-line.h"
#include "unit.h"

static const struct wb_course_line isolate = {
	.mark = WB_MARK_WORKING,
	.step = 2,
	.steps = 14,
	.text = "isolate multi-user.target",
	.waiting_for = "gdm.service",
	.elapsed_usec = 12 * USEC_PER_SEC,
	.limit_usec = 90 * USEC_PER_SEC,
};

static unsigned int width(const char *text)
{
	wchar_t wide[512];
	size_t n = mbstowcs(wide, text, ARRAY_SIZE(wide));

	assert_in_range(n, 0, ARRAY_SIZE(wide) - 1);
	return (unsigned int)wcswidth(wide, n);
}

static void check(const struct wb_course_line *line, unsigned int columns, bool utf8,
		  const char *expected)
{
	struct wb_course_style style = { .columns = columns, .utf8 = utf8 };
	_cleanup_free_ char *text = wb_course_format(line, &style);

	assert_string_equal(text, expected);
	assert_true(width(text) < columns || columns < 2);
}

static void eighty_columns(void **state)
{
	struct wb_course_line done = isolate;

	(void)state;
	check(&isolate, 80, true,
	      "⠋  2/14 isolate multi-user.target, waiting for gdm.service         12 s of 90 s");
	done.mark = WB_MARK_DONE;
	done.waiting_for = NULL;
	done.elapsed_usec = 830 * USEC_PER_MSEC;
	check(&done, 80, true,
	      "✓  2/14 isolate multi-user.target                                         0.8 s");
	done.mark = WB_MARK_FAILED;
	check(&done, 80, false,
	      "x  2/14 isolate multi-user.target                                         0.8 s");
}

static void forty_columns(void **state)
{
	(void)state;
	check(&isolate, 40, true, "⠋ isolate multi-user.targ… 12 s of 90 s");
	check(&isolate, 40, false, "| isolate multi-user.targ~ 12 s of 90 s");
}

/* Whatever the window is made, no line is wider: it could not be taken back. */
static void any_width(void **state)
{
	struct wb_course_line line = isolate;

	(void)state;
	line.text = "release-devices 図形 with wide letters";
	for (unsigned int columns = 2; columns < 120; columns++) {
		struct wb_course_style style = { .columns = columns, .utf8 = true };
		_cleanup_free_ char *text = wb_course_format(&line, &style);

		if (columns > 20)
			assert_true(width(text) < columns);
	}
}

static void it_moves(void **state)
{
	struct wb_course_style style = { .columns = 60, .utf8 = true };
	struct wb_course_line line = isolate;
	_cleanup_free_ char *first = wb_course_format(&line, &style), *second = NULL;

	(void)state;
	line.turn = 1;
	second = wb_course_format(&line, &style);
	assert_string_not_equal(first, second);
	/* A moment is not counted. */
	line.elapsed_usec = 900 * USEC_PER_MSEC;
	line.waiting_for = NULL;
	check(&line, 60, true,
	      "⠙  2/14 isolate multi-user.target                          ");
}

static void several_at_once(void **state)
{
	struct wb_course_line line = isolate;

	(void)state;
	line.waiting_for = NULL;
	line.others = 3;
	line.limit_usec = 0;
	check(&line, 60, true,
	      "⠋  2/14 isolate multi-user.target and 3 more           12 s");
}

static void colours_are_taken_back(void **state)
{
	struct wb_course_style style = { .columns = 60, .utf8 = true, .colour = true };
	_cleanup_free_ char *text = wb_course_format(&isolate, &style);
	const char *last = strrchr(text, '\033');

	(void)state;
	assert_true(wb_startswith(text, "\033[33m"));
	assert_true(wb_startswith(last, "\033[0m"));
	style.colour = false;
	free(text);
	text = wb_course_format(&isolate, &style);
	assert_null(strchr(text, '\033'));
}

static void outcomes(void **state)
{
	(void)state;
	assert_int_equal(wb_course_mark_of("done", false), WB_MARK_DONE);
	assert_int_equal(wb_course_mark_of("skipped", false), WB_MARK_SKIPPED);
	assert_int_equal(wb_course_mark_of("undone", false), WB_MARK_UNDONE);
	/* Its undo went well, unless it says so itself. */
	assert_int_equal(wb_course_mark_of("failed", true), WB_MARK_UNDONE);
	assert_int_equal(wb_course_mark_of("undo-failed", true), WB_MARK_FAILED);
	assert_int_equal(wb_course_mark_of(NULL, true), WB_MARK_FAILED);
	assert_int_equal(wb_course_mark_of("undo-failed", false), WB_MARK_FAILED);
	assert_int_equal(wb_course_mark_of(NULL, false), WB_MARK_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eighty_columns),
		cmocka_unit_test(forty_columns),
		cmocka_unit_test(any_width),
		cmocka_unit_test(it_moves),
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(colours_are_taken_back),
		cmocka_unit_test(outcomes),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
