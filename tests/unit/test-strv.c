/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "unit.h"

static void assert_joined(char *const *v, const char *expected)
{
	_cleanup_free_ char *joined = wb_strv_join(v, "|");

	assert_string_equal(joined, expected);
}

static void empty(void **state)
{
	_cleanup_strv_ char **copy = NULL;

	(void)state;
	assert_int_equal(wb_strv_length(NULL), 0);
	assert_false(wb_strv_contains(NULL, "a"));
	assert_joined(NULL, "");
	wb_strv_sort(NULL);
	wb_strv_free(NULL);
	assert_int_equal(wb_strv_copy(&copy, NULL), 0);
	assert_int_equal(wb_strv_length(copy), 0);
}

static void append(void **state)
{
	_cleanup_strv_ char **v = NULL;
	char text[] = "copied";

	(void)state;
	assert_int_equal(wb_strv_append(&v, text), 0);
	text[0] = 'X';
	assert_int_equal(wb_strv_appendf(&v, "%s=%d", "n", 3), 0);
	assert_int_equal(wb_strv_append(&v, ""), 0);
	assert_int_equal(wb_strv_length(v), 3);
	assert_null(v[3]);
	assert_joined(v, "copied|n=3|");
}

static void add_once(void **state)
{
	_cleanup_strv_ char **v = NULL;

	(void)state;
	assert_int_equal(wb_strv_add(&v, "a"), 0);
	assert_int_equal(wb_strv_add(&v, "b"), 0);
	assert_int_equal(wb_strv_add(&v, "a"), 0);
	assert_joined(v, "a|b");
	assert_true(wb_strv_contains(v, "b"));
	assert_false(wb_strv_contains(v, "ab"));
}

static void split(void **state)
{
	_cleanup_strv_ char **v = NULL;

	(void)state;
	assert_int_equal(wb_strv_split(&v, ""), 0);
	assert_int_equal(wb_strv_split(&v, " ,\t\n"), 0);
	assert_int_equal(wb_strv_length(v), 0);
	assert_int_equal(wb_strv_split(&v, " a b,c,\td\n"), 0);
	assert_int_equal(wb_strv_split(&v, "e"), 0);
	assert_joined(v, "a|b|c|d|e");
}

static void split_at_white_space(void **state)
{
	_cleanup_strv_ char **v = NULL;

	(void)state;
	assert_int_equal(wb_strv_split_words(&v, " \t\n"), 0);
	assert_null(v);
	assert_int_equal(wb_strv_split_words(&v, " console=ttyS0,115200\tb,"), 0);
	assert_int_equal(wb_strv_length(v), 2);
	assert_string_equal(v[0], "console=ttyS0,115200");
	assert_string_equal(v[1], "b,");
}

static void copy_and_sort(void **state)
{
	_cleanup_strv_ char **v = NULL, **copy = NULL;

	(void)state;
	assert_int_equal(wb_strv_split(&v, "b B a _ 10 9"), 0);
	assert_int_equal(wb_strv_copy(&copy, v), 0);
	wb_strv_sort(copy);
	assert_joined(copy, "10|9|B|_|a|b");
	assert_joined(v, "b|B|a|_|10|9");
}

static void join_some(void **state)
{
	_cleanup_strv_ char **v = NULL;
	_cleanup_free_ char *six = NULL, *more = NULL;

	(void)state;
	assert_int_equal(wb_strv_split(&v, "1 2 3 4 5 6"), 0);
	six = wb_strv_join_some(v);
	assert_string_equal(six, "1, 2, 3, 4, 5, 6");
	assert_int_equal(wb_strv_split(&v, "7 8"), 0);
	more = wb_strv_join_some(v);
	assert_string_equal(more, "1, 2, 3, 4, 5, 6, 2 more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(append),
		cmocka_unit_test(add_once),
		cmocka_unit_test(split),
		cmocka_unit_test(split_at_white_space),
		cmocka_unit_test(copy_and_sort),
		cmocka_unit_test(join_some),
	};

	return RUN_TESTS(tests);
}
