/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Kernel images that are no bzImage: what is read of them, and what kexec gets. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/strv.h"
#include "facts/kernel/image.h"
#include "facts/kernel/piece-file.h"
#include "facts/kernel/piece.h"
#include "facts/target.h"
#include "samples.h"
#include "unit.h"

#define IMAGE _cleanup_(wb_image_done) struct wb_image
#define BYTES _cleanup_(bytes_done) struct bytes

struct machine {
	struct fixture f;
	const char *name;
};

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	m->name = "aarch64";
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	fixture_done(&m->f);
	free(m);
	return 0;
}

static struct wb_image read_profile(struct machine *m, const struct bytes *b,
				    unsigned int profile)
{
	struct wb_image image;

	fixture_bytes(&m->f, "image", b->data, b->size);
	assert_int_equal(wb_image_read(&m->f.root, "/image", m->name, profile, &image),
			 0);
	assert_int_equal(wb_image_check(&m->f.root, &image), 0);
	return image;
}

static void assert_problem(struct machine *m, const struct bytes *b, const char *part)
{
	IMAGE image = read_profile(m, b, 0);

	assert_non_null(image.problem);
	if (!strstr(image.problem, part))
		fail_msg("'%s' does not say '%s'", image.problem, part);
}

/* The piece is exactly these bytes. */
static void assert_piece(struct machine *m, const struct wb_piece *piece,
			 const void *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("piece", MFD_CLOEXEC);
	struct bytes b = { malloc(size + 1), size };
	const char *why;

	assert_string_equal(piece->path, "/image");
	assert_int_equal(wb_piece_write(&m->f.root, piece, fd, &why), 0);
	assert_int_equal(pread(fd, b.data, size + 1, 0), size);
	assert_memory_equal(b.data, data, size);
	bytes_done(&b);
}

static void assert_version(const struct wb_image *image, const char *version)
{
	if (image->problem)
		fail_msg("%s", image->problem);
	assert_string_equal(image->version, version);
}

/* --- Image ------------------------------------------------------------------------ */

static void flat(void **state)
{
	BYTES arm = arm64_bytes("6.1.0-56-arm64", 200000);
	BYTES riscv = riscv64_bytes("6.12.3");
	struct machine *m = *state;
	IMAGE image = read_profile(m, &arm, 0), other = { 0 };

	assert_version(&image, "6.1.0-56-arm64");
	assert_int_equal(image.cmdline_max, 2047);
	assert_null(image.linux.path);
	assert_false(image.unified);
	m->name = "riscv64";
	other = read_profile(m, &riscv, 0);
	assert_version(&other, "6.12.3");
	assert_int_equal(other.cmdline_max, 1023);
}

static void of_another_machine(void **state)
{
	BYTES arm = arm64_bytes("6.1.0", 0), riscv = riscv64_bytes("6.1.0");
	BYTES x86 = image_bytes("6.1.0"), uki = uki_bytes("6.1.0", "x", "ID=x\n");
	BYTES zboot = zboot_bytes(PE_RISCV64, &riscv, "gzip");
	struct machine *m = *state;

	assert_problem(m, &riscv, "a kernel for riscv64, and this machine is aarch64");
	assert_problem(m, &x86, "a kernel for x86_64, and this machine is aarch64");
	assert_problem(m, &uki, "a kernel for x86_64, and this machine is aarch64");
	assert_problem(m, &zboot, "a kernel for riscv64, and this machine is aarch64");
	m->name = "x86_64";
	assert_problem(m, &arm, "a kernel for aarch64, and this machine is x86_64");
}

/* Wherever the blocks end in which it is read. */
static void banner_anywhere(void **state)
{
	enum { BLOCK = 1 << 16 };
	struct machine *m = *state;

	for (size_t before = BLOCK - 64 - 120; before < BLOCK; before++) {
		BYTES b = arm64_bytes("6.1.0", before);
		IMAGE image = read_profile(m, &b, 0);

		assert_version(&image, "6.1.0");
	}
}

static void without_a_version(void **state)
{
	static const char many_ones[] = "Linux version 6.111111111111111111111111111111"
					"1111111111111111111111111111111111111111111111 ";
	static const char *const banners[] = {
		"",
		"Linux version",
		"Linux version ",
		"Linux version %s (a@b)",
		"Linux version 6.1.0",
		"Linux version 6.1\x01 x",
		"Linux version \xff\xff ",
		many_ones,
	};
	struct machine *m = *state;

	for (size_t i = 0; i < ARRAY_SIZE(banners); i++) {
		BYTES b = { 0 };

		bytes_zeros(&b, 64);
		memcpy(b.data + 56, "ARM\x64", 4);
		bytes_add(&b, banners[i], strlen(banners[i]));
		assert_problem(m, &b, "which version");
	}
}

/* With an EFI stub it says what is in the file. */
static void cut_short(void **state)
{
	static const struct pe_section section = { ".text", "Linux version 6.1.0 x", 21 };
	BYTES b = pe_bytes(PE_AARCH64, &section, 1);
	struct machine *m = *state;
	IMAGE image = { 0 };

	memcpy(b.data + 56, "ARM\x64", 4);
	image = read_profile(m, &b, 0);
	assert_version(&image, "6.1.0");
	b.size = 512 + 20;
	assert_problem(m, &b, "cut short: its section .text");
}

/* --- through gzip ----------------------------------------------------------------- */

static void gzipped(void **state)
{
	BYTES plain = arm64_bytes("6.1.0", 300000), b = pack_bytes(&plain, "gzip");
	struct machine *m = *state;
	IMAGE image = read_profile(m, &b, 0);

	assert_version(&image, "6.1.0");
	assert_int_equal(image.cmdline_max, 2047);
	assert_true(image.linux.compressed);
	assert_piece(m, &image.linux, plain.data, plain.size);
	m->name = "x86_64";
	assert_problem(m, &b, "a kernel for aarch64");
}

/* The list is content with the beginning of it; nobody starts it. */
static void gzipped_and_cut(void **state)
{
	BYTES plain = arm64_bytes("6.1.0", 1000), b = { 0 };
	struct machine *m = *state;
	IMAGE image = { 0 };

	bytes_zeros(&plain, 500000);
	for (size_t i = 2000; i < plain.size; i++)
		plain.data[i] = (unsigned char)(i * 2654435761u >> 13);
	b = pack_bytes(&plain, "gzip");
	b.size -= 10;
	fixture_bytes(&m->f, "image", b.data, b.size);
	assert_int_equal(wb_image_read(&m->f.root, "/image", m->name, 0, &image), 0);
	assert_version(&image, "6.1.0");
	assert_int_equal(wb_image_check(&m->f.root, &image), 0);
	assert_non_null(strstr(image.problem, "cannot be unpacked"));
	for (size_t n = 1; n < 300; n++) {
		b.size = n;
		assert_problem(m, &b, n < 3 ? "not a kernel" : "gzip");
	}
}

static void something_else_in_it(void **state)
{
	BYTES plain = image_bytes("6.1.0"), b = pack_bytes(&plain, "gzip");
	BYTES twice = pack_bytes(&b, "gzip");
	struct machine *m = *state;

	assert_problem(m, &b, "gzip: it is not a kernel");
	assert_problem(m, &twice, "gzip");
}

/* --- EFI zboot -------------------------------------------------------------------- */

static void zboot(void **state)
{
	BYTES plain = arm64_bytes("6.1.0", 300000);
	BYTES b = zboot_bytes(PE_AARCH64, &plain, "gzip");
	struct machine *m = *state;
	IMAGE image = read_profile(m, &b, 0);

	assert_version(&image, "6.1.0");
	assert_piece(m, &image.linux, plain.data, plain.size);
}

static void zboot_with_problems(void **state)
{
	BYTES plain = arm64_bytes("6.1.0", 3000);
	BYTES good = zboot_bytes(PE_AARCH64, &plain, "gzip");
	BYTES none = zboot_bytes(PE_AARCH64, &plain, "brotli");
	BYTES odd = zboot_bytes(PE_AARCH64, &plain, "\x1b[31m");
	struct machine *m = *state;
	size_t whole = good.size;

	assert_problem(m, &none, "compressed with 'brotli'");
	assert_problem(m, &odd, "'?[31m'");
	for (size_t n = 1; n < 512; n++) {
		good.size = n;
		assert_problem(m, &good, "");
	}
	good.size = 520;
	assert_problem(m, &good, "cut short");
	good.size = whole;
	put32(&good, 8, 0xffffffff);
	assert_problem(m, &good, "cut short or damaged");
	put32(&good, 8, 512);
	put32(&good, 12, 0xffffffff);
	assert_problem(m, &good, "cut short or damaged");
	put32(&good, 12, 0);
	assert_problem(m, &good, "cut short or damaged");
	put32(&good, 12, 30);
	assert_problem(m, &good, "cannot be unpacked");
	put32(&good, 8, 64);
	assert_problem(m, &good, "cannot be unpacked");
}

/* --- unified kernel images -------------------------------------------------------- */

#define TEXT(s) s, sizeof(s) - 1

static void unified(void **state)
{
	BYTES kernel = image_bytes("6.1.0");
	const struct pe_section sections[] = {
		{ ".text", TEXT("stub") },
		{ ".initrd", TEXT("ramfs") },
		{ ".ucode", TEXT("microcode") },
		{ ".osrel", TEXT("ID=x\r\nPRETTY_NAME='A \"B\" C'\n") },
		{ ".cmdline", TEXT("\n root=/dev/sda1\tquiet \r\n\0 not this") },
		{ ".splash", TEXT("BM") },
		{ ".pcrsig", TEXT("{}") },
		{ ".dtb", TEXT("tree") },
		{ ".linux", kernel.data, kernel.size },
	};
	BYTES b = pe_bytes(PE_X86_64, sections, ARRAY_SIZE(sections));
	struct machine *m = *state;
	IMAGE image = { 0 };

	m->name = "x86_64";
	fixture_file(&m->f, "image.extra.d/x.addon.efi", "x");
	fixture_file(&m->f, "image.extra.d/y.cred", "x");
	fixture_file(&m->f, "image.extra.d/README", "x");
	image = read_profile(m, &b, 0);
	assert_version(&image, "6.1.0");
	assert_true(image.unified);
	assert_int_equal(image.cmdline_max, IMAGE_CMDLINE_MAX);
	assert_string_equal(image.cmdline, "root=/dev/sda1 quiet");
	assert_string_equal(image.title, "A \"B\" C");
	assert_piece(m, &image.linux, kernel.data, kernel.size);
	assert_int_equal(image.n_initrd, 2);
	assert_piece(m, &image.initrd[0], TEXT("microcode"));
	assert_piece(m, &image.initrd[1], TEXT("ramfs"));
	assert_int_equal(wb_strv_length(image.lost), 5);
	assert_non_null(strstr(image.lost[0], ".pcrsig"));
	assert_non_null(strstr(image.lost[1], ".dtb"));
	assert_non_null(strstr(image.lost[2], ".splash"));
	assert_non_null(strstr(image.lost[3], "add-on /image.extra.d/x.addon.efi"));
	assert_non_null(strstr(image.lost[4], "credential /image.extra.d/y.cred"));
}

/* Add-ons for all images of the partition. */
static void lost_of_the_partition(void **state)
{
	BYTES b = uki_bytes("6.1.0", NULL, NULL);
	struct machine *m = *state;
	IMAGE image = { 0 }, counted = { 0 };

	fixture_bytes(&m->f, "efi/EFI/Linux/a.efi", b.data, b.size);
	fixture_bytes(&m->f, "efi/EFI/Linux/b+3-1.efi", b.data, b.size);
	fixture_file(&m->f, "efi/EFI/Linux/b.efi.extra.d/b.sysext.raw", "x");
	fixture_file(&m->f, "efi/loader/addons/all.addon.efi", "x");
	fixture_file(&m->f, "efi/loader/credentials/key.cred", "x");
	assert_int_equal(wb_image_read(&m->f.root, "/efi/EFI/Linux/a.efi", NULL, 0,
				       &image),
			 0);
	assert_version(&image, "6.1.0");
	assert_int_equal(wb_strv_length(image.lost), 2);
	assert_non_null(strstr(image.lost[0], "/efi/loader/addons/all.addon.efi"));
	assert_null(image.cmdline);
	assert_null(image.title);
	assert_int_equal(wb_image_read(&m->f.root, "/efi/EFI/Linux/b+3-1.efi", NULL, 0,
				       &counted),
			 0);
	assert_int_equal(wb_strv_length(counted.lost), 3);
	assert_non_null(strstr(counted.lost[0], "/efi/EFI/Linux/b.efi.extra.d/b.sysext"));
}

/* --- as the target ---------------------------------------------------------------- */

static char image_path[] = "/image";

static void as_the_target(void **state)
{
	const struct wb_kernel kernel = { .linux = image_path, .profile = 1 };
	BYTES plain = arm64_bytes("6.1.0", 3000), gzip = pack_bytes(&plain, "gzip");
	const struct pe_section sections[] = {
		{ ".linux", gzip.data, gzip.size }, { ".initrd", TEXT("a") },
		{ ".splash", TEXT("BM") },          { ".profile", TEXT("ID=a") },
		{ ".profile", TEXT("ID=b") },       { ".initrd", TEXT("b") },
	};
	BYTES b = pe_bytes(PE_AARCH64, sections, ARRAY_SIZE(sections));
	_cleanup_(wb_target_done) struct wb_target target = { 0 }, damaged = { 0 };
	struct machine *m = *state;
	const struct wb_facts facts = { .state.machine = (char *)(uintptr_t)m->name };
	const struct wb_target_spec spec = { .kernel = &kernel, .options = "" };

	fixture_bytes(&m->f, "image", b.data, b.size);
	assert_int_equal(wb_target_read(&m->f.root, &facts, &spec, &target), 0);
	assert_null(target.image_problem);
	assert_piece(m, &target.linux, plain.data, plain.size);
	assert_int_equal(target.n_initrd, 1);
	assert_piece(m, &target.initrd[0], TEXT("b"));
	assert_int_equal(wb_strv_length(target.lost), 1);
	/* The end of what is compressed is missing: its last bytes are its size. */
	gzip.size -= 6;
	fixture_bytes(&m->f, "image", gzip.data, gzip.size);
	assert_int_equal(wb_target_read(&m->f.root, &facts, &spec, &damaged), 0);
	assert_non_null(strstr(damaged.image_problem, "cannot be unpacked"));
}

static void profiles(void **state)
{
	BYTES first = image_bytes("6.1.0"), second = image_bytes("6.2.0");
	const struct pe_section sections[] = {
		{ ".linux", first.data, first.size },
		{ ".initrd", TEXT("a") },
		{ ".cmdline", TEXT("for all") },
		{ ".profile", TEXT("ID=a") },
		{ ".profile", TEXT("ID=b") },
		{ ".linux", second.data, second.size },
		{ ".ucode", TEXT("u") },
		{ ".initrd", TEXT("b") },
	};
	BYTES b = pe_bytes(PE_X86_64, sections, ARRAY_SIZE(sections));
	struct machine *m = *state;
	IMAGE a = { 0 }, other = { 0 };

	m->name = "x86_64";
	a = read_profile(m, &b, 0);
	assert_version(&a, "6.1.0");
	assert_int_equal(a.n_initrd, 1);
	assert_piece(m, &a.initrd[0], TEXT("a"));
	other = read_profile(m, &b, 1);
	assert_version(&other, "6.2.0");
	assert_string_equal(other.cmdline, "for all");
	assert_int_equal(other.n_initrd, 2);
	assert_piece(m, &other.initrd[0], TEXT("u"));
	assert_piece(m, &other.initrd[1], TEXT("b"));
	assert_piece(m, &other.linux, second.data, second.size);
}

static struct bytes unified_around(unsigned int machine, const struct bytes *kernel,
				   const char *uname)
{
	const struct pe_section sections[] = {
		{ ".uname", uname, strlen(uname) },
		{ ".linux", kernel->data, kernel->size },
	};

	return pe_bytes(machine, sections, ARRAY_SIZE(sections));
}

/* A kernel in a program in a program. */
static void nested(void **state)
{
	BYTES plain = arm64_bytes("6.1.0", 100000), gzip = pack_bytes(&plain, "gzip");
	BYTES inner = zboot_bytes(PE_AARCH64, &plain, "gzip");
	BYTES b = unified_around(PE_AARCH64, &inner, ""),
	      around_gzip = unified_around(PE_AARCH64, &gzip, "6.6.6\n"),
	      twice = unified_around(PE_AARCH64, &b, "6.1.0");
	struct machine *m = *state;
	IMAGE image = read_profile(m, &b, 0), other = { 0 };

	assert_version(&image, "6.1.0");
	assert_piece(m, &image.linux, plain.data, plain.size);
	other = read_profile(m, &around_gzip, 0);
	/* Its builder's word, in place of a search. */
	assert_version(&other, "6.6.6");
	assert_piece(m, &other.linux, plain.data, plain.size);
	assert_problem(m, &twice, "of the kernel in it: it is not a kernel");
}

/* A bzImage says itself which version it is, and at no cost. */
static void uname_that_lies(void **state)
{
	BYTES kernel = image_bytes("6.1.0"), b = unified_around(PE_X86_64, &kernel, "9");
	struct machine *m = *state;
	IMAGE image = { 0 };

	m->name = "x86_64";
	image = read_profile(m, &b, 0);
	assert_version(&image, "6.1.0");
}

/* For a firmware of 32 bits. */
static void stub_of_another_kind(void **state)
{
	BYTES kernel = image_bytes("6.1.0"), b = unified_around(0x014c, &kernel, "6.1.0");
	struct machine *m = *state;
	IMAGE image = { 0 };

	m->name = "x86_64";
	image = read_profile(m, &b, 0);
	assert_version(&image, "6.1.0");
}

/* A path is made of it. */
static void uname_that_is_none(void **state)
{
	static const char *const names[] = { "../../etc", "a b", "a\nb", "/" };
	BYTES kernel = arm64_bytes("6.1.0", 0);
	struct machine *m = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		BYTES b = unified_around(PE_AARCH64, &kernel, names[i]);
		IMAGE image = read_profile(m, &b, 0);

		assert_version(&image, "6.1.0");
	}
}

static void unified_with_problems(void **state)
{
	BYTES kernel = image_bytes("6.1.0"), arm = arm64_bytes("6.1.0", 0);
	BYTES good = unified_around(PE_X86_64, &kernel, "6.1.0");
	BYTES foreign = unified_around(PE_X86_64, &arm, "6.1.0"), short_one = { 0 };
	const struct pe_section none = { ".text", TEXT("x") };
	BYTES empty = pe_bytes(PE_X86_64, &none, 1);
	struct machine *m = *state;

	m->name = "x86_64";
	kernel.size -= 512;
	short_one = unified_around(PE_X86_64, &kernel, "6.1.0");
	assert_problem(m, &short_one, "of the kernel in it: it is cut short");
	assert_problem(m, &foreign, "of the kernel in it: it is a kernel for aarch64");
	assert_problem(m, &empty, "an EFI program for x86_64 with no kernel in it");
	for (size_t n = 1; n < 2048; n++) {
		good.size = n;
		assert_problem(m, &good, "");
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flat),
		TEST(of_another_machine),
		TEST(banner_anywhere),
		TEST(without_a_version),
		TEST(cut_short),
		TEST(gzipped),
		TEST(gzipped_and_cut),
		TEST(something_else_in_it),
		TEST(zboot),
		TEST(zboot_with_problems),
		TEST(unified),
		TEST(lost_of_the_partition),
		TEST(as_the_target),
		TEST(profiles),
		TEST(nested),
		TEST(uname_that_lies),
		TEST(stub_of_another_kind),
		TEST(uname_that_is_none),
		TEST(unified_with_problems),
	};

	return RUN_TESTS(tests);
}
