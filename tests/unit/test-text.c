/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "sys/spawn.h"
#include "unit.h"

static void prefixes(void **state)
{
	(void)state;
	assert_string_equal(wb_startswith("warmboot.id", "warmboot."), "id");
	assert_string_equal(wb_startswith("same", "same"), "");
	assert_string_equal(wb_startswith("any", ""), "any");
	assert_null(wb_startswith("war", "warm"));
	assert_true(wb_endswith("a.target", ".target"));
	assert_true(wb_endswith(".target", ".target"));
	assert_false(wb_endswith("target", ".target"));
	assert_true(wb_endswith("any", ""));
}

static void names(void **state)
{
	char spaces[] = "  word \t\n", only[] = " \n", empty[] = "",
	     module[] = "snd-hda-intel";

	(void)state;
	assert_string_equal(wb_basename("/boot/vmlinuz"), "vmlinuz");
	assert_string_equal(wb_basename("vmlinuz"), "vmlinuz");
	assert_string_equal(wb_basename("boot/"), "");
	assert_string_equal(wb_strip_end(spaces), "  word");
	assert_string_equal(wb_strip_end(only), "");
	assert_string_equal(wb_strip_end(empty), "");
	assert_string_equal(wb_module_name(module), "snd_hda_intel");
}

static void for_a_terminal(void **state)
{
	char escape[] = "\033[2Jx\n\xc3\xa4 ~";

	(void)state;
	assert_string_equal(wb_make_printable(escape), "?[2Jx??? ~");
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int base;
		uint64_t value;
	} good[] = {
		{ "0", 10, 0 },
		{ "007", 10, 7 },
		{ "195", 10, 195 },
		{ "18446744073709551615", 10, UINT64_MAX },
		{ "ff", 16, 255 },
		{ "FF", 16, 255 },
		{ "030000", 16, 0x30000 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(wb_parse_u64(good[i].text, good[i].base, &value), 0);
		assert_true(value == good[i].value);
	}
}

/* "... digits and nothing else" */
static void numbers_that_are_none(void **state)
{
	static const struct {
		const char *text;
		int base;
	} bad[] = {
		{ "", 10 },     { " 1", 10 },
		{ "1 ", 10 },   { "+1", 10 },
		{ "-1", 10 },   { "1x", 10 },
		{ "a", 10 },    { "18446744073709551616", 10 },
		{ "g", 16 },    { "0x10", 10 },
		{ "0x10", 16 }, { "0X1", 16 },
		{ "\n", 10 },   { "1\n", 10 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (wb_parse_u64(bad[i].text, bad[i].base, &value) != -EINVAL)
			fail_msg("'%s' in base %d is taken for a number", bad[i].text,
				 bad[i].base);
}

static void timespans(void **state)
{
	static const struct {
		const char *text;
		uint64_t usec;
	} good[] = {
		{ "90", 90000000 },  { "90s", 90000000 }, { "2min", 120000000 },
		{ "500ms", 500000 }, { "0", 0 },
	};
	static const char *const bad[] = {
		"",     "s",  "1h",  "1 s",         "-1",      "+1",
		"1.5s", " 1", "1s ", "99999999999", "1minute",
	};
	uint64_t usec;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(wb_parse_timespan(good[i].text, &usec), 0);
		assert_true(usec == good[i].usec);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (wb_parse_timespan(bad[i], &usec) != -EINVAL)
			fail_msg("'%s' is taken for a time", bad[i]);
}

static void formats(void **state)
{
	_cleanup_free_ char *s = wb_format("%s-%d", "a", 7);

	(void)state;
	assert_string_equal(s, "a-7");
	assert_int_equal(wb_set_format(&s, "%s", "new"), 0);
	assert_string_equal(s, "new");
	/* Its old value may be part of the new one. */
	assert_int_equal(wb_set_format(&s, "[%s]", s), 0);
	assert_string_equal(s, "[new]");
}

static void quoting(void **state)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {
		{ "/boot/vmlinuz-6.1.0", "/boot/vmlinuz-6.1.0" },
		{ "--initrd=/boot/i", "--initrd=/boot/i" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "it's", "'it'\\''s'" },
		{ "$(x)", "'$(x)'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *quoted = wb_shell_quote(cases[i].text);

		assert_string_equal(quoted, cases[i].quoted);
	}
}

/* A shell has the last word: what it prints is what was quoted. */
static void quoting_for_a_shell(void **state)
{
	static const char *const texts[] = {
		"--command-line=root=UUID=1 quiet \"a b\"",
		"'",
		"''",
		"~",
		"#",
		"a;b",
		"*",
		"\\",
		"\\n",
		"{a,b}",
		"!x",
		"a=b c",
		"`id`",
		"$HOME",
		"-n",
		"\xc3\xa4 \t",
	};
	char sh[] = "/bin/sh", c[] = "-c";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *quoted = wb_shell_quote(texts[i]);
		_cleanup_free_ char *script = wb_format("printf '<%%s>' %s", quoted);
		_cleanup_free_ char *expected = wb_format("<%s>", texts[i]);
		char *argv[] = { sh, c, script, NULL }, *environment[] = { NULL };
		struct wb_spawn what = { .argv = argv,
					 .environment = environment,
					 .timeout_usec = 10000000 };
		struct wb_spawn_result result;

		assert_int_equal(wb_spawn(&what, &result), 0);
		assert_int_equal(result.status, 0);
		assert_string_equal(result.last_line, expected);
		wb_spawn_result_done(&result);
	}
}

static void names_of_a_table(void **state)
{
	static const char *const table[] = { "a", NULL, "b" };

	(void)state;
	assert_int_equal(wb_find_name(table, ARRAY_SIZE(table), "b"), 2);
	assert_int_equal(wb_find_name(table, 2, "b"), -EINVAL);
	assert_int_equal(wb_find_name(table, ARRAY_SIZE(table), ""), -EINVAL);
	assert_int_equal(wb_find_name(table, ARRAY_SIZE(table), NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes),       cmocka_unit_test(names),
		cmocka_unit_test(for_a_terminal), cmocka_unit_test(names_of_a_table),
		cmocka_unit_test(numbers),        cmocka_unit_test(numbers_that_are_none),
		cmocka_unit_test(timespans),      cmocka_unit_test(formats),
		cmocka_unit_test(quoting),        cmocka_unit_test(quoting_for_a_shell),
	};

	return RUN_TESTS(tests);
}
