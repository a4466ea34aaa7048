/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "unit.h"

static void assert_words(const char *line, const char *expected)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_free_ char *joined = NULL;
	struct wb_word word;

	while (wb_cmdline_next(&line, &word))
		assert_int_equal(wb_strv_appendf(&words, "%.*s", (int)word.size,
						 word.text),
				 0);
	joined = wb_strv_join(words, "|");
	assert_string_equal(joined, expected);
}

static void words(void **state)
{
	(void)state;
	assert_words("", "");
	assert_words(" \t\n", "");
	assert_words("a", "a");
	assert_words("  a\tb\nc  ", "a|b|c");
	assert_words("a=\"b c\" d", "a=\"b c\"|d");
	assert_words("\"a=b c\" d", "\"a=b c\"|d");
	assert_words("a=b\"c d\"e f", "a=b\"c d\"e|f");
	/* What is never closed goes to the end, as in the kernel. */
	assert_words("a \"b c", "a|\"b c");
	assert_words("a -- b", "a|--|b");
}

static bool has_key(const char *text, const char *key)
{
	const struct wb_word word = { text, strlen(text) };

	return wb_word_has_key(&word, key);
}

static void keys(void **state)
{
	(void)state;
	assert_true(has_key("quiet", "quiet"));
	assert_true(has_key("root=/dev/sda1", "root"));
	assert_true(has_key("root=", "root"));
	assert_true(has_key("\"key=a b\"", "key"));
	assert_true(has_key("\"key\"", "key"));
	assert_true(has_key("log_buf_len=1M", "log-buf-len"));
	assert_true(has_key("log-buf-len=1M", "log_buf_len"));
	assert_false(has_key("rootflags=x", "root"));
	assert_false(has_key("roo", "root"));
	assert_false(has_key("nvidia.root=1", "root"));
	assert_false(has_key("x=root", "root"));
	assert_false(has_key("Root=1", "root"));
	assert_false(has_key("", "root"));
	/* The word ends where its size says so. */
	assert_false(wb_word_has_key(&(struct wb_word){ "root", 3 }, "root"));
	assert_true(wb_word_has_key(&(struct wb_word){ "rootflags", 4 }, "root"));
}

static void assert_value(const char *line, const char *key, const char *expected)
{
	_cleanup_free_ char *value = wb_cmdline_get(line, key);

	if (!expected) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_string_equal(value, expected);
}

static void values(void **state)
{
	(void)state;
	assert_value("root=/dev/sda1 ro", "root", "/dev/sda1");
	assert_value("root=UUID=12-34", "root", "UUID=12-34");
	assert_value("console=tty0 console=ttyS0", "console", "ttyS0");
	assert_value("ro", "ro", "");
	assert_value("root=", "root", "");
	assert_value("key=\"a b\" c", "key", "a b");
	assert_value("\"key=a b\" c", "key", "a b");
	assert_value("root_flags=x", "root-flags", "x");
	assert_value("ro", "root", NULL);
	assert_value("", "root", NULL);
	/* What follows belongs to init. */
	assert_value("a -- root=x", "root", NULL);
	assert_value("root=1 -- root=2", "root", "1");
}

static void assert_built(const char *line, const struct wb_cmdline_edit *edit,
			 const char *expected)
{
	_cleanup_free_ char *built = wb_cmdline_build(line, edit);

	assert_non_null(built);
	assert_string_equal(built, expected);
}

static void build_plainly(void **state)
{
	const struct wb_cmdline_edit none = { 0 }, id = { .id = "1-2" };

	(void)state;
	assert_built("", &none, "");
	assert_built("", &id, "warmboot.id=1-2");
	assert_built("  ro   quiet\n", &none, "ro quiet");
	assert_built("ro quiet", &id, "ro quiet warmboot.id=1-2");
	assert_built("a=\"b  c\" \"d=e  f\"", &none, "a=\"b  c\" \"d=e  f\"");
}

/* "without BOOT_IMAGE=, initrd= and warmboot.*, which speak of the last boot" */
static void build_without_the_last_boot(void **state)
{
	const struct wb_cmdline_edit none = { 0 };

	(void)state;
	assert_built("BOOT_IMAGE=/vmlinuz ro", &none, "ro");
	assert_built("\"BOOT_IMAGE=/a b\" ro", &none, "ro");
	assert_built("initrd=\\initrd.img initrd=/x ro", &none, "ro");
	assert_built("warmboot.id=1 warmboot.x ro warmboot.y=2", &none, "ro");
	assert_built("BOOT_IMAGES=1 initrdx=2 warmbooted", &none,
		     "BOOT_IMAGES=1 initrdx=2 warmbooted");
	assert_built("rd.initrd=1", &none, "rd.initrd=1");
}

static void build_without_a_quoted_word_of_ours(void **state)
{
	const struct wb_cmdline_edit none = { 0 };

	(void)state;
	assert_built("\"warmboot.note=a b\" ro", &none, "ro");
}

static void build_with_removals(void **state)
{
	char quiet[] = "quiet", console[] = "console=tty0", key[] = "log-buf-len";
	char *remove[] = { quiet, console, key, NULL };
	const struct wb_cmdline_edit edit = { .remove = remove };

	(void)state;
	assert_built("quiet ro quiet", &edit, "ro");
	/* A whole word leaves other values alone. */
	assert_built("console=tty0 console=ttyS0", &edit, "console=ttyS0");
	assert_built("log_buf_len=1M splash", &edit, "splash");
	assert_built("quietly", &edit, "quietly");
}

static void build_before_the_words_of_init(void **state)
{
	char single[] = "single";
	char *remove[] = { single, NULL };
	const struct wb_cmdline_edit edit = { remove, "a=1 b", "7" };

	(void)state;
	assert_built("ro -- single", &edit, "ro a=1 b warmboot.id=7 -- single");
	assert_built("ro -- x -- y", &edit, "ro a=1 b warmboot.id=7 -- x -- y");
	assert_built("-- x", &edit, "a=1 b warmboot.id=7 -- x");
	assert_built("ro --x", &edit, "ro --x a=1 b warmboot.id=7");
	/* There, all words are init's, whatever they are called. */
	assert_built("ro -- initrd=x warmboot.y", &edit,
		     "ro a=1 b warmboot.id=7 -- initrd=x warmboot.y");
}

static void append_to_the_letter(void **state)
{
	const struct wb_cmdline_edit edit = { .append = "x=\"a  b\" \"y=c  d\"" },
				     empty = { .append = "" };

	(void)state;
	assert_built("ro", &edit, "ro x=\"a  b\" \"y=c  d\"");
	assert_built("ro", &empty, "ro");
}

/* Our word is for the kernel, whatever else is added for init. */
static void append_for_init(void **state)
{
	const struct wb_cmdline_edit edit = { .append = "a -- single", .id = "7" };

	(void)state;
	assert_built("ro", &edit, "ro a warmboot.id=7 -- single");
}

/* Twenty times a day, for days: the line must not grow. */
static void rebuilding_changes_nothing(void **state)
{
	_cleanup_free_ char *line = strdup("BOOT_IMAGE=/boot/vmlinuz-6.1 root=UUID=1 ro "
					   "x=\"a  b\" \"y=c d\" console=tty0 "
					   "console=ttyS0 -- single");
	_cleanup_free_ char *first = NULL;

	(void)state;
	for (int i = 0; i < 50; i++) {
		_cleanup_free_ char *id = wb_format("%036d", i), *value = NULL,
				    *next = NULL;
		const struct wb_cmdline_edit edit = { .id = id }, none = { 0 };
		_cleanup_free_ char *bare = NULL;

		next = wb_cmdline_build(line, &edit);
		value = wb_cmdline_get(next, "warmboot.id");
		assert_string_equal(value, id);
		bare = wb_cmdline_build(next, &none);
		if (!first)
			first = strdup(bare);
		assert_string_equal(bare, first);
		free(line);
		line = TAKE_PTR(next);
	}
	assert_string_equal(first, "root=UUID=1 ro x=\"a  b\" \"y=c d\" console=tty0 "
				   "console=ttyS0 -- single");
}

static void missing(void **state)
{
	static const struct {
		const char *line;
		const char *words;
		const char *missing;
	} rows[] = {
		{ "", "", "" },
		{ "ro quiet", "", "" },
		{ "ro quiet", "quiet", "" },
		{ "ro quiet", "debug quiet x=\"a b\"", "debug x=\"a b\"" },
		{ "ro x=\"a b\"", "x=\"a b\"  ro", "" },
		/* Another value is another word; so is a part of one. */
		{ "console=tty0", "console=ttyS0 console", "console=ttyS0 console" },
		/* A word for init is none for the kernel. */
		{ "ro -- debug", "debug", "debug" },
		{ "ro debug", "-- debug", "-- debug" },
		{ "ro -- debug", "quiet -- debug", "quiet" },
		{ "ro -- a", "quiet -- a b -- c", "quiet -- b -- c" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *text =
			wb_cmdline_missing(rows[i].line, rows[i].words);

		assert_string_equal(text, rows[i].missing);
	}
}

static void diff(void **state)
{
	static const struct {
		const char *before, *now, *diff;
	} cases[] = {
		{ "ro quiet", "quiet ro", "" },
		{ "ro quiet", "ro debug", "-quiet +debug" },
		{ "BOOT_IMAGE=/a initrd=/b ro", "ro warmboot.id=1", "" },
		{ "a=\"b  c\" ro", "ro a=\"b c\"", "-a=\"b  c\" +a=\"b c\"" },
		{ "", "", "" },
		{ "", "ro", "+ro" },
		{ "console=tty0 console=ttyS0", "console=ttyS0", "-console=tty0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text =
			wb_cmdline_diff(cases[i].before, cases[i].now);

		assert_string_equal(text, cases[i].diff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing),
		cmocka_unit_test(diff),
		cmocka_unit_test(words),
		cmocka_unit_test(keys),
		cmocka_unit_test(values),
		cmocka_unit_test(build_plainly),
		cmocka_unit_test(build_without_the_last_boot),
		cmocka_unit_test(build_without_a_quoted_word_of_ours),
		cmocka_unit_test(build_with_removals),
		cmocka_unit_test(build_before_the_words_of_init),
		cmocka_unit_test(append_to_the_letter),
		cmocka_unit_test(append_for_init),
		cmocka_unit_test(rebuilding_changes_nothing),
	};

	return RUN_TESTS(tests);
}
