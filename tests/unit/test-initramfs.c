/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/initramfs.h"
#include "machine.h"
#include "unit.h"

/* --- which ------------------------------------------------------------------------ */

/* @files and @expected: with spaces between them; "" for none. */
static void assert_found(const char *files, const char *linux, const char *version,
			 const char *expected)
{
	_cleanup_strv_ char **names = NULL, **paths = NULL;
	_cleanup_free_ char *found = NULL;
	struct fixture f;

	fixture_init(&f);
	assert_int_equal(wb_strv_split(&names, files), 0);
	for (char **name = names; name && *name; name++)
		fixture_file(&f, *name, "x");
	assert_int_equal(wb_initramfs_find(&f.root, linux, version, &paths), 0);
	found = wb_strv_join(paths, " ");
	assert_string_equal(found, expected);
	fixture_done(&f);
}

static void names(void **state)
{
	static const struct {
		const char *file, *linux, *version, *expected;
	} cases[] = {
		/* Debian, Fedora, SUSE, Arch */
		{ "boot/initrd.img-6.1", "/boot/vmlinuz-6.1", "6.1",
		  "/boot/initrd.img-6.1" },
		{ "boot/initramfs-6.1.img", "/boot/vmlinuz-6.1", "6.1",
		  "/boot/initramfs-6.1.img" },
		{ "boot/initrd-6.1", "/boot/vmlinuz-6.1", "6.1", "/boot/initrd-6.1" },
		{ "boot/initramfs-linux.img", "/boot/vmlinuz-linux", "6.9.1-arch1",
		  "/boot/initramfs-linux.img" },
		/* By the version where the image's name says nothing, and in /boot. */
		{ "boot/initrd.img-6.1", "/boot/vmlinuz", "6.1", "/boot/initrd.img-6.1" },
		{ "boot/initramfs-6.1.img", "/usr/lib/modules/6.1/vmlinuz", "6.1",
		  "/boot/initramfs-6.1.img" },
		{ "srv/initrd.img-6.1", "/srv/vmlinuz-6.1", NULL, "/srv/initrd.img-6.1" },
		/* Not that of another. */
		{ "boot/initrd.img-6.1.1", "/boot/vmlinuz-6.1", "6.1", "" },
		{ "boot/initrd.img-6.1", "/boot/vmlinuz-6.1.1", "6.1.1", "" },
		{ "boot/initrd.img-6.1", "/boot/vmlinuz", NULL, "" },
		/* Gentoo keeps the one before. */
		{ "boot/initramfs-6.1.img.old boot/initramfs-6.1.img",
		  "/boot/kernel-6.1.old", "6.1", "/boot/initramfs-6.1.img.old" },
		{ "boot/initrd.img-6.1.old", "/boot/vmlinuz-6.1.old", "6.1",
		  "/boot/initrd.img-6.1.old" },
		/* Microcode, which alone is none. */
		{ "boot/amd-ucode.img boot/intel-ucode.img boot/initramfs-linux.img "
		  "boot/initramfs-linux-fallback.img",
		  "/boot/vmlinuz-linux", "6.9.1-arch1",
		  "/boot/intel-ucode.img /boot/amd-ucode.img /boot/initramfs-linux.img" },
		{ "boot/amd-ucode.img", "/boot/vmlinuz-linux", "6.9.1-arch1", "" },
		{ "boot/initramfs-linux-fallback.img", "/boot/vmlinuz-linux", "6.9.1",
		  "" },
		{ "srv/amd-ucode.img boot/initramfs-6.1.img", "/srv/linux", "6.1",
		  "/boot/initramfs-6.1.img" },
		/* kernel-install */
		{ "boot/t/6.1/initrd boot/t/6.1/initrd-2 boot/t/6.1/microcode-1 "
		  "boot/t/6.1/initrd.sig boot/t/6.1/linux",
		  "/boot/t/6.1/linux", "6.1",
		  "/boot/t/6.1/microcode-1 /boot/t/6.1/initrd /boot/t/6.1/initrd-2" },
		{ "boot/t/6.1/microcode boot/initramfs-6.1.img", "/boot/t/6.1/linux",
		  "6.1", "/boot/t/6.1/microcode /boot/initramfs-6.1.img" },
		{ "boot/t/6.1/initrd", "/boot/t/6.1/linux", "6.2", "" },
		{ "boot/t/6.1/initrd", "/boot/t/6.1/linux", NULL, "" },
		/* SUSE, ostree */
		{ "usr/lib/modules/6.1/initrd usr/lib/modules/6.1/initramfs.img",
		  "/usr/lib/modules/6.1/vmlinuz", "6.1", "/usr/lib/modules/6.1/initrd" },
		{ "usr/lib/modules/6.1/initramfs.img boot/initramfs-6.1.img",
		  "/usr/lib/modules/6.1/vmlinuz", "6.1",
		  "/usr/lib/modules/6.1/initramfs.img" },
		{ "initrd.img-6.1", "/vmlinuz-6.1", "6.1", "/initrd.img-6.1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_found(cases[i].file, cases[i].linux, cases[i].version,
			     cases[i].expected);
}

/* --- whole ------------------------------------------------------------------------ */

/* What is wrong with it; the caller's, NULL where nothing is. */
static char *check(const struct bytes *b)
{
	struct fixture f;
	char *problem;
	bool unreadable;

	fixture_init(&f);
	fixture_bytes(&f, "initrd", b->data, b->size);
	assert_int_equal(wb_initramfs_check(&f.root, "/initrd", &problem, &unreadable),
			 0);
	assert_false(unreadable);
	fixture_done(&f);
	return problem;
}

static void assert_whole(const struct bytes *b)
{
	_cleanup_free_ char *problem = check(b);

	if (problem)
		fail_msg("a whole one: %s", problem);
}

static void assert_bad(const struct bytes *b, const char *what)
{
	_cleanup_free_ char *problem = check(b);

	if (!problem)
		fail_msg("%s, %zu bytes: nothing is said", what, b->size);
}

static struct bytes plain_archive(void)
{
	struct bytes b = { 0 };
	char content[3000];

	for (size_t i = 0; i < sizeof(content) - 1; i++)
		content[i] = (char)('!' + i * i % 90);
	content[sizeof(content) - 1] = '\0';
	newc_add(&b, "init", "#!/bin/sh\n");
	newc_add(&b, "etc/file", content);
	newc_add(&b, "odd", "x");
	newc_trailer(&b);
	return b;
}

static struct bytes microcode(void)
{
	struct bytes b = { 0 };

	newc_add(&b, "kernel/x86/microcode/GenuineIntel.bin", "microcode");
	newc_trailer(&b);
	bytes_zeros(&b, (512 - b.size % 512) % 512);
	return b;
}

static struct bytes packed_archive(void)
{
	struct bytes plain = plain_archive(), packed = gzip_bytes(&plain);

	bytes_done(&plain);
	return packed;
}

static struct bytes early_and_packed(void)
{
	struct bytes b = microcode(), packed = packed_archive();

	bytes_add(&b, packed.data, packed.size);
	bytes_done(&packed);
	return b;
}

static void whole(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = plain_archive(),
					   packed = packed_archive(),
					   early = early_and_packed();

	(void)state;
	assert_whole(&plain);
	assert_whole(&packed);
	assert_whole(&early);
	/* Filled up to a block. */
	bytes_zeros(&plain, 512);
	assert_whole(&plain);
	/* An archive behind the archive. */
	bytes_add(&plain, packed.data, packed.size);
	assert_whole(&plain);
}

/* Cut at every byte: the trailer ends the archive, and without it there is none. */
static void plain_cut_short(void **state)
{
	_cleanup_(bytes_done) struct bytes b = plain_archive();

	(void)state;
	/* Up to three zeros fill up the trailer's name. */
	for (b.size -= 4; b.size > 0; b.size = b.size > 400 ? b.size - 97 : b.size - 1)
		assert_bad(&b, "plain");
}

static void packed_cut_short(void **state)
{
	_cleanup_(bytes_done) struct bytes b = packed_archive();

	(void)state;
	for (b.size -= 9; b.size > 0; b.size = b.size > 60 ? b.size - 37 : b.size - 1)
		assert_bad(&b, "gzip");
}

/* gzip ends in eight bytes of checksum and size, and the kernel insists on them. */
static void packed_without_its_end(void **state)
{
	_cleanup_(bytes_done) struct bytes b = packed_archive();

	(void)state;
	for (int i = 0; i < 8; i++) {
		b.size--;
		assert_bad(&b, "the end of gzip");
	}
}

static void early_cut_short(void **state)
{
	_cleanup_(bytes_done) struct bytes b = early_and_packed(), early = microcode();

	(void)state;
	for (b.size -= 9; b.size > early.size;
	     b.size = b.size > 600 ? b.size - 37 : b.size - 1)
		assert_bad(&b, "gzip behind microcode");
	/* In the microcode itself. */
	for (b.size = 250; b.size > 0; b.size -= 10)
		assert_bad(&b, "microcode");
}

static void zeros_only(void **state)
{
	_cleanup_(bytes_done) struct bytes b = { 0 };

	(void)state;
	bytes_zeros(&b, 1);
	assert_bad(&b, "a zero");
	bytes_zeros(&b, 100000);
	assert_bad(&b, "zeros");
}

static void garbage(void **state)
{
	static const char *const texts[] = {
		"x",        "070701",   "not an archive at all\n",
		"\x1f\x8b", "\3757zXZ", "(\xb5/\xfd"
	};
	_cleanup_(bytes_done) struct bytes noise = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(bytes_done) struct bytes b = { 0 };

		bytes_add(&b, texts[i], strlen(texts[i]));
		assert_bad(&b, texts[i]);
	}
	bytes_zeros(&noise, 5000);
	for (size_t i = 0; i < noise.size; i++)
		noise.data[i] = (unsigned char)(i * 2654435761u >> 9 | 1);
	assert_bad(&noise, "noise");
}

/* Sizes in a header that lead out of the file, or to where numbers end. */
static void wild_sizes(void **state)
{
	static const char *const sizes[] = { "ffffffff", "fffffffc", "7fffffff",
					     "0000zzzz", "-0000001", "        " };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_(bytes_done) struct bytes name = plain_archive(),
						   file = plain_archive();

		memcpy(name.data + 94, sizes[i], 8);
		assert_bad(&name, sizes[i]);
		memcpy(file.data + 54, sizes[i], 8);
		assert_bad(&file, sizes[i]);
	}
}

static void a_damaged_header(void **state)
{
	_cleanup_(bytes_done) struct bytes b = plain_archive();

	(void)state;
	/* The magic of the second entry. */
	b.data[110 + 6 + 12] ^= 1;
	assert_bad(&b, "a damaged magic");
}

static void not_a_file(void **state)
{
	_cleanup_free_ char *none = NULL, *folder = NULL, *empty = NULL;
	bool unreadable;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_folder(&f, "folder");
	fixture_file(&f, "empty", "");
	assert_int_equal(wb_initramfs_check(&f.root, "/none", &none, &unreadable), 0);
	assert_non_null(none);
	assert_false(unreadable);
	assert_int_equal(wb_initramfs_check(&f.root, "/folder", &folder, &unreadable), 0);
	assert_non_null(folder);
	assert_int_equal(wb_initramfs_check(&f.root, "/empty", &empty, &unreadable), 0);
	assert_non_null(empty);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(whole),
		cmocka_unit_test(plain_cut_short),
		cmocka_unit_test(packed_cut_short),
		cmocka_unit_test(packed_without_its_end),
		cmocka_unit_test(early_cut_short),
		cmocka_unit_test(zeros_only),
		cmocka_unit_test(garbage),
		cmocka_unit_test(wild_sizes),
		cmocka_unit_test(a_damaged_header),
		cmocka_unit_test(not_a_file),
	};

	return RUN_TESTS(tests);
}
