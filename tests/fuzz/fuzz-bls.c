/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An entry, then behind a NUL each: a file name, a grubenv, a grub.cfg and a
 * loader.conf. */

#include <string.h>

#include "base/version.h"
#include "facts/bls/entry.h"
#include "fuzz.h"

/* The text behind the next NUL; "" where there is none. */
static const char *next(const char **text, const char *end)
{
	if (*text + strlen(*text) < end)
		*text += strlen(*text) + 1;
	else
		*text = end;
	return *text;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void check_order(const struct wb_bls_entry *a, const struct wb_bls_entry *b)
{
	CHECK(wb_bls_entry_compare(a, a) == 0);
	CHECK(sign(wb_bls_entry_compare(a, b)) == -sign(wb_bls_entry_compare(b, a)));
	CHECK(sign(wb_version_compare(a->id, b->id)) ==
	      -sign(wb_version_compare(b->id, a->id)));
}

static void check_expanded(const char *grubenv, const char *grubcfg, const char *text)
{
	const struct wb_bls_variables variables = { grubenv, grubcfg, true };
	_cleanup_free_ char *expanded = NULL, *missing = NULL;

	CHECK(wb_bls_expand(&variables, text, &expanded, &missing) == 0);
	CHECK(expanded && (!missing || *missing));
}

static void check_default(const char *text, const struct wb_bls_entry *entry)
{
	_cleanup_free_ char *pattern = NULL;

	CHECK(wb_bls_loader_default(text, &pattern) == 0);
	if (pattern && strlen(pattern) < 64)
		(void)wb_bls_entry_matches(entry, pattern);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(wb_bls_entry_done) struct wb_bls_entry a = { 0 }, b = { 0 };
	_cleanup_free_ char *text = fuzz_text(data, size);
	const char *at = text, *end = text + size;
	const char *name = next(&at, end), *grubenv = next(&at, end);
	const char *grubcfg = next(&at, end), *conf = next(&at, end);

	CHECK(wb_bls_entry_set_name(&b, "b+3-1.conf") && b.id);
	if (!wb_bls_entry_set_name(&a, name) && !wb_bls_entry_set_image(&a, name))
		CHECK(wb_bls_entry_set_name(&a, "a.conf"));
	CHECK(a.id);
	CHECK(wb_bls_entry_parse(&a, text) == 0);
	CHECK(wb_bls_entry_parse(&b, grubcfg) == 0);
	check_order(&a, &b);
	check_expanded(grubenv, grubcfg, a.options ? a.options : text);
	check_default(conf, &a);
	return 0;
}
