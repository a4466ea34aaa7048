/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "facts/kernel/pe.h"
#include "fuzz.h"

static void check_section(const struct wb_pe *pe, size_t i, uint64_t file_size)
{
	const struct wb_pe_section *s = &pe->sections[i];

	CHECK(strlen(s->name) < sizeof(s->name));
	if (s->size == 0)
		return;
	CHECK(s->offset <= file_size && s->size <= file_size - s->offset);
	for (size_t j = 0; j < i; j++)
		CHECK(pe->sections[j].size == 0 ||
		      pe->sections[j].offset + pe->sections[j].size <= s->offset ||
		      s->offset + s->size <= pe->sections[j].offset);
}

static void check_profiles(const struct wb_pe *pe)
{
	unsigned int n = wb_pe_profiles(pe);

	CHECK(n >= 1 && n <= pe->n + 1);
	for (unsigned int i = 0; i <= n; i++) {
		const struct wb_pe_section *s = wb_pe_find(pe, i, ".cmdline");

		CHECK(!s || (s->size > 0 && strcmp(s->name, ".cmdline") == 0));
		(void)wb_pe_find(pe, i, ".profile");
	}
}

/* The file ends with the input, or some bytes that were not read are behind it. */
static void check(const uint8_t *data, size_t size, uint64_t file_size)
{
	_cleanup_(wb_pe_done) struct wb_pe pe = { 0 };
	_cleanup_free_ char *why = NULL;
	int r = wb_pe_parse(data, size, file_size, &pe, &why);

	CHECK(r == 0 || r == -EBADMSG);
	CHECK((r == 0) == !why);
	CHECK(*wb_pe_machine(&pe));
	for (size_t i = 0; i < pe.n; i++)
		check_section(&pe, i, file_size);
	if (r == 0)
		check_profiles(&pe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(data, size, size);
	check(data, size, size + 4096);
	return 0;
}
