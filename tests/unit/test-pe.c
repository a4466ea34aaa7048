/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "facts/kernel/pe.h"
#include "samples.h"
#include "unit.h"

#define PE _cleanup_(wb_pe_done) struct wb_pe

#define VIRTUAL(i) (PE_TABLE + 40 * (i) + 8)
#define RAW(i)     (PE_TABLE + 40 * (i) + 16)
#define OFFSET(i)  (PE_TABLE + 40 * (i) + 20)

#define LONGEST_AT 1536
#define LINUX_AT   2048

static struct bytes sample(void)
{
	static const struct pe_section sections[] = {
		{ ".osrel", "ID=arch", 7 },
		{ ".none", "", 0 },
		{ ".longest", "0123456789", 10 },
		{ ".linux", "kernel", 6 },
	};

	return pe_bytes(PE_AARCH64, sections, ARRAY_SIZE(sections));
}

static void assert_bad(const struct bytes *b, const char *part)
{
	_cleanup_free_ char *why = NULL;
	PE pe = { 0 };

	assert_int_equal(wb_pe_parse(b->data, b->size, b->size, &pe, &why), -EBADMSG);
	if (!strstr(why, part))
		fail_msg("'%s' does not say '%s'", why, part);
}

static void good(void **state)
{
	_cleanup_(bytes_done) struct bytes b = sample();
	const struct wb_pe_section *s;
	char *why;
	PE pe = { 0 };

	(void)state;
	assert_int_equal(wb_pe_parse(b.data, b.size, b.size, &pe, &why), 0);
	assert_null(why);
	assert_int_equal(pe.machine, PE_AARCH64);
	assert_string_equal(wb_pe_machine(&pe), "aarch64");
	assert_int_equal(pe.n, 4);
	assert_int_equal(wb_pe_profiles(&pe), 1);
	s = wb_pe_find(&pe, 0, ".linux");
	assert_int_equal(s->offset, LINUX_AT);
	assert_int_equal(s->size, 6);
	assert_memory_equal(b.data + s->offset, "kernel", 6);
	assert_null(wb_pe_find(&pe, 0, ".none"));
	assert_null(wb_pe_find(&pe, 0, ".initrd"));
	/* Names have no NUL where they fill their field. */
	assert_int_equal(wb_pe_find(&pe, 0, ".longest")->size, 10);
	assert_int_equal(wb_pe_find(&pe, 7, ".linux")->size, 6);
}

/* The header alone was read, the file is larger. */
static void header_alone(void **state)
{
	_cleanup_(bytes_done) struct bytes b = sample();
	char *why;
	PE pe = { 0 };

	(void)state;
	assert_int_equal(wb_pe_parse(b.data, PE_TABLE + 160, b.size, &pe, &why), 0);
	assert_int_equal(pe.n, 4);
}

/* At every byte: each part in memory of its own, which has no byte too many. */
static void cut_short(void **state)
{
	_cleanup_(bytes_done) struct bytes b = sample();

	(void)state;
	for (size_t n = 0; n < LINUX_AT + 6; n++) {
		struct bytes part = { malloc(n ? n : 1), n };

		memcpy(part.data, b.data, n);
		assert_bad(&part, "");
		bytes_done(&part);
	}
	b.size = LINUX_AT + 5;
	assert_bad(&b, "cut short: its section .linux");
	b.size = PE_TABLE + 159;
	assert_bad(&b, "table of sections");
	b.size = PE_AT + 23;
	assert_bad(&b, "no EFI program");
}

static void wild_numbers(void **state)
{
	static const unsigned int offsets[] = { 0x7fffffff, 0x80000000, 0xfffffff0,
						0xffffffff, 0xffffffe8 };
	_cleanup_(bytes_done) struct bytes b = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		put32(&b, 0x3c, offsets[i]);
		assert_bad(&b, "no EFI program");
	}
	put32(&b, 0x3c, PE_AT);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		put32(&b, OFFSET(3), offsets[i]);
		assert_bad(&b, "cut short");
	}
	put32(&b, OFFSET(3), LINUX_AT);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		put32(&b, RAW(3), offsets[i]);
		put32(&b, VIRTUAL(3), offsets[i]);
		assert_bad(&b, "cut short");
	}
	put32(&b, RAW(3), 512);
	put32(&b, VIRTUAL(3), 6);
	put16(&b, PE_AT + 20, 0xffff);
	assert_bad(&b, "table of sections");
	put16(&b, PE_AT + 20, 240);
	put16(&b, PE_AT + 6, 0xffff);
	assert_bad(&b, "65535 sections");
	put16(&b, PE_AT + 6, 512);
	assert_bad(&b, "table of sections");
}

static void misplaced(void **state)
{
	_cleanup_(bytes_done) struct bytes b = sample();

	(void)state;
	put32(&b, OFFSET(3), PE_TABLE + 159);
	assert_bad(&b, "inside the headers");
	put32(&b, OFFSET(3), 0);
	assert_bad(&b, "inside the headers");
	/* One byte of the other, from before and from behind; and inside of it. */
	put32(&b, OFFSET(3), LONGEST_AT + 9);
	assert_bad(&b, ".longest and .linux overlap");
	put32(&b, OFFSET(3), LONGEST_AT - 5);
	assert_bad(&b, "overlap");
	put32(&b, OFFSET(3), LONGEST_AT + 2);
	assert_bad(&b, "overlap");
}

/* Side by side is not on top of each other; and nothing is nowhere. */
static void neighbours(void **state)
{
	_cleanup_(bytes_done) struct bytes b = sample();
	char *why;
	PE pe = { 0 };

	(void)state;
	put32(&b, OFFSET(3), LONGEST_AT + 10);
	put32(&b, OFFSET(1), 0xffffffff);
	assert_int_equal(wb_pe_parse(b.data, b.size, b.size, &pe, &why), 0);
}

/* Zeros that are not in the file, and zeros that are only there. */
static void sizes(void **state)
{
	_cleanup_(bytes_done) struct bytes b = sample();
	char *why;
	PE pe = { 0 };

	(void)state;
	put32(&b, VIRTUAL(3), 0xffffffff);
	put32(&b, VIRTUAL(2), 0);
	assert_int_equal(wb_pe_parse(b.data, b.size, b.size, &pe, &why), 0);
	assert_int_equal(wb_pe_find(&pe, 0, ".linux")->size, 512);
	assert_null(wb_pe_find(&pe, 0, ".longest"));
}

static void assert_content(const struct bytes *b, unsigned int profile, const char *name,
			   const char *content)
{
	const struct wb_pe_section *s;
	char *why;
	PE pe = { 0 };

	assert_int_equal(wb_pe_parse(b->data, b->size, b->size, &pe, &why), 0);
	s = wb_pe_find(&pe, profile, name);
	if (!content) {
		assert_null(s);
		return;
	}
	assert_non_null(s);
	assert_int_equal(s->size, strlen(content));
	assert_memory_equal(b->data + s->offset, content, s->size);
}

static void profiles(void **state)
{
	static const struct pe_section sections[] = {
		{ ".cmdline", "all", 3 },   { ".linux", "kernel", 6 },
		{ ".cmdline", "again", 5 }, { ".profile", "zero", 4 },
		{ ".profile", "one", 3 },   { ".cmdline", "own", 3 },
		{ ".dtb", "tree", 4 },      { ".profile", "two", 3 },
		{ ".cmdline", "", 0 },
	};
	_cleanup_(bytes_done) struct bytes b =
		pe_bytes(PE_X86_64, sections, ARRAY_SIZE(sections));
	_cleanup_(bytes_done) struct bytes only = pe_bytes(PE_X86_64, sections + 3, 6);
	char *why;
	PE pe = { 0 };

	(void)state;
	assert_int_equal(wb_pe_parse(b.data, b.size, b.size, &pe, &why), 0);
	assert_int_equal(wb_pe_profiles(&pe), 3);
	assert_content(&b, 0, ".cmdline", "all");
	assert_content(&b, 0, ".profile", "zero");
	assert_content(&b, 0, ".dtb", NULL);
	assert_content(&b, 1, ".cmdline", "own");
	assert_content(&b, 1, ".profile", "one");
	assert_content(&b, 1, ".linux", "kernel");
	assert_content(&b, 1, ".dtb", "tree");
	assert_content(&b, 2, ".cmdline", "all");
	assert_content(&b, 2, ".dtb", NULL);
	/* There is none of this number. */
	assert_content(&b, 3, ".cmdline", "all");
	assert_content(&b, 3, ".profile", NULL);
	/* Nothing is for all. */
	assert_content(&only, 0, ".cmdline", NULL);
	assert_content(&only, 1, ".cmdline", "own");
	assert_content(&only, 2, ".cmdline", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),      cmocka_unit_test(header_alone),
		cmocka_unit_test(cut_short), cmocka_unit_test(wild_numbers),
		cmocka_unit_test(misplaced), cmocka_unit_test(neighbours),
		cmocka_unit_test(sizes),     cmocka_unit_test(profiles),
	};

	return RUN_TESTS(tests);
}
