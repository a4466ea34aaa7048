/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The order of entries. */

#include <string.h>

#include "base/version.h"
#include "facts/bls/entry.h"

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

static const char *text_of(const char *s)
{
	return s ? s : "";
}

static int compare_keys(const struct wb_bls_entry *a, const struct wb_bls_entry *b)
{
	int r = strcmp(a->sort_key, b->sort_key);

	if (r == 0)
		r = strcmp(text_of(a->machine_id), text_of(b->machine_id));
	if (r == 0)
		r = wb_version_compare(text_of(b->version), text_of(a->version));
	return r;
}

static int compare_tries(const struct wb_bls_entry *a, const struct wb_bls_entry *b)
{
	int r;

	if (a->tries_left < 0 || b->tries_left < 0)
		return 0;
	r = CMP(b->tries_left, a->tries_left);
	return r ? r : CMP(a->tries_done, b->tries_done);
}

int wb_bls_entry_compare(const struct wb_bls_entry *a, const struct wb_bls_entry *b)
{
	int r = CMP(wb_bls_entry_is_bad(a), wb_bls_entry_is_bad(b));

	if (r == 0)
		r = CMP(!a->sort_key, !b->sort_key);
	if (r == 0 && a->sort_key && b->sort_key)
		r = compare_keys(a, b);
	if (r == 0)
		r = wb_version_compare(b->name, a->name);
	if (r == 0)
		r = CMP(a->profile, b->profile);
	return r ? r : compare_tries(a, b);
}

int wb_bls_entry_compare_grub(const struct wb_bls_entry *a, const struct wb_bls_entry *b)
{
	return wb_version_compare(b->id, a->id);
}
