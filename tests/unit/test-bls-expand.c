/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"
#include "facts/bls/entry.h"
#include "unit.h"

static void assert_expanded(const struct wb_bls_variables *v, const char *text,
			    const char *expected, const char *expected_missing)
{
	_cleanup_free_ char *expanded = NULL, *missing = NULL;

	assert_int_equal(wb_bls_expand(v, text, &expanded, &missing), 0);
	assert_string_equal(expanded, expected);
	if (expected_missing)
		assert_string_equal(missing, expected_missing);
	else
		assert_null(missing);
}

static void expansion(void **state)
{
	static const struct wb_bls_variables v = {
		.grubenv = "# GRUB Environment Block\nkernelopts=root=/dev/sda1 ro \n"
			   "tuned_params=isolcpus=1\na=1\n",
		.grubcfg = "set a=\"2\"\nset b=\"3 4\"\n",
		.grub = true,
	};
	static const struct wb_bls_variables empty = { .grub = true };

	(void)state;
	assert_expanded(&v, "$kernelopts $tuned_params", "root=/dev/sda1 ro  isolcpus=1",
			NULL);
	assert_expanded(&v, "${kernelopts}quiet", "root=/dev/sda1 ro quiet", NULL);
	assert_expanded(&v, "x$a-${a}b$b", "x1-1b3 4", NULL);
	assert_expanded(&v, "quiet $tuned_initrd", "quiet", NULL);
	assert_expanded(&v, "$c x $d", " x", "c");
	assert_expanded(&v, "", "", NULL);
	/* No variables. */
	assert_expanded(&v, "$ $$ ${ ${} ${a $-", "$ $$ ${ ${} ${a $-", NULL);
	assert_expanded(&empty, "$kernelopts quiet", " quiet", "kernelopts");
	assert_expanded(&empty, "ro $tuned_params", "ro", NULL);
}

/* systemd-boot expands nothing; names of Fedora's are no words for a kernel even so. */
static void expansion_without_grub(void **state)
{
	static const struct wb_bls_variables v = { 0 };

	(void)state;
	assert_expanded(&v, "pw=$6$abc ${x} $tuned_params", "pw=$6$abc ${x}", NULL);
	assert_expanded(&v, "$kernelopts", "", "kernelopts");
}

/* More variables than anybody has: what is left of the text stays as it is. */
static void too_many(void **state)
{
	static const struct wb_bls_variables v = { .grubenv = "a=1\n", .grub = true };
	enum { SIZE = 65536 };
	char *text = malloc(SIZE + 1);
	_cleanup_free_ char *expanded = NULL, *missing = NULL;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = "$a-"[i % 3];
	text[SIZE] = '\0';
	assert_int_equal(wb_bls_expand(&v, text, &expanded, &missing), 0);
	assert_memory_equal(expanded, "1-1-", 4);
	assert_true(wb_endswith(expanded, "-$a-$"));
	free(text);
}

static void assert_set(const char *text, const char *expected)
{
	_cleanup_free_ char *value = NULL;

	assert_int_equal(wb_bls_grubcfg_get(text, "a", &value), 0);
	if (expected)
		assert_string_equal(value, expected);
	else
		assert_null(value);
}

static void grubcfg(void **state)
{
	(void)state;
	assert_set("", NULL);
	assert_set("set", NULL);
	assert_set("set ", NULL);
	assert_set("set a", NULL);
	assert_set("set a=", "");
	assert_set("set aa=1\nunset a\nset b=a=2\nseta=3\n#set a=4\n", NULL);
	assert_set("set a=1\n \tset\ta=2;\nfi", "2");
	assert_set("if x; then\n  set a=\"${b} c\"\nfi", "${b} c");
	assert_set("set a='1 2'", "1 2");
	assert_set("set a=\"open\nset b=\"", "open");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expansion),
		cmocka_unit_test(expansion_without_grub),
		cmocka_unit_test(grubcfg),
		cmocka_unit_test(too_many),
	};

	return RUN_TESTS(tests);
}
