/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Unified kernel images in the menu of systemd-boot. */

#include <string.h>

#include "base/text.h"
#include "bls-machine.h"
#include "samples.h"
#include "unit.h"

#define ARCH "NAME=x\nPRETTY_NAME=\"Arch Linux\"\nID=arch\n"

/* boot/EFI/Linux/NAME, and the modules of VERSION. */
static void put_uki(struct bls_machine *m, const char *name, const char *version,
		    const char *osrel)
{
	_cleanup_free_ char *path = wb_format("boot/EFI/Linux/%s", name);
	_cleanup_free_ char *modules = wb_format("lib/modules/%s", version);
	_cleanup_(bytes_done) struct bytes b =
		uki_bytes(version, " root=/dev/sda1\n ro\n\t", osrel);

	fixture_bytes(&m->f, path, b.data, b.size);
	fixture_folder(&m->f, modules);
}

static void one(void **state)
{
	struct bls_machine *m = *state;
	const struct wb_kernel *k;

	put_uki(m, "arch.efi", "6.9", ARCH);
	fixture_file(&m->f, "boot/EFI/Linux/README", "x");
	fixture_folder(&m->f, "boot/EFI/Linux/arch.efi.extra.d");
	fixture_folder(&m->f, "boot/EFI/Linux/folder.efi");
	bls_assert_marks(m, "arch.efi", NULL);
	assert_int_equal(m->list.n, 1);
	k = &m->list.items[0];
	assert_null(k->problem);
	assert_string_equal(k->source, "uki");
	assert_string_equal(k->title, "Arch Linux");
	assert_string_equal(k->version, "6.9");
	assert_string_equal(k->linux, "/boot/EFI/Linux/arch.efi");
	assert_string_equal(k->options, "root=/dev/sda1  ro");
	assert_null(k->initrd);
	assert_true(k->unified);
	assert_false(k->bad);
}

static void counted(void **state)
{
	struct bls_machine *m = *state;

	put_uki(m, "arch-6.9.efi", "6.9", ARCH);
	put_uki(m, "arch-7+0-3.efi", "7", ARCH);
	bls_assert_marks(m, "arch-6.9.efi", NULL);
	assert_true(bls_find(m, "arch-7.efi")->bad);
	assert_string_equal(bls_find(m, "arch-7.efi")->linux,
			    "/boot/EFI/Linux/arch-7+0-3.efi");
	put_uki(m, "arch-8+3.efi", "8", ARCH);
	bls_efivar(m, "LoaderEntryOneShot", "arch-7.efi");
	bls_assert_marks(m, "arch-8.efi", "arch-7.efi");
}

/* One menu of both types, as systemd-boot has it. */
static void beside_entries(void **state)
{
	struct bls_machine *m = *state;

	/* sort-key "linux", after "arch". */
	bls_entry(m, "boot", "linux-6.9", "6.9");
	put_uki(m, "arch.efi", "6.9", ARCH);
	bls_assert_marks(m, "arch.efi", NULL);
	put_uki(m, "arch.efi", "6.9", "ID=zorin\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	/* Of one key the version decides: that of the system, not of the kernel. */
	put_uki(m, "arch.efi", "6.1", "ID=linux\nVERSION_ID=6.10\n");
	bls_assert_marks(m, "arch.efi", NULL);
	put_uki(m, "arch.efi", "7.1", "ID=linux\nVERSION_ID=6.8\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	put_uki(m, "arch.efi", "7.1", "ID=linux\nVERSION_ID=6.8\nIMAGE_VERSION=7\n");
	bls_assert_marks(m, "arch.efi", NULL);
	put_uki(m, "arch.efi", "7.1", "ID=a\nIMAGE_ID=m\nVERSION_ID=6.8\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	/* Names are patterns of both. */
	fixture_file(&m->f, "boot/loader/loader.conf", "default arch*\n");
	bls_assert_marks(m, "arch.efi", NULL);
	bls_efivar(m, "LoaderEntryDefault", "linux-6.9.conf");
	bls_efivar(m, "LoaderEntryOneShot", "arch.efi");
	bls_assert_marks(m, "linux-6.9", "arch.efi");
	bls_efivar(m, "LoaderEntryDefault", "arch");
	bls_assert_marks(m, "arch.efi", "arch.efi");
}

/* What systemd-boot leaves out is listed, and never its default. */
static void without_a_system(void **state)
{
	struct bls_machine *m = *state;

	put_uki(m, "arch.efi", "6.9", NULL);
	bls_assert_marks(m, NULL, NULL);
	assert_null(bls_find(m, "arch.efi")->problem);
	assert_string_equal(bls_find(m, "arch.efi")->title, "6.9");
	put_uki(m, "arch.efi", "6.9", "# nothing\nPRETTY_NAME=\nBUILD_ID=rolling\n");
	bls_assert_marks(m, NULL, NULL);
}

/* GRUB has never heard of them. */
static void beside_grub(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux-6.9", "6.9");
	put_uki(m, "arch.efi", "7", ARCH);
	fixture_file(&m->f, "boot/grub2/grub.cfg", "blscfg\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	fixture_file(&m->f, "boot/grub2/grub.cfg", "menuentry x {\n}\n");
	bls_assert_marks(m, NULL, NULL);
	bls_efivar(m, "LoaderInfo", "systemd-boot 257");
	bls_assert_marks(m, "arch.efi", NULL);
}

static void put_profiles(struct bls_machine *m)
{
	_cleanup_(bytes_done) struct bytes image = image_bytes("6.9");
	const struct pe_section sections[] = {
		{ ".osrel", ARCH, sizeof(ARCH) - 1 },
		{ ".cmdline", "main", 4 },
		{ ".linux", image.data, image.size },
		{ ".profile", "ID=main\n", 8 },
		{ ".profile", "ID=rescue\nTITLE=Rescue me\n", 26 },
		{ ".cmdline", "rescue", 6 },
		{ ".profile", "x", 1 },
	};
	_cleanup_(bytes_done) struct bytes b =
		pe_bytes(PE_X86_64, sections, ARRAY_SIZE(sections));

	fixture_bytes(&m->f, "boot/EFI/Linux/arch+3.efi", b.data, b.size);
	fixture_folder(&m->f, "lib/modules/6.9");
}

static void profiles(void **state)
{
	struct bls_machine *m = *state;
	const struct wb_kernel *k;

	put_profiles(m);
	bls_assert_marks(m, "arch.efi", NULL);
	assert_int_equal(m->list.n, 3);
	k = bls_find(m, "arch.efi");
	assert_string_equal(k->title, "Arch Linux");
	assert_string_equal(k->options, "main");
	k = bls_find(m, "arch.efi@rescue");
	assert_string_equal(k->title, "Arch Linux (Rescue me)");
	assert_string_equal(k->options, "rescue");
	assert_string_equal(k->linux, "/boot/EFI/Linux/arch+3.efi");
	assert_int_equal(k->profile, 1);
	k = bls_find(m, "arch.efi@2");
	assert_string_equal(k->title, "Arch Linux (Profile #3)");
	assert_string_equal(k->options, "main");
	bls_efivar(m, "LoaderEntryDefault", "arch.efi@rescue");
	bls_efivar(m, "LoaderEntryOneShot", "arch.efi");
	bls_assert_marks(m, "arch.efi@rescue", "arch.efi");
}

/* An entry of type 1 may name such an image, and has the last word on options. */
static void named_by_an_entry(void **state)
{
	struct bls_machine *m = *state;

	put_uki(m, "arch.efi", "6.9", ARCH);
	fixture_file(&m->f, "boot/loader/entries/a.conf", "uki /EFI/Linux/arch.efi\n");
	fixture_file(&m->f, "boot/loader/entries/b.conf",
		     "title B\nefi /EFI/Linux/arch.efi\noptions quiet\n");
	bls_read(m);
	assert_int_equal(m->list.n, 3);
	assert_null(bls_find(m, "a")->problem);
	assert_true(bls_find(m, "a")->unified);
	assert_string_equal(bls_find(m, "a")->title, "Arch Linux");
	assert_string_equal(bls_find(m, "a")->options, "root=/dev/sda1  ro");
	assert_string_equal(bls_find(m, "b")->title, "B");
	assert_string_equal(bls_find(m, "b")->options, "quiet");
}

static void with_problems(void **state)
{
	struct bls_machine *m = *state;
	_cleanup_(bytes_done) struct bytes arm = pe_bytes(PE_AARCH64, NULL, 0);
	_cleanup_(bytes_done) struct bytes cut = uki_bytes("6.9", "x", ARCH);

	put_uki(m, "good.efi", "6.9", ARCH);
	cut.size -= 512;
	fixture_bytes(&m->f, "boot/EFI/Linux/cut.efi", cut.data, cut.size);
	fixture_bytes(&m->f, "boot/EFI/Linux/shell.efi", arm.data, arm.size);
	fixture_file(&m->f, "boot/EFI/Linux/empty.efi", "");
	fixture_file(&m->f, "boot/EFI/Linux/garbage.efi", "MZ and no more");
	fixture_link(&m->f, "boot/EFI/Linux/circle.efi", "circle.efi");
	fixture_link(&m->f, "boot/EFI/Linux/outside.efi", "/../../../../../bin/sh");
	bls_assert_marks(m, "good.efi", NULL);
	assert_int_equal(m->list.n, 7);
	bls_assert_problem(m, "cut.efi", "cut short");
	bls_assert_problem(m, "shell.efi", "EFI program for aarch64 with no kernel");
	bls_assert_problem(m, "empty.efi", "empty");
	bls_assert_problem(m, "garbage.efi", "not a kernel");
	bls_assert_problem(m, "circle.efi", "cannot be read");
	bls_assert_problem(m, "outside.efi", "cannot be read");
	assert_null(bls_find(m, "good.efi")->problem);
}

/* One partition by two names. */
static void same_partition(void **state)
{
	struct bls_machine *m = *state;

	put_uki(m, "arch.efi", "6.9", ARCH);
	fixture_link(&m->f, "efi", "boot");
	bls_assert_marks(m, "arch.efi", NULL);
	assert_int_equal(m->list.n, 1);
}

/* The operator names it: its own command line, and no initramfs of another. */
static void by_path(void **state)
{
	_cleanup_(bytes_done) struct bytes b = uki_bytes("6.9", "root=/dev/sdz1", NULL);
	struct bls_machine *m = *state;
	static char cmdline[] = "running";
	const struct wb_kernel *k;

	m->state.cmdline = cmdline;
	fixture_bytes(&m->f, "home/x-6.9.efi", b.data, b.size);
	fixture_file(&m->f, "home/initrd.img-6.9", "x");
	fixture_folder(&m->f, "lib/modules/6.9");
	assert_int_equal(wb_kernels_add(&m->f.root, &m->list, "path", "/home/x-6.9.efi"),
			 0);
	k = &m->list.items[0];
	assert_null(k->problem);
	assert_true(k->unified);
	assert_null(k->initrd);
	assert_string_equal(k->options, "root=/dev/sdz1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bls_setup, bls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one),
		TEST(counted),
		TEST(beside_entries),
		TEST(without_a_system),
		TEST(beside_grub),
		TEST(profiles),
		TEST(named_by_an_entry),
		TEST(with_problems),
		TEST(same_partition),
		TEST(by_path),
	};

	return RUN_TESTS(tests);
}
