/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "facts/bls/entry.h"
#include "unit.h"

#define ENTRY _cleanup_(wb_bls_entry_done) struct wb_bls_entry

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void assert_older(const char *a, const char *b)
{
	if (sign(wb_version_compare(a, b)) != -1 || sign(wb_version_compare(b, a)) != 1)
		fail_msg("'%s' is not older than '%s'", a, b);
}

/* The examples of the specification, and more; each the oldest first. */
static void versions(void **state)
{
	static const char *const groups[][9] = {
		{ "~", "", "a" },
		{ "11", "11a" },
		{ "122.1", "123~rc1-1", "123", "123-a", "123-a.1", "123-3", "123-3.1",
		  "123^patch1" },
		{ "123^1", "123.a-1", "123.1-1", "123a-1", "124-1" },
		{ "6.1.0-9-amd64", "6.1.0-10-amd64", "6.1.0-13-amd64",
		  "6.5.0-0.deb12.1" },
		{ "1.0~rc1", "1.0~rc2", "1.0", "1.0-rc1", "1.0.1" },
		{ "999999999999999999999998", "999999999999999999999999",
		  "1000000000000000000000000" },
		{ "A", "B", "a", "ab", "b", "1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (size_t j = 0; groups[i][j + 1]; j++)
			assert_older(groups[i][j], groups[i][j + 1]);
	assert_int_equal(wb_version_compare("1.02", "1.2"), 0);
	assert_int_equal(wb_version_compare("0", "000"), 0);
	assert_int_equal(wb_version_compare("1_2", "1 2"), 0);
	assert_int_equal(wb_version_compare("12_", "12"), 0);
	assert_int_equal(wb_version_compare("", ""), 0);
}

struct sample {
	const char *file, *sort_key, *machine_id, *version;
};

static void fill(struct wb_bls_entry *e, const struct sample *s)
{
	_cleanup_free_ char *text = NULL;

	text = wb_format("%s %s\n%s %s\n%s %s\n", s->sort_key ? "sort-key" : "#",
			 s->sort_key ? s->sort_key : "",
			 s->machine_id ? "machine-id" : "#",
			 s->machine_id ? s->machine_id : "", s->version ? "version" : "#",
			 s->version ? s->version : "");
	assert_true(wb_bls_entry_set_name(e, s->file));
	assert_int_equal(wb_bls_entry_parse(e, text), 0);
}

static void order(void **state)
{
	static const struct sample samples[] = {
		{ "z.conf", "arch", NULL, "9" },
		{ "a.conf", "arch", "1", "6.10" },
		{ "b.conf", "arch", "1", "6.9" },
		{ "y.conf", "arch", "1", "6.9~rc1" },
		{ "x.conf", "arch", "1", NULL },
		{ "c.conf", "arch", "2", "7" },
		{ "d+3.conf", "fedora", NULL, NULL },
		{ "d+2-0.conf", "fedora", NULL, NULL },
		{ "d+2-1.conf", "fedora", NULL, NULL },
		/* Without the key behind all that have it, by name, the newest first. */
		{ "m-6.10.conf", NULL, "9", "1" },
		{ "m-6.9.conf", NULL, "1", "2" },
		{ "good+1.conf", NULL, NULL, NULL },
		{ "bad+0-3.conf", "aaa", NULL, "10" },
		{ "bad2+0.conf", NULL, NULL, "10" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		for (size_t j = 0; j < ARRAY_SIZE(samples); j++) {
			ENTRY a = { 0 }, b = { 0 };

			fill(&a, &samples[i]);
			fill(&b, &samples[j]);
			assert_int_equal(sign(wb_bls_entry_compare(&a, &b)),
					 (i > j) - (i < j));
		}
}

/* GRUB reads neither sort-key nor version. */
static void order_of_grub(void **state)
{
	ENTRY a = { 0 }, b = { 0 };

	(void)state;
	fill(&a, &(struct sample){ "m-6.10.conf", "z", NULL, "1" });
	fill(&b, &(struct sample){ "m-6.9.conf", "a", NULL, "2" });
	assert_true(wb_bls_entry_compare_grub(&a, &b) < 0);
	assert_true(wb_bls_entry_compare(&a, &b) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(order),
		cmocka_unit_test(order_of_grub),
	};

	return RUN_TESTS(tests);
}
