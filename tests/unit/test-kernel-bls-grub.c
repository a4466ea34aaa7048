/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Entries of the Boot Loader Specification as the GRUB of Fedora and RHEL reads them. */

#include <string.h>

#include "base/text.h"
#include "bls-machine.h"
#include "unit.h"

#define MACHINE_ID "0123456789abcdef0123456789abcdef"
#define HEADER     "# GRUB Environment Block\n"

static const char grubcfg[] = "set timeout=5\n"
			      "if [ -s $prefix/grubenv ]; then\n"
			      "  load_env\n"
			      "fi\n"
			      "if [ \"${next_entry}\" ] ; then\n"
			      "   set default=\"${next_entry}\"\n"
			      "else\n"
			      "   set default=\"${saved_entry}\"\n"
			      "fi\n"
			      "insmod blscfg\n"
			      "blscfg\n";

static void put_fedora_entry(struct bls_machine *m, const char *prefix,
			     const char *version)
{
	_cleanup_free_ char *path =
		wb_format("boot/loader/entries/" MACHINE_ID "-%s.conf", version);
	_cleanup_free_ char *image = wb_format("boot/vmlinuz-%s", version);
	_cleanup_free_ char *initrd = wb_format("boot/initramfs-%s.img", version);
	_cleanup_free_ char *text =
		wb_format("title Fedora Linux (%s)\nversion %s\nlinux %s/vmlinuz-%s\n"
			  "initrd %s/initramfs-%s.img $tuned_initrd\n"
			  "options $kernelopts $tuned_params\ngrub_class fedora\n",
			  version, version, prefix, version, prefix, version);

	bls_image(m, image, version);
	fixture_file(&m->f, initrd, "x");
	fixture_file(&m->f, path, text);
}

#define OLDER MACHINE_ID "-6.9.1"
#define NEWER MACHINE_ID "-6.10.1"

static void put_fedora(struct bls_machine *m, const char *prefix)
{
	put_fedora_entry(m, prefix, "6.9.1");
	put_fedora_entry(m, prefix, "6.10.1");
	fixture_file(&m->f, "boot/grub2/grub.cfg", grubcfg);
	fixture_file(&m->f, "boot/grub2/grubenv",
		     HEADER "saved_entry=" OLDER "\nkernelopts=root=UUID=1 ro \n####");
}

static void fedora(void **state)
{
	struct bls_machine *m = *state;
	const struct wb_kernel *k;

	put_fedora(m, "");
	bls_assert_marks(m, OLDER, NULL);
	k = bls_find(m, OLDER);
	assert_null(k->problem);
	assert_string_equal(k->linux, "/boot/vmlinuz-6.9.1");
	assert_string_equal(k->initrd[0], "/boot/initramfs-6.9.1.img");
	assert_null(k->initrd[1]);
	assert_string_equal(k->options, "root=UUID=1 ro");
}

/* On a /boot that is no partition, and on one that is a subvolume. */
static void fedora_without_partition(void **state)
{
	static const char *const prefixes[] = { "/boot", "/root/boot", "($root)",
						"($root)/boot" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct bls_machine *m;

		bls_teardown(state);
		bls_setup(state);
		m = *state;
		put_fedora(m, prefixes[i]);
		bls_read(m);
		assert_string_equal(bls_find(m, NEWER)->linux, "/boot/vmlinuz-6.10.1");
		assert_string_equal(bls_find(m, NEWER)->initrd[0],
				    "/boot/initramfs-6.10.1.img");
		assert_null(bls_find(m, NEWER)->problem);
	}
}

static void put_grubenv(struct bls_machine *m, const char *text)
{
	_cleanup_free_ char *all = wb_format(HEADER "%s\n###", text);

	fixture_file(&m->f, "boot/grub2/grubenv", all);
}

static void fedora_defaults(void **state)
{
	static const struct {
		const char *grubenv, *is_default, *oneshot;
	} cases[] = {
		{ "", NEWER, NULL },
		{ "saved_entry=" OLDER, OLDER, NULL },
		{ "saved_entry=" OLDER ".conf", OLDER, NULL },
		{ "saved_entry=0", NEWER, NULL },
		{ "saved_entry=1", OLDER, NULL },
		{ "saved_entry=2", NEWER, NULL },
		{ "saved_entry=Fedora Linux (6.9.1)", OLDER, NULL },
		{ "saved_entry=gone", NEWER, NULL },
		{ "saved_entry=" MACHINE_ID, NEWER, NULL },
		{ "saved_entry=" OLDER "\nnext_entry=" NEWER, OLDER, NEWER },
		{ "next_entry=1", NEWER, OLDER },
		{ "next_entry=", NEWER, NULL },
		{ "next_entry=gone", NEWER, NULL },
	};
	struct bls_machine *m = *state;

	put_fedora(m, "");
	/* GRUB does not read these. */
	bls_efivar(m, "LoaderEntryDefault", OLDER);
	bls_efivar(m, "LoaderInfo", "GRUB 2.12");
	bls_entry(m, "boot/efi", "zzz", "9");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_grubenv(m, cases[i].grubenv);
		bls_assert_marks(m, cases[i].is_default, cases[i].oneshot);
	}
	fixture_remove(&m->f, "boot/grub2/grubenv");
	bls_assert_marks(m, NEWER, NULL);
	bls_assert_problem(m, NEWER, "kernelopts");
	/* A default that a condition sets, as 08_fallback_counting does. */
	put_grubenv(m, "saved_entry=" NEWER "\nkernelopts=ro");
	fixture_file(&m->f, "boot/grub2/grub.cfg",
		     "load_env\nset default=$saved_entry\n"
		     "if [ -n \"$boot_counter\" ]; then\n  set default=1\nfi\nblscfg\n");
	bls_assert_marks(m, NEWER, NULL);
	put_grubenv(m, "saved_entry=" NEWER "\nkernelopts=ro\nboot_counter=0");
	bls_assert_marks(m, OLDER, NULL);
	/* One that only GRUB knows, and an entry of grub.cfg's own. */
	fixture_file(&m->f, "boot/grub2/grub.cfg", "set default=$net_default\nblscfg\n");
	bls_assert_marks(m, NULL, NULL);
	fixture_file(&m->f, "boot/grub2/grub.cfg",
		     "set default=own\nblscfg\nmenuentry own {\nreboot\n}\n");
	bls_read(m);
	assert_false(bls_find(m, NEWER)->is_default || bls_find(m, OLDER)->is_default);
	/* GRUB_DEFAULT=1 in /etc/default/grub. */
	fixture_file(&m->f, "boot/grub2/grub.cfg", "set default=\"1\"\nblscfg\n");
	bls_assert_marks(m, OLDER, NULL);
}

static void fedora_variables(void **state)
{
	struct bls_machine *m = *state;

	put_fedora(m, "");
	fixture_file(&m->f, "boot/tuned.img", "x");
	put_grubenv(m, "kernelopts=root=UUID=2 ro\ntuned_params=isolcpus=1 nohz=on\n"
		       "tuned_initrd=($root)/tuned.img");
	bls_read(m);
	assert_string_equal(bls_find(m, NEWER)->options,
			    "root=UUID=2 ro isolcpus=1 nohz=on");
	assert_string_equal(bls_find(m, NEWER)->initrd[1], "/boot/tuned.img");
	assert_null(bls_find(m, NEWER)->problem);
	put_grubenv(m, "");
	bls_read(m);
	bls_assert_problem(m, NEWER, "the variable kernelopts");
	/* What grub.cfg falls back to. */
	fixture_file(&m->f, "boot/grub2/grub.cfg",
		     "if [ -z \"${kernelopts}\" ]; then\n"
		     "  set kernelopts=\"root=UUID=3 ro \"\nfi\nblscfg\n");
	bls_read(m);
	assert_string_equal(bls_find(m, NEWER)->options, "root=UUID=3 ro");
	assert_null(bls_find(m, NEWER)->problem);
}

/* RHEL 8 on EFI: both files beside the boot loader. */
static void vendor_folder(void **state)
{
	struct bls_machine *m = *state;

	put_fedora(m, "");
	fixture_remove(&m->f, "boot/grub2");
	fixture_link(&m->f, "boot/grub2/grubenv", "../efi/EFI/redhat/grubenv");
	fixture_file(&m->f, "boot/efi/EFI/redhat/grub.cfg", grubcfg);
	fixture_file(&m->f, "boot/efi/EFI/redhat/grubenv",
		     HEADER "saved_entry=" OLDER "\nkernelopts=ro\n");
	bls_assert_marks(m, OLDER, NULL);
	assert_string_equal(bls_find(m, OLDER)->options, "ro");
}

/* A GRUB that reads menuentries alone has its default there; unless it is systemd-boot
 * that has started the machine. */
static void other_loader(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux-6.9", "6.9");
	bls_entry(m, "boot", "linux-6.10", "6.10");
	fixture_file(&m->f, "boot/grub/grub.cfg", "menuentry 'Debian' {\n}\n");
	bls_assert_marks(m, NULL, NULL);
	assert_int_equal(m->list.n, 2);
	bls_efivar(m, "LoaderInfo", "systemd-boot 252.1");
	bls_assert_marks(m, "linux-6.10", NULL);
	fixture_file(&m->f, "boot/grub/grub.cfg", grubcfg);
	fixture_file(&m->f, "boot/grub/grubenv", HEADER "saved_entry=linux-6.9\n");
	bls_assert_marks(m, "linux-6.10", NULL);
}

/* It may read the entries, or not, and start any of them. */
static void unreadable_loader(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux-6.9", "6.9");
	fixture_link(&m->f, "boot/grub2/grub.cfg", "grub.cfg");
	bls_assert_marks(m, NULL, NULL);
	fixture_remove(&m->f, "boot/grub2/grub.cfg");
	fixture_file(&m->f, "boot/grub2/grub.cfg", grubcfg);
	bls_assert_marks(m, "linux-6.9", NULL);
	fixture_link(&m->f, "boot/grub2/grubenv", "grubenv");
	bls_assert_marks(m, NULL, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bls_setup, bls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fedora),
		TEST(fedora_without_partition),
		TEST(fedora_defaults),
		TEST(fedora_variables),
		TEST(vendor_folder),
		TEST(other_loader),
		TEST(unreadable_loader),
	};

	return RUN_TESTS(tests);
}
