/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/ini.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

/* What was told, as text: "1 [A] key=value|2 is too long|". */
struct told {
	char text[1000];
	int r; /* what the callback returns */
};

static int write_down(void *data, const struct wb_ini_line *line)
{
	struct told *told = data;
	size_t n = strlen(told->text);

	if (line->problem)
		snprintf(told->text + n, sizeof(told->text) - n, "%u %s|", line->number,
			 line->problem);
	else
		snprintf(told->text + n, sizeof(told->text) - n, "%u [%s] %s=%.40s|",
			 line->number, line->section, line->key, line->value);
	return told->r;
}

static void assert_told(const char *text, size_t size, const char *expected)
{
	/* Not a byte behind it may be looked at. */
	char *copy = malloc(size + (size == 0));
	struct told told = { 0 };

	assert_non_null(copy);
	memcpy(copy, text, size);
	assert_int_equal(wb_ini_parse(copy, size, write_down, &told), 0);
	free(copy);
	assert_string_equal(told.text, expected);
}

static void lines(void **state)
{
	static const struct {
		const char *text;
		const char *told;
	} rows[] = {
		{ "", "" },
		{ "\n\n \t\n", "" },
		{ "# a\n; b\n  # c=d\n", "" },
		{ "[A]\n", "" },
		{ "a=b", "1 [] a=b|" },
		{ "[A]\na=b\n\n[B]\nc=\n", "2 [A] a=b|5 [B] c=|" },
		{ "[A]\n  a  =  b c  \n", "2 [A] a=b c|" },
		{ "[A]\r\na=b\r\n", "2 [A] a=b|" },
		{ "\xef\xbb\xbf# x\n[A]\na=b\n", "3 [A] a=b|" },
		{ "\xef\xbb\xbf", "" },
		{ "[A]\na=b=c:d\n", "2 [A] a=b=c:d|" },
		{ "[A]\na=x ; no part\n", "2 [A] a=x|" },
		{ "[A]\na=x;y#z # w\n", "2 [A] a=x;y#z # w|" },
		/* An indented line is a line, and no more of the one before it. */
		{ "[A]\na=b\n  c=d\n", "2 [A] a=b|3 [A] c=d|" },
		{ "[A]\na=b\n  [B]\nc=d\n", "2 [A] a=b|4 [B] c=d|" },
		{ "[A]\nnothing\na=b\n",
		  "2 is neither a [Section] nor a Key=value|3 [A] a=b|" },
		{ "[A\na=b\n", "1 is neither a [Section] nor a Key=value|2 [] a=b|" },
		{ "last", "1 is neither a [Section] nor a Key=value|" },
		{ "[A]\na=\x1b[1m\nb=c\n", "2 has a control character in it|3 [A] b=c|" },
		{ "[A]\na=\xc3\xa4\n", "2 [A] a=\xc3\xa4|" },
		{ "[A]\n=b\n", "2 [A] =b|" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_told(rows[i].text, strlen(rows[i].text), rows[i].told);
}

static void a_nul(void **state)
{
	static const char text[] = "[A]\na=b\0c\nd=e\n";

	(void)state;
	assert_told(text, sizeof(text) - 1, "2 has a control character in it|3 [A] d=e|");
}

/* However long the library's lines may be: it is told of, and the next one counts. */
static void long_lines(void **state)
{
	static const size_t sizes[] = { 180, 10000, 65536, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *word = calloc(sizes[i] + 1, 1), *text = NULL;
		struct told told = { 0 };

		memset(word, 'x', sizes[i]);
		text = wb_format("[A]\na=%s\nb=c\n", word);
		assert_int_equal(wb_ini_parse(text, strlen(text), write_down, &told), 0);
		word[40] = '\0';
		free(text);
		text = wb_format("2 [A] a=%s|3 [A] b=c|", word);
		assert_string_equal(told.text,
				    i == 0 ? text : "2 is too long|3 [A] b=c|");
	}
}

static void the_callback_ends_it(void **state)
{
	static const char text[] = "[A]\na=b\nc=d\nnothing\n";
	struct told told = { .r = -ECANCELED };

	(void)state;
	assert_int_equal(wb_ini_parse(text, strlen(text), write_down, &told), -ECANCELED);
	assert_string_equal(told.text, "2 [A] a=b|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(a_nul),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(the_callback_ends_it),
	};

	return RUN_TESTS(tests);
}
