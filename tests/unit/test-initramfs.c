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

/* What comes of walking the file; the caller's to free. */
static struct wb_initramfs walk(const struct bytes *b, uint64_t offset, uint64_t size)
{
	struct wb_initramfs initramfs = { 0 };
	char path[] = "/initrd";
	const struct wb_piece piece = { path, offset, size, false };
	struct fixture f;

	fixture_init(&f);
	fixture_bytes(&f, "initrd", b->data, b->size);
	assert_int_equal(wb_initramfs_walk(&f.root, &piece, "6.1", &initramfs), 0);
	assert_false(initramfs.unreadable);
	fixture_done(&f);
	return initramfs;
}

/* What is wrong with it; the caller's, NULL where nothing is. */
static char *check(const struct bytes *b)
{
	_cleanup_(wb_initramfs_done) struct wb_initramfs initramfs = walk(b, 0, 0);

	if (initramfs.problem)
		assert_string_equal(initramfs.problem_path, "/initrd");
	return TAKE_PTR(initramfs.problem);
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
	struct bytes plain = plain_archive(), packed = pack_bytes(&plain, "gzip");

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

static void assert_problem(struct fixture *f, const char *name, const char *part)
{
	_cleanup_(wb_initramfs_done) struct wb_initramfs initramfs = { 0 };
	_cleanup_free_ char *path = strdup(name);
	const struct wb_piece piece = { .path = path };

	assert_int_equal(wb_initramfs_walk(&f->root, &piece, NULL, &initramfs), 0);
	assert_non_null(initramfs.problem);
	assert_non_null(strstr(initramfs.problem, part));
	assert_string_equal(initramfs.problem_path, name);
	assert_false(initramfs.unreadable);
}

static void not_a_file(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_folder(&f, "folder");
	fixture_file(&f, "empty", "");
	fixture_link(&f, "circle", "circle");
	fixture_link(&f, "outside", "../../../etc/passwd");
	assert_problem(&f, "/none", "cannot be read");
	assert_problem(&f, "/folder", "not a regular file");
	assert_problem(&f, "/empty", "empty");
	assert_problem(&f, "/circle", "cannot be read");
	assert_problem(&f, "/outside", "cannot be read");
	fixture_done(&f);
}

/* --- each compression ------------------------------------------------------------- */

static const char *const methods[] = {
	"gzip", "bzip2", "lzma", "xz", "zstd", "lz4", "lzo"
};

static struct bytes packed_by(const char *how)
{
	struct bytes plain = plain_archive(), packed = pack_bytes(&plain, how);

	bytes_done(&plain);
	return packed;
}

static void each_compression(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		_cleanup_(bytes_done) struct bytes b = packed_by(methods[i]);
		_cleanup_free_ char *problem = check(&b);

		if (problem)
			fail_msg("%s: %s", methods[i], problem);
		/* Filled up, to what is no multiple of four. */
		bytes_zeros(&b, 507);
		assert_whole(&b);
	}
}

/* Truncated at every byte. */
static void each_compression_cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		_cleanup_(bytes_done) struct bytes b = packed_by(methods[i]);

		while (--b.size > 0)
			assert_bad(&b, methods[i]);
	}
}

/* One bit in the middle: all but the bare lzma and lz4 have a sum, or notice. */
static void each_compression_damaged(void **state)
{
	static const char *const summed[] = { "gzip", "bzip2", "xz" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(summed); i++) {
		_cleanup_(bytes_done) struct bytes b = packed_by(summed[i]);

		b.data[b.size / 2] ^= 4;
		assert_bad(&b, summed[i]);
	}
}

/* A member of each, right behind one another or with zeros between, in both orders. */
static void members(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		for (size_t j = 0; j < ARRAY_SIZE(methods); j++) {
			_cleanup_(bytes_done) struct bytes b = packed_by(methods[i]),
							   c = packed_by(methods[j]);
			_cleanup_free_ char *problem = NULL;
			size_t gap = strcmp(methods[i], "lz4") == 0 ? 4 : (i + j) % 4;

			bytes_zeros(&b, gap);
			bytes_add(&b, c.data, c.size);
			problem = check(&b);
			if (problem)
				fail_msg("%s, %zu zeros, %s: %s", methods[i], gap,
					 methods[j], problem);
			/* The second is walked too. */
			b.size -= 2;
			assert_bad(&b, methods[j]);
		}
}

/* The kernel takes the next magic for more of the same, and what else follows for the
 * size of a chunk. */
static void behind_lz4(void **state)
{
	_cleanup_(bytes_done) struct bytes twice = packed_by("lz4"),
					   other = packed_by("lz4"),
					   gzip = packed_by("gzip"),
					   plain = plain_archive(), few = { 0 };

	(void)state;
	bytes_add(&few, other.data, other.size);
	bytes_add(&twice, other.data, other.size);
	assert_whole(&twice);
	bytes_add(&other, gzip.data, gzip.size);
	assert_bad(&other, "gzip behind lz4");
	bytes_zeros(&few, 3);
	bytes_add(&few, plain.data, plain.size);
	assert_bad(&few, "three zeros and a plain archive behind lz4");
}

static void what_the_kernel_cannot(void **state)
{
	_cleanup_(bytes_done) struct bytes xz = packed_by("xz-crc64"),
					   lz4 = packed_by("lz4-frame");
	_cleanup_free_ char *no_check = check(&xz), *no_frame = check(&lz4);

	(void)state;
	assert_non_null(no_check);
	assert_non_null(strstr(no_check, "--check=crc32"));
	assert_non_null(no_frame);
	assert_non_null(strstr(no_frame, "lz4 -l"));
}

/* --- several parts ---------------------------------------------------------------- */

/* Microcode, gzip, a gap, plain, xz. */
static struct bytes many_parts(void)
{
	struct bytes b = { 0 }, early = { 0 }, plain = { 0 }, gzip, xz;

	newc_add(&early, "kernel/x86/microcode/x", "m");
	newc_trailer(&early);
	newc_add(&plain, "init", "i");
	newc_trailer(&plain);
	gzip = pack_bytes(&plain, "gzip");
	xz = pack_bytes(&plain, "xz");
	bytes_add(&b, early.data, early.size);
	bytes_add(&b, gzip.data, gzip.size);
	bytes_zeros(&b, 4 - b.size % 4);
	bytes_add(&b, plain.data, plain.size);
	bytes_add(&b, xz.data, xz.size);
	bytes_done(&early);
	bytes_done(&plain);
	bytes_done(&gzip);
	bytes_done(&xz);
	return b;
}

/* Cut where a part ends it is a whole one with fewer parts; anywhere else it is not. */
static void many_parts_cut_short(void **state)
{
	_cleanup_(bytes_done) struct bytes b = many_parts();
	size_t n_whole = 0;

	(void)state;
	assert_whole(&b);
	while (--b.size > 0) {
		_cleanup_free_ char *problem = check(&b);

		n_whole += problem == NULL;
	}
	/* After the microcode; gzip, and each of the zeros behind it; the plain one. */
	assert_in_range(n_whole, 3 + 1, 3 + 4);
}

static void no_multiple_of_four(void **state)
{
	_cleanup_(bytes_done) struct bytes packed = packed_archive(),
					   plain = plain_archive(), both = { 0 };

	(void)state;
	bytes_add(&both, packed.data, packed.size);
	bytes_zeros(&both, 5 - both.size % 4);
	bytes_add(&both, plain.data, plain.size);
	assert_bad(&both, "a plain archive at an odd place");
	bytes_zeros(&plain, 1);
	bytes_add(&plain, packed.data, packed.size);
	assert_bad(&plain, "gzip at an odd place behind a plain archive");
}

/* Archives one after another inside one compressed part, and rubbish behind them. */
static void inside_one_part(void **state)
{
	_cleanup_(bytes_done) struct bytes twice = plain_archive(),
					   second = plain_archive(), good = { 0 },
					   junk = { 0 }, open = { 0 }, cut = { 0 };

	(void)state;
	bytes_zeros(&twice, 512);
	bytes_add(&twice, second.data, second.size);
	good = pack_bytes(&twice, "zstd");
	assert_whole(&good);
	bytes_add(&twice, "junk", 4);
	junk = pack_bytes(&twice, "zstd");
	assert_bad(&junk, "rubbish behind the archive");
	newc_add(&open, "init", "x");
	cut = pack_bytes(&open, "zstd");
	assert_bad(&cut, "no trailer");
}

/* A part of a larger file: a section of a unified kernel image. */
static void a_piece(void **state)
{
	_cleanup_(bytes_done) struct bytes b = { 0 }, packed = packed_archive();
	_cleanup_(wb_initramfs_done) struct wb_initramfs whole = { 0 }, beyond = { 0 },
							 outside = { 0 }, open = { 0 };

	(void)state;
	bytes_add(&b, "MZ and so on", 12);
	bytes_add(&b, packed.data, packed.size);
	whole = walk(&b, 12, packed.size);
	assert_null(whole.problem);
	assert_int_equal(whole.n_files, 3);
	open = walk(&b, 12, 0);
	assert_null(open.problem);
	beyond = walk(&b, 12, packed.size + 1);
	assert_non_null(beyond.problem);
	outside = walk(&b, UINT64_MAX - 3, 8);
	assert_non_null(outside.problem);
}

/* --- what is in it ---------------------------------------------------------------- */

static void modules(void **state)
{
	_cleanup_(bytes_done) struct bytes b = { 0 }, packed = { 0 };
	_cleanup_(wb_initramfs_done) struct wb_initramfs i = { 0 };

	(void)state;
	newc_add(&b, "usr/lib/modules/6.1", "");
	newc_add(&b, "usr/lib/modules/6.1/kernel/drivers/nvme/host/nvme-core.ko", "x");
	newc_add(&b, "./lib/modules/6.1/kernel/fs/ext4/ext4.ko.zst", "x");
	newc_add(&b, "lib/modules/6.1/updates/zfs.ko.xz", "x");
	newc_add(&b, "lib/modules/6.1/modules.dep", "x");
	newc_add(&b, "lib/modules/6.1/kernel/not.kof", "x");
	newc_add(&b, "usr/lib/modules/5.9/kernel/other.ko", "x");
	newc_add(&b, "lib/modules//kernel/none.ko", "x");
	newc_trailer(&b);
	packed = pack_bytes(&b, "zstd");
	i = walk(&packed, 0, 0);
	assert_null(i.problem);
	assert_int_equal(wb_strv_length(i.releases), 2);
	assert_true(wb_strv_contains(i.releases, "6.1"));
	assert_true(wb_strv_contains(i.releases, "5.9"));
	assert_int_equal(i.n_modules, 3);
	assert_true(wb_initramfs_has_module(&i, "nvme_core"));
	assert_true(wb_initramfs_has_module(&i, "ext4"));
	assert_true(wb_initramfs_has_module(&i, "zfs"));
	assert_false(wb_initramfs_has_module(&i, "other"));
}

static void thousands_of_modules(void **state)
{
	_cleanup_(bytes_done) struct bytes b = { 0 };
	_cleanup_(wb_initramfs_done) struct wb_initramfs i = { 0 };

	(void)state;
	for (int n = 0; n < 3000; n++) {
		_cleanup_free_ char *name = wb_format("lib/modules/6.1/%d.ko", n);

		newc_add(&b, name, "");
	}
	for (int n = 0; n < 500; n++) {
		_cleanup_free_ char *name = wb_format("lib/modules/%d/x.ko", n);

		newc_add(&b, name, "");
	}
	newc_trailer(&b);
	i = walk(&b, 0, 0);
	assert_null(i.problem);
	assert_int_equal(i.n_modules, 3000);
	assert_true(wb_initramfs_has_module(&i, "2999"));
	assert_int_equal(wb_strv_length(i.releases), 64);
}

/* It counts only before anything that is compressed, whichever file it is in. */
static void early_microcode(void **state)
{
	_cleanup_(bytes_done) struct bytes early = early_and_packed(),
					   late = packed_archive(), code = microcode(),
					   hidden = { 0 };
	_cleanup_(wb_initramfs_done) struct wb_initramfs good = walk(&early, 0, 0),
							 bad = { 0 }, inside = { 0 };

	(void)state;
	assert_null(good.problem);
	assert_false(good.late_microcode);
	bytes_zeros(&late, 8 - late.size % 4);
	bytes_add(&late, code.data, code.size);
	bad = walk(&late, 0, 0);
	assert_null(bad.problem);
	assert_true(bad.late_microcode);
	hidden = pack_bytes(&code, "gzip");
	inside = walk(&hidden, 0, 0);
	assert_true(inside.late_microcode);
}

static void several_files(void **state)
{
	_cleanup_(bytes_done) struct bytes code = microcode(), packed = packed_archive();
	_cleanup_(wb_initramfs_done) struct wb_initramfs good = { 0 }, bad = { 0 };
	char first[] = "/first", second[] = "/second", none[] = "/none";
	const struct wb_piece pieces[] = { { .path = first },
					   { .path = second },
					   { .path = none } };
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_bytes(&f, "first", code.data, code.size);
	fixture_bytes(&f, "second", packed.data, packed.size);
	for (int i = 0; i < 2; i++)
		assert_int_equal(wb_initramfs_walk(&f.root, &pieces[i], NULL, &good), 0);
	assert_null(good.problem);
	assert_int_equal(good.n_files, 4);
	assert_false(good.late_microcode);
	for (int i = 2; i >= 0; i--)
		assert_int_equal(wb_initramfs_walk(&f.root, &pieces[i], NULL, &bad), 0);
	/* The first that is bad, and nothing after it. */
	assert_string_equal(bad.problem_path, "/none");
	assert_int_equal(bad.n_files, 0);
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
		cmocka_unit_test(each_compression),
		cmocka_unit_test(each_compression_cut_short),
		cmocka_unit_test(each_compression_damaged),
		cmocka_unit_test(members),
		cmocka_unit_test(behind_lz4),
		cmocka_unit_test(what_the_kernel_cannot),
		cmocka_unit_test(many_parts_cut_short),
		cmocka_unit_test(no_multiple_of_four),
		cmocka_unit_test(inside_one_part),
		cmocka_unit_test(a_piece),
		cmocka_unit_test(modules),
		cmocka_unit_test(thousands_of_modules),
		cmocka_unit_test(early_microcode),
		cmocka_unit_test(several_files),
	};

	return RUN_TESTS(tests);
}
