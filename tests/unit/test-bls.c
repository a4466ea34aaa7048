/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/entry.h"
#include "unit.h"

#define ENTRY _cleanup_(wb_bls_entry_done) struct wb_bls_entry

/* --- one file --------------------------------------------------------------------- */

static const char fedora[] =
	"title Fedora Linux (6.5.6-300.fc39.x86_64) 39 (Server Edition)\n"
	"version 6.5.6-300.fc39.x86_64\n"
	"linux /vmlinuz-6.5.6-300.fc39.x86_64\n"
	"initrd /initramfs-6.5.6-300.fc39.x86_64.img $tuned_initrd\n"
	"options root=UUID=0f1e ro rhgb quiet $tuned_params\n"
	"grub_users $grub_users\n"
	"grub_arg --unrestricted\n"
	"grub_class fedora\n";

static void parse(struct wb_bls_entry *e, const char *text)
{
	assert_int_equal(wb_bls_entry_parse(e, text), 0);
}

static void assert_words(char *const *words, const char *expected)
{
	_cleanup_free_ char *joined = wb_strv_join(words, "|");

	assert_string_equal(joined, expected);
}

static void of_fedora(void **state)
{
	ENTRY e = { 0 };

	(void)state;
	parse(&e, fedora);
	assert_string_equal(e.title,
			    "Fedora Linux (6.5.6-300.fc39.x86_64) 39 (Server Edition)");
	assert_string_equal(e.version, "6.5.6-300.fc39.x86_64");
	assert_string_equal(e.linux, "/vmlinuz-6.5.6-300.fc39.x86_64");
	assert_words(e.initrd, "/initramfs-6.5.6-300.fc39.x86_64.img|$tuned_initrd");
	assert_string_equal(e.options, "root=UUID=0f1e ro rhgb quiet $tuned_params");
	assert_null(e.efi);
	assert_null(e.sort_key);
}

static void all_keys(void **state)
{
	ENTRY e = { 0 };

	(void)state;
	parse(&e, "# made by hand\r\n"
		  "\r\n"
		  "  title\t \tArch Linux \t\r\n"
		  "machine-id\t0123\r\n"
		  "sort-key arch\r\n"
		  "\toptions root=/dev/sda1  rw\r\n"
		  "#options wrong\r\n"
		  "options\tquiet a\tb\r\n"
		  "linux /vmlinuz-linux\r\n"
		  "initrd /ucode,x.img\r\n"
		  "initrd\t/a.img\t/b.img\r\n"
		  "devicetree /a.dtb\r\n"
		  "architecture X64\r\n"
		  "future-key of use to others\r\n"
		  "version\r\n"
		  "efi /shell.efi");
	assert_string_equal(e.title, "Arch Linux");
	assert_string_equal(e.machine_id, "0123");
	assert_string_equal(e.sort_key, "arch");
	assert_string_equal(e.options, "root=/dev/sda1  rw quiet a b");
	assert_words(e.initrd, "/ucode,x.img|/a.img|/b.img");
	assert_string_equal(e.devicetree, "/a.dtb");
	assert_string_equal(e.architecture, "X64");
	assert_string_equal(e.efi, "/shell.efi");
	assert_null(e.version);
}

static void last_one_counts(void **state)
{
	ENTRY e = { 0 };

	(void)state;
	parse(&e, "title a\ntitle b\nefi /x\nuki /y\ntitles c\ntitl d\n");
	assert_string_equal(e.title, "b");
	assert_string_equal(e.efi, "/y");
}

static void quotes(void **state)
{
	ENTRY e = { 0 };

	(void)state;
	parse(&e,
	      "title \"In quotes\"\noptions \"a=b c\" d=\"e\"\nlinux \"\nversion \"\"");
	assert_string_equal(e.title, "In quotes");
	assert_string_equal(e.options, "\"a=b c\" d=\"e\"");
	assert_string_equal(e.linux, "\"");
	assert_string_equal(e.version, "");
}

static void cut_short(void **state)
{
	(void)state;
	for (size_t n = 0; n <= strlen(fedora); n++) {
		_cleanup_free_ char *cut = strndup(fedora, n);
		ENTRY e = { 0 };

		assert_non_null(cut);
		parse(&e, cut);
		/* A part of the value, never that of another key. */
		if (e.linux)
			assert_memory_equal(e.linux, "/vmlinuz-6.5.6-300.fc39.x86_64",
					    strlen(e.linux));
		assert_int_equal(e.version != NULL,
				 n > (size_t)(strstr(fedora, "6.5.6-300.fc39.x86_64\n") -
					      fedora));
	}
}

static void garbage(void **state)
{
	char text[600];
	ENTRY e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)(255 - i % 255);
	text[sizeof(text) - 1] = '\0';
	parse(&e, text);
	assert_null(e.linux);
	/* What is shown and written as JSON is good UTF-8 without control characters. */
	parse(&e, "title \xe2\x82\xac \xc3\xa4 \xf0\x9f\x90\xa7 \x1b[1m\x7f \xff\xc0\x80 "
		  "\xed\xa0\x80 \xc2\x9b \xe2\x82\nlinux /a\xff\n");
	assert_string_equal(e.title, "\xe2\x82\xac \xc3\xa4 \xf0\x9f\x90\xa7 ?[1m? ??? "
				     "??? ?? ??");
	assert_string_equal(e.linux, "/a?");
}

static void long_lines(void **state)
{
	enum { SIZE = 65536 };
	char *text = malloc(SIZE + 100);
	ENTRY e = { 0 };

	(void)state;
	assert_non_null(text);
	strcpy(text, "options ");
	memset(text + 8, 'x', SIZE);
	strcpy(text + 8 + SIZE, "\nlinux /a\n");
	parse(&e, text);
	assert_int_equal(strlen(e.options), SIZE);
	assert_string_equal(e.linux, "/a");
	/* One line of nothing but initrd words. */
	strcpy(text, "initrd ");
	for (size_t i = 7; i < SIZE; i++)
		text[i] = i % 2 ? 'i' : ' ';
	strcpy(text + SIZE, "\nlinux /b\n");
	parse(&e, text);
	assert_string_equal(e.linux, "/b");
	assert_string_equal(e.initrd[0], "i");
	free(text);
}

/* --- names ------------------------------------------------------------------------ */

static void names(void **state)
{
	static const struct {
		const char *file, *id;
		int left, done;
	} cases[] = {
		{ "arch.conf", "arch", -1, 0 },
		{ "arch+3.conf", "arch", 3, 0 },
		{ "arch+3-1.conf", "arch", 3, 1 },
		{ "arch+0-3.conf", "arch", 0, 3 },
		{ "arch+0.conf", "arch", 0, 0 },
		{ "arch+010-002.conf", "arch", 10, 2 },
		{ "6.1+deb12+2.conf", "6.1+deb12", 2, 0 },
		/* No counters. */
		{ "6.1+deb12.conf", "6.1+deb12", -1, 0 },
		{ "a+.conf", "a+", -1, 0 },
		{ "a+-1.conf", "a+-1", -1, 0 },
		{ "a+1-.conf", "a+1-", -1, 0 },
		{ "a+1-1-1.conf", "a+1-1-1", -1, 0 },
		{ "a+1 .conf", "a+1 ", -1, 0 },
		{ "+1.conf", "+1", -1, 0 },
		{ "a+9999999999.conf", "a+9999999999", -1, 0 },
		{ "a\xff\n.conf", "a??", -1, 0 },
	};
	static const char *const none[] = { "arch", ".conf", "arch.conf~", "arch.cfg",
					    "" };
	ENTRY e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(wb_bls_entry_set_name(&e, cases[i].file));
		assert_string_equal(e.id, cases[i].id);
		assert_int_equal(e.tries_left, cases[i].left);
		assert_int_equal(e.tries_done, cases[i].done);
		assert_int_equal(wb_bls_entry_is_bad(&e), cases[i].left == 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(wb_bls_entry_set_name(&e, none[i]));
}

static void names_of_images(void **state)
{
	static const struct {
		const char *file, *id;
		int left, done;
	} cases[] = {
		{ "arch.efi", "arch.efi", -1, 0 },  { "arch+3-1.efi", "arch.efi", 3, 1 },
		{ "arch+0.EFI", "arch.EFI", 0, 0 }, { "arch+x.efi", "arch+x.efi", -1, 0 },
		{ "a\xff.efi", "a?.efi", -1, 0 },
	};
	static const char *const none[] = { "arch",           ".efi",
					    ".hidden.efi",    "efi",
					    "auto-shell.efi", "arch.conf",
					    "arch.efi~",      "arch.efi.extra.d" };
	ENTRY e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(wb_bls_entry_set_image(&e, cases[i].file));
		assert_string_equal(e.id, cases[i].id);
		assert_string_equal(e.name, cases[i].id);
		assert_int_equal(e.tries_left, cases[i].left);
		assert_int_equal(e.tries_done, cases[i].done);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(wb_bls_entry_set_image(&e, none[i]));
}

/* --- loader.conf ------------------------------------------------------------------ */

static void assert_default(const char *text, const char *expected)
{
	_cleanup_free_ char *pattern = NULL;

	assert_int_equal(wb_bls_loader_default(text, &pattern), 0);
	if (expected)
		assert_string_equal(pattern, expected);
	else
		assert_null(pattern);
}

static void loader_conf(void **state)
{
	(void)state;
	assert_default("", NULL);
	assert_default("#default x\ntimeout 3\ndefaults y\n", NULL);
	assert_default("default", NULL);
	assert_default("default \"\"", NULL);
	assert_default("timeout 3\r\ndefault\tarch-*.conf \r\neditor no", "arch-*.conf");
	assert_default("default a\ndefault b", "b");
	assert_default("default @saved", "@saved");
}

static bool matches(const char *pattern, const char *file)
{
	ENTRY e = { 0 };

	assert_true(wb_bls_entry_set_name(&e, file) || wb_bls_entry_set_image(&e, file));
	return wb_bls_entry_matches(&e, pattern);
}

static void patterns(void **state)
{
	(void)state;
	assert_true(matches("arch", "arch.conf"));
	assert_true(matches("arch.conf", "arch.conf"));
	assert_true(matches("arch*", "arch-lts.conf"));
	assert_true(matches("ARCH-*.conf", "arch-lts.conf"));
	assert_true(matches("a?ch-[a-z]*", "arch-lts.conf"));
	assert_false(matches("arch", "arch-lts.conf"));
	assert_false(matches("arch-*.conf", "arch.conf"));
	assert_false(matches("", "arch.conf"));
	assert_false(matches("[", "arch.conf"));
	assert_true(matches("arch-7.efi", "arch-7+3-1.efi"));
	assert_true(matches("arch-*", "Arch-7.EFI"));
	assert_false(matches("arch-7", "arch-7.efi"));
	assert_false(matches("*.conf", "arch-7.efi"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_fedora),       cmocka_unit_test(all_keys),
		cmocka_unit_test(last_one_counts), cmocka_unit_test(quotes),
		cmocka_unit_test(cut_short),       cmocka_unit_test(garbage),
		cmocka_unit_test(long_lines),      cmocka_unit_test(names),
		cmocka_unit_test(names_of_images), cmocka_unit_test(loader_conf),
		cmocka_unit_test(patterns),
	};

	return RUN_TESTS(tests);
}
