/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "facts/kernel/image.h"
#include "machine.h"
#include "unit.h"

/* Write @b as /image, and read it. */
static struct wb_image read_bytes(const struct bytes *b)
{
	struct wb_image image;
	struct fixture f;

	fixture_init(&f);
	fixture_bytes(&f, "image", b->data, b->size);
	assert_int_equal(wb_image_read(&f.root, "/image", "x86_64", 0, &image), 0);
	fixture_done(&f);
	return image;
}

static void assert_problem(const struct bytes *b, const char *part)
{
	_cleanup_(wb_image_done) struct wb_image image = read_bytes(b);

	assert_non_null(image.problem);
	if (!strstr(image.problem, part))
		fail_msg("'%s' does not say '%s'", image.problem, part);
	assert_false(image.unreadable);
}

static void set_version_offset(struct bytes *b, size_t offset)
{
	b->data[0x20e] = (unsigned char)(offset - 0x200);
	b->data[0x20f] = (unsigned char)((offset - 0x200) >> 8);
}

static void good(void **state)
{
	_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0-56-amd64");
	_cleanup_(wb_image_done) struct wb_image image = read_bytes(&b);

	(void)state;
	assert_null(image.problem);
	assert_string_equal(image.version, "6.1.0-56-amd64");
	assert_int_equal(image.cmdline_max, IMAGE_CMDLINE_MAX);
	assert_false(image.unreadable);
}

static void four_sectors_are_meant_by_none(void **state)
{
	_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0");
	_cleanup_(wb_image_done) struct wb_image image = { 0 };

	(void)state;
	b.data[0x1f1] = 0;
	/* The setup is smaller now, and the rest as large as before. */
	set_version_offset(&b, 0x300);
	strcpy((char *)b.data + 0x300, "6.1.0 x");
	image = read_bytes(&b);
	assert_null(image.problem);
	assert_string_equal(image.version, "6.1.0");
}

static void cut_short(void **state)
{
	static const size_t sizes[] = { 1, 2, 63, 64, 0x1ff, 0x202, 0x206, 0x267 };
	static const size_t with_header[] = { 0x268, 0x3000, 0x4000, 65 * 512,
					      128 * 1024 - 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0");

		b.size = sizes[i];
		assert_problem(&b, "it is not a kernel");
	}
	for (size_t i = 0; i < ARRAY_SIZE(with_header); i++) {
		_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0");

		b.size = with_header[i];
		assert_problem(&b, "cut short");
	}
}

static void for_i386(void **state)
{
	_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0-686");

	(void)state;
	b.data[0x236] &= (unsigned char)~1;
	assert_problem(&b, "i386");
}

static void of_an_old_protocol(void **state)
{
	_cleanup_(bytes_done) struct bytes b = image_bytes("2.6.32");

	(void)state;
	b.data[0x206] = 0x0a;
	assert_problem(&b, "boot protocol");
}

static void foreign(void **state)
{
	_cleanup_(bytes_done) struct bytes arm = { 0 }, elf = { 0 }, efi = { 0 },
					   gzip = { 0 };

	(void)state;
	bytes_zeros(&arm, 4096);
	memcpy(arm.data, "MZ", 2);
	memcpy(arm.data + 56, "ARM\x64", 4);
	assert_problem(&arm, "aarch64");
	bytes_zeros(&elf, 4096);
	memcpy(elf.data, "\177ELF\2\1\1", 7);
	elf.data[18] = 62;
	assert_problem(&elf, "ELF");
	assert_problem(&elf, "x86_64");
	bytes_zeros(&efi, 4096);
	memcpy(efi.data, "MZ", 2);
	efi.data[0x3c] = 0x80;
	memcpy(efi.data + 0x80, "PE\0\0\x64\xaa", 6);
	assert_problem(&efi, "EFI");
	assert_problem(&efi, "aarch64");
	bytes_add(&gzip, "\x1f\x8b\x08", 3);
	assert_problem(&gzip, "gzip");
}

/* The offset of the PE header is anything, in a file that is none. */
static void efi_with_a_wild_offset(void **state)
{
	static const uint32_t offsets[] = { 0x7fffffff, 0x80000000, 0xfffffff0, 4090,
					    4091,       0xfffffffa, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		_cleanup_(bytes_done) struct bytes b = { 0 };

		bytes_zeros(&b, 4096);
		memcpy(b.data, "MZ", 2);
		for (int j = 0; j < 4; j++)
			b.data[0x3c + j] = (unsigned char)(offsets[i] >> 8 * j);
		assert_problem(&b, "it is not a kernel");
	}
}

static void garbage(void **state)
{
	_cleanup_(bytes_done) struct bytes b = { 0 }, text = { 0 };

	(void)state;
	bytes_zeros(&b, 100000);
	assert_problem(&b, "it is not a kernel");
	for (size_t i = 0; i < b.size; i++)
		b.data[i] = (unsigned char)(i * 2654435761u >> 7);
	assert_problem(&b, "it is not a kernel");
	bytes_add(&text, "#!/bin/sh\n", 10);
	assert_problem(&text, "it is not a kernel");
}

/* What is read of the file ends after 65 sectors; the string may end there. */
static void version_at_the_edge(void **state)
{
	const size_t edge = 65 * 512;
	_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0");
	_cleanup_(wb_image_done) struct wb_image image = { 0 };

	(void)state;
	set_version_offset(&b, edge - 6);
	memcpy(b.data + edge - 6, "6.9.9", 6);
	image = read_bytes(&b);
	assert_null(image.problem);
	assert_string_equal(image.version, "6.9.9");
	/* One more byte, and it has no end. */
	memcpy(b.data + edge - 6, "6.9.99", 6);
	b.data[edge] = '\0';
	assert_problem(&b, "which version");
	set_version_offset(&b, edge);
	assert_problem(&b, "which version");
	set_version_offset(&b, 0xffff + 0x200);
	assert_problem(&b, "which version");
}

static void version_that_is_none(void **state)
{
	_cleanup_(bytes_done) struct bytes b = image_bytes("6.1.0");

	(void)state;
	/* The pointer is zero: there is none. */
	set_version_offset(&b, 0x200);
	assert_problem(&b, "which version");
	/* It points to nothing, or to a space. */
	set_version_offset(&b, 0x1000);
	assert_problem(&b, "which version");
	b.data[0x1000] = ' ';
	assert_problem(&b, "which version");
}

/* Paths and commands to be pasted are made of it. */
static void version_that_is_hostile(void **state)
{
	static const char *const versions[] = { "../../x", "6.1\x1b[31m", "6.1$(id)",
						"6.1\xff", ".",           "6.1;x",
						"6.1/x",   "-\\-" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		_cleanup_(bytes_done) struct bytes b = image_bytes(versions[i]);
		_cleanup_(wb_image_done) struct wb_image image = read_bytes(&b);

		assert_null(image.version);
		assert_non_null(image.problem);
	}
}

static void not_a_file(void **state)
{
	_cleanup_(wb_image_done) struct wb_image none = { 0 }, folder = { 0 },
						 empty = { 0 };
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_folder(&f, "folder");
	fixture_file(&f, "empty", "");
	assert_int_equal(wb_image_read(&f.root, "/none", NULL, 0, &none), 0);
	assert_non_null(none.problem);
	assert_false(none.unreadable);
	assert_int_equal(wb_image_read(&f.root, "/folder", NULL, 0, &folder), 0);
	assert_non_null(folder.problem);
	assert_int_equal(wb_image_read(&f.root, "/empty", NULL, 0, &empty), 0);
	assert_non_null(strstr(empty.problem, "empty"));
	fixture_done(&f);
}

static void without_rights(void **state)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	struct fixture f;

	(void)state;
	if (geteuid() == 0)
		skip();
	fixture_init(&f);
	fixture_file(&f, "image", "x");
	fixture_mode(&f, "image", 0);
	assert_int_equal(wb_image_read(&f.root, "/image", "x86_64", 0, &image), 0);
	assert_true(image.unreadable);
	assert_non_null(image.problem);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(four_sectors_are_meant_by_none),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(for_i386),
		cmocka_unit_test(of_an_old_protocol),
		cmocka_unit_test(foreign),
		cmocka_unit_test(garbage),
		cmocka_unit_test(version_at_the_edge),
		cmocka_unit_test(version_that_is_none),
		cmocka_unit_test(version_that_is_hostile),
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(without_rights),
		cmocka_unit_test(efi_with_a_wild_offset),
	};

	return RUN_TESTS(tests);
}
