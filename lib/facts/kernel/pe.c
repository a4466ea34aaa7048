/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/pe.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/bytes.h"

/* Offsets: in the file, behind the signature, and in one header of a section. */
#define PE_OFFSET     0x3c
#define MACHINE       4
#define N_SECTIONS    6
#define OPTIONAL_SIZE 20
#define HEADER_SIZE   24
#define VIRTUAL_SIZE  8
#define RAW_SIZE      16
#define RAW_OFFSET    20
#define SECTION_SIZE  40

/* Some ten sections for each profile; and each is compared with each. */
#define SECTIONS_MAX 512

static const struct {
	uint16_t number;
	const char *name;
} machines[] = {
	{ 0x8664, "x86_64" }, { 0x014c, "i386" },    { 0xaa64, "aarch64" },
	{ 0x01c4, "arm" },    { 0x5064, "riscv64" }, { 0x6264, "loongarch64" },
};

const char *wb_pe_machine(const struct wb_pe *pe)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].number == pe->machine)
			return machines[i].name;
	return "another architecture";
}

bool wb_pe_is(const void *data, size_t size)
{
	const unsigned char *p = data;
	size_t pe;

	if (size < PE_OFFSET + 4 || memcmp(p, "MZ", 2) != 0)
		return false;
	pe = wb_get32(p + PE_OFFSET);
	return pe <= size && size - pe >= HEADER_SIZE && memcmp(p + pe, "PE\0\0", 4) == 0;
}

static int wrong(char **ret_why, char *why)
{
	*ret_why = why;
	return why ? -EBADMSG : -ENOMEM;
}

/* --- sections --------------------------------------------------------------------- */

static void read_section(const unsigned char *header, struct wb_pe_section *ret)
{
	uint32_t raw = wb_get32(header + RAW_SIZE);

	memcpy(ret->name, header, sizeof(ret->name) - 1);
	wb_make_printable(ret->name);
	ret->virtual_size = wb_get32(header + VIRTUAL_SIZE);
	ret->offset = wb_get32(header + RAW_OFFSET);
	/* The one is rounded up to whole sectors, the other may have zeros behind it. */
	ret->size = raw < ret->virtual_size ? raw : ret->virtual_size;
}

static bool overlap(const struct wb_pe_section *a, const struct wb_pe_section *b)
{
	return a->size > 0 && b->size > 0 && a->offset < b->offset + b->size &&
	       b->offset < a->offset + a->size;
}

/* 64 bits hold the sum of two of 32: nothing here overflows. */
static int check_section(const struct wb_pe *pe, size_t i, uint64_t headers_end,
			 uint64_t file_size, char **ret_why)
{
	const struct wb_pe_section *s = &pe->sections[i];

	if (s->size == 0)
		return 0;
	if (s->offset < headers_end)
		return wrong(ret_why, wb_format("its section %s begins inside the "
						"headers, at byte %ju",
						s->name, (uintmax_t)s->offset));
	if (s->offset + s->size > file_size)
		return wrong(ret_why,
			     wb_format("it is cut short: its section %s ends at byte %ju "
				       "of %ju",
				       s->name, (uintmax_t)(s->offset + s->size),
				       (uintmax_t)file_size));
	for (size_t j = 0; j < i; j++)
		if (overlap(s, &pe->sections[j]))
			return wrong(ret_why, wb_format("its sections %s and %s overlap",
							pe->sections[j].name, s->name));
	return 0;
}

static int read_sections(const unsigned char *table, uint64_t headers_end,
			 uint64_t file_size, struct wb_pe *pe, char **ret_why)
{
	int r = 0;

	pe->sections = calloc(pe->n ? pe->n : 1, sizeof(*pe->sections));
	if (!pe->sections)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < pe->n; i++) {
		read_section(table + i * SECTION_SIZE, &pe->sections[i]);
		r = check_section(pe, i, headers_end, file_size, ret_why);
	}
	return r;
}

int wb_pe_parse(const void *data, size_t size, uint64_t file_size, struct wb_pe *ret,
		char **ret_why)
{
	const unsigned char *p = data;
	struct wb_pe pe = { 0 };
	size_t at, table, end;
	int r;

	*ret_why = NULL;
	if (!wb_pe_is(data, size))
		return wrong(ret_why, wb_format("it is no EFI program"));
	at = wb_get32(p + PE_OFFSET);
	pe.machine = wb_get16(p + at + MACHINE);
	pe.n = wb_get16(p + at + N_SECTIONS);
	table = at + HEADER_SIZE + wb_get16(p + at + OPTIONAL_SIZE);
	end = table + pe.n * SECTION_SIZE;
	if (pe.n > SECTIONS_MAX)
		return wrong(ret_why, wb_format("it claims to have %zu sections", pe.n));
	if (end > size)
		return wrong(ret_why,
			     wb_format("its table of sections ends at byte %zu, and "
				       "%zu were read",
				       end, size));
	r = read_sections(p + table, end, file_size, &pe, ret_why);
	if (r < 0)
		wb_pe_done(&pe);
	else
		*ret = pe;
	return r;
}

void wb_pe_done(struct wb_pe *pe)
{
	free(pe->sections);
	*pe = (struct wb_pe){ 0 };
}

/* --- profiles --------------------------------------------------------------------- */

static bool is_profile(const struct wb_pe_section *s)
{
	return strcmp(s->name, ".profile") == 0;
}

/* In those from @i on, up to the end of their profile. */
static const struct wb_pe_section *find_from(const struct wb_pe *pe, size_t i,
					     const char *name)
{
	for (size_t first = i; i < pe->n && (i == first || !is_profile(&pe->sections[i]));
	     i++)
		if (strcmp(pe->sections[i].name, name) == 0 && pe->sections[i].size > 0)
			return &pe->sections[i];
	return NULL;
}

/* Where the ".profile" of this number is; behind all where there is none. */
static size_t profile_start(const struct wb_pe *pe, unsigned int number)
{
	size_t i = 0;

	while (i < pe->n && !(is_profile(&pe->sections[i]) && number-- == 0))
		i++;
	return i;
}

const struct wb_pe_section *wb_pe_find(const struct wb_pe *pe, unsigned int profile,
				       const char *name)
{
	const struct wb_pe_section *own = find_from(pe, profile_start(pe, profile), name);

	/* Where the very first section begins a profile, nothing is for all. */
	if (own || (pe->n > 0 && is_profile(&pe->sections[0])))
		return own;
	return find_from(pe, 0, name);
}

unsigned int wb_pe_profiles(const struct wb_pe *pe)
{
	unsigned int n = 0;

	for (size_t i = 0; i < pe->n; i++)
		n += is_profile(&pe->sections[i]);
	return n > 0 ? n : 1;
}
