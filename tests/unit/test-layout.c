/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/layout.h"

#include <locale.h>
#include <string.h>

#include "unit.h"

static void check(const char *text, unsigned int width, const char *expected)
{
	_cleanup_free_ char *lines = wb_layout_break(text, width);

	assert_string_equal(lines, expected);
}

static void between_words(void **state)
{
	(void)state;
	check("", 5, "");
	check("one", 5, "one");
	check("one two", 7, "one two");
	check("one two", 6, "one\ntwo");
	check("one two", 3, "one\ntwo");
	check("its .shutdown stops it (read in Linux 6.1)", 16,
	      "its .shutdown\nstops it (read\nin Linux 6.1)");
	check("trailing ", 8, "trailing");
	/* Lines that are there stay. */
	check("one two\nthree", 80, "one two\nthree");
	check("one two\nthree four", 5, "one\ntwo\nthree\nfour");
	assert_int_equal(wb_layout_width("one two\nthree"), 7);
	assert_int_equal(wb_layout_word("one two\nthree"), 5);
}

static void within_a_word_that_is_too_long(void **state)
{
	(void)state;
	check("abcdef", 3, "abc\ndef");
	check("ab abcdefgh c", 4, "ab\nabcd\nefgh\nc");
	check("abc", 1, "a\nb\nc");
	/* Nobody has such a terminal; it is shown as it is. */
	check("abc", 0, "abc");
}

static void wide_letters(void **state)
{
	(void)state;
	assert_int_equal(wb_layout_width("図形x"), 5);
	assert_int_equal(wb_layout_word("a 図形 b"), 4);
	check("図形図形", 4, "図形\n図形");
	check("図形", 1, "図\n形");
	/* What is no UTF-8. */
	assert_int_equal(wb_layout_width("\xff\xfe"), 2);
}

static void the_widest_gives_first(void **state)
{
	unsigned int widths[] = { 10, 30, 20 }, least[] = { 10, 5, 5 };

	(void)state;
	wb_layout_shrink(widths, least, 3, 80);
	assert_int_equal(widths[1], 30);
	wb_layout_shrink(widths, least, 3, 52);
	assert_int_equal(widths[0], 10);
	assert_int_equal(widths[1], 20);
	assert_int_equal(widths[2], 20);
	wb_layout_shrink(widths, least, 3, 32);
	assert_int_equal(widths[0] + widths[1] + widths[2], 30);
	assert_int_equal(widths[0], 10);
}

static void words_break_where_nothing_else_helps(void **state)
{
	unsigned int widths[] = { 10, 30 }, least[] = { 10, 10 };

	(void)state;
	wb_layout_shrink(widths, least, 2, 11);
	assert_int_equal(widths[0] + widths[1], 10);
	/* There is an end to that. */
	wb_layout_shrink(widths, least, 2, 0);
	assert_int_equal(widths[0], 1);
	assert_int_equal(widths[1], 1);
}

static void behind_an_indent(void **state)
{
	_cleanup_free_ char *wide = wb_layout_indent("one two\nthree", 4, 0);
	_cleanup_free_ char *broken = wb_layout_indent("one two three", 4, 9);
	_cleanup_free_ char *narrow = wb_layout_indent("one two", 4, 8);

	(void)state;
	assert_string_equal(wide, "one two\n    three");
	assert_string_equal(broken, "one\n    two\n    three");
	/* Where more than half would be blank it is not broken. */
	assert_string_equal(narrow, "one two");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_words),
		cmocka_unit_test(within_a_word_that_is_too_long),
		cmocka_unit_test(wide_letters),
		cmocka_unit_test(the_widest_gives_first),
		cmocka_unit_test(words_break_where_nothing_else_helps),
		cmocka_unit_test(behind_an_indent),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return EXIT_FAILURE;
	return RUN_TESTS(tests);
}
