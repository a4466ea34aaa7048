/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Images that no entry of a boot loader names, and which entry is the running one. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "bls-machine.h"
#include "unit.h"

static char release[] = "6.1.0", line[] = "root=/dev/sda1 ro";

static int setup(void **state)
{
	struct bls_machine *m;

	bls_setup(state);
	m = *state;
	m->state.release = release;
	m->state.cmdline = line;
	return 0;
}

/* Ask all readers. */
static void read_all(struct bls_machine *m)
{
	wb_kernels_done(&m->list);
	assert_int_equal(wb_kernels_read(&m->f.root, &m->state, NULL, &m->list), 0);
}

/* The images in the order of the list, with spaces between them. */
static void assert_images(struct bls_machine *m, const char *expected)
{
	_cleanup_strv_ char **found = NULL;
	_cleanup_free_ char *text = NULL;

	read_all(m);
	for (size_t i = 0; i < m->list.n; i++)
		assert_int_equal(wb_strv_append(&found, m->list.items[i].linux), 0);
	text = wb_strv_join(found, " ");
	assert_string_equal(text, expected);
}

/* --- /boot ------------------------------------------------------------------------ */

static void names(void **state)
{
	static const struct {
		const char *name;
		bool listed;
	} cases[] = {
		{ "vmlinuz-6.1.0", true },
		{ "vmlinux-6.1.0", true },
		{ "kernel-6.1.0-gentoo", true },
		{ "kernel-6.1.0.old", true },
		{ "Image-6.4.0-default", true },
		{ "linux-6.1.0", true },
		{ "bzImage-6.1.0", true },
		{ "vmlinuz", true },
		{ "vmlinuz.old", true },
		{ "Image", true },
		{ "bzImage", true },
		{ "vmlinuz-0-rescue-1234", true },
		{ "vmlinuz-6.1.0.sig", false },
		{ "vmlinuz-6.1.0.hmac", false },
		{ ".vmlinuz-6.1.0.hmac", false },
		{ "vmlinuz-6.1.0~", false },
		{ "vmlinuz-6.1.0.dpkg-tmp", false },
		{ "initrd-6.1.0", false },
		{ "memtest86+x64.bin", false },
		{ "xen-4.17", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *path = wb_format("/boot/%s", cases[i].name);
		struct bls_machine *m;

		bls_teardown(state);
		setup(state);
		m = *state;
		bls_image(m, path, "6.1.0");
		assert_images(m, cases[i].listed ? path : "");
	}
}

/* What has a kernel's name and is none is listed as broken only where nothing else has
 * that name. */
static void no_kernels(void **state)
{
	struct bls_machine *m = *state;

	fixture_file(&m->f, "boot/vmlinuz-5", "");
	fixture_folder(&m->f, "boot/vmlinuz-6");
	fixture_link(&m->f, "boot/vmlinuz-7", "vmlinuz-7");
	fixture_link(&m->f, "boot/vmlinuz-8", "../../../../etc/passwd");
	fixture_link(&m->f, "boot/vmlinuz", "vmlinuz.old");
	fixture_link(&m->f, "boot/vmlinuz.old", "vmlinuz");
	fixture_file(&m->f, "boot/vmlinux-6.1.0.gz", "\x1f\x8b text");
	fixture_file(&m->f, "boot/kernel-config-6.1.0", "CONFIG_X86=y\n");
	fixture_folder(&m->f, "boot/linux-6.1.0");
	fixture_link(&m->f, "boot/linux-6.2.0", "linux-6.2.0");
	bls_image(m, "boot/vmlinuz-9", "9");
	assert_images(m, "/boot/vmlinuz-5 /boot/vmlinuz-6 /boot/vmlinuz-7 "
			 "/boot/vmlinuz-8 /boot/vmlinuz-9 /boot/vmlinuz "
			 "/boot/vmlinuz.old");
	bls_assert_problem(m, "vmlinuz-5", "empty");
	bls_assert_problem(m, "vmlinuz-6", "cannot be read");
	bls_assert_problem(m, "vmlinuz-7", "cannot be read");
	bls_assert_problem(m, "vmlinuz-8", "cannot be read");
	bls_assert_problem(m, "vmlinuz", "cannot be read");
	assert_null(bls_find(m, "vmlinuz-9")->problem);
	/* No folder at all. */
	fixture_remove(&m->f, "boot");
	fixture_file(&m->f, "boot", "x");
	assert_images(m, "");
}

/* Debian's: one file is listed once, by its real name. */
static void links(void **state)
{
	struct bls_machine *m = *state;

	bls_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	bls_image(m, "srv/bzImage", "6.2.0");
	fixture_link(&m->f, "boot/vmlinuz", "vmlinuz-6.1.0");
	fixture_link(&m->f, "vmlinuz", "boot/vmlinuz-6.1.0");
	fixture_link(&m->f, "vmlinuz.old", "boot/vmlinuz-6.0.0");
	assert_images(m, "/boot/vmlinuz-6.1.0");
	fixture_link(&m->f, "boot/vmlinuz.old", "/vmlinuz");
	assert_images(m, "/boot/vmlinuz-6.1.0");
	fixture_link(&m->f, "boot/Image", "/srv/bzImage");
	fixture_link(&m->f, "boot/bzImage", "../srv/bzImage");
	assert_images(m, "/boot/vmlinuz-6.1.0 /srv/bzImage");
	/* Out of the root and back in again. */
	fixture_remove(&m->f, "boot/Image");
	assert_images(m, "/boot/vmlinuz-6.1.0 /boot/bzImage");
	assert_string_equal(bls_find(m, "6.2.0")->linux, "/boot/bzImage");
}

static void link_of_an_entry(void **state)
{
	struct bls_machine *m = *state;

	bls_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	fixture_link(&m->f, "boot/vmlinuz", "vmlinuz-6.1.0");
	fixture_file(&m->f, "boot/loader/entries/a.conf", "linux /vmlinuz\n");
	assert_images(m, "/boot/vmlinuz");
}

static void many(void **state)
{
	struct bls_machine *m = *state;

	for (int i = 0; i < 40; i++) {
		_cleanup_free_ char *version = wb_format("6.%d.0", i);
		_cleanup_free_ char *path = wb_format("boot/vmlinuz-%s", version);

		bls_image(m, path, version);
	}
	read_all(m);
	assert_int_equal(m->list.n, 40);
	for (size_t i = 0; i < m->list.n; i++)
		assert_int_equal(m->list.items[i].running,
				 strcmp(m->list.items[i].version, release) == 0);
}

/* --- kernel-install --------------------------------------------------------------- */

#define MACHINE_ID "0123456789abcdef0123456789abcdef"

static void put_installed(struct bls_machine *m, const char *folder, const char *version)
{
	_cleanup_free_ char *image = wb_format("%s/%s/linux", folder, version);
	_cleanup_free_ char *initrd =
		wb_format("%s/%s/initrd.img-%s", folder, version, version);
	_cleanup_free_ char *microcode = wb_format("%s/%s/microcode", folder, version);

	bls_image(m, image, version);
	fixture_file(&m->f, initrd, "x");
	fixture_file(&m->f, microcode, "x");
}

static void installed(void **state)
{
	struct bls_machine *m = *state;
	const struct wb_kernel *k;

	fixture_file(&m->f, "etc/machine-id", MACHINE_ID "\n");
	put_installed(m, "boot/" MACHINE_ID, "6.1.0");
	read_all(m);
	assert_int_equal(m->list.n, 1);
	k = bls_find(m, MACHINE_ID "-6.1.0");
	assert_string_equal(k->source, "kernel-install");
	assert_string_equal(k->title, "6.1.0");
	assert_string_equal(k->version, "6.1.0");
	assert_string_equal(k->linux, "/boot/" MACHINE_ID "/6.1.0/linux");
	assert_string_equal(k->initrd[0], "/boot/" MACHINE_ID "/6.1.0/microcode");
	assert_string_equal(k->initrd[1], "/boot/" MACHINE_ID "/6.1.0/initrd.img-6.1.0");
	assert_null(k->initrd[2]);
	assert_string_equal(k->options, line);
	assert_null(k->problem);
	assert_true(k->running);
	/* An entry that names it comes first, and is all. */
	fixture_file(&m->f, "boot/loader/entries/x.conf",
		     "linux /" MACHINE_ID "/6.1.0/linux\n");
	read_all(m);
	assert_int_equal(m->list.n, 1);
	assert_string_equal(m->list.items[0].id, "x");
}

static void tokens(void **state)
{
	static const struct {
		const char *file, *text, *token;
	} cases[] = {
		{ "etc/kernel/entry-token", "mine\n", "mine" },
		{ "etc/os-release", "NAME=x\nIMAGE_ID='image'\nID=os", "image" },
		{ "etc/os-release", "NAME=x\nIMAGE_ID=image\nID=\"os\"\n", "os" },
		{ "usr/lib/os-release", "ID=os\n", "os" },
		{ "etc/hostname", "x", "Default" },
		{ "etc/hostname", "x", "default" },
		{ "etc/kernel/entry-token", "", NULL },
		{ "etc/kernel/entry-token", "\n", NULL },
		{ "etc/kernel/entry-token", "..", NULL },
		{ "etc/kernel/entry-token", "/etc", NULL },
		{ "etc/machine-id", "a/b", NULL },
		{ "etc/os-release", "ID=\n", NULL },
		{ "etc/os-release", "VERSION_ID=os\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *token = cases[i].token;
		_cleanup_free_ char *folder = wb_format("efi/%s", token ? token : "os");
		_cleanup_free_ char *path = wb_format("/%s/6.1.0/linux", folder);
		struct bls_machine *m;

		bls_teardown(state);
		setup(state);
		m = *state;
		fixture_file(&m->f, cases[i].file, cases[i].text);
		put_installed(m, folder, "6.1.0");
		assert_images(m, token ? path : "");
	}
}

static void options(void **state)
{
	struct bls_machine *m = *state;

	fixture_file(&m->f, "etc/machine-id", MACHINE_ID "\n");
	put_installed(m, "boot/" MACHINE_ID, "6.1.0");
	put_installed(m, "boot/default", "6.2.0");
	fixture_file(&m->f, "usr/lib/kernel/cmdline", "quiet\n");
	read_all(m);
	assert_string_equal(bls_find(m, "default-6.2.0")->options, "quiet");
	fixture_file(&m->f, "etc/kernel/cmdline",
		     "\n  # a comment\nroot=LABEL=\"a b\"\t rw\r\n\nquiet");
	read_all(m);
	assert_string_equal(bls_find(m, "default-6.2.0")->options,
			    "root=LABEL=\"a b\" rw quiet");
	assert_string_equal(bls_find(m, MACHINE_ID "-6.1.0")->options,
			    "root=LABEL=\"a b\" rw quiet systemd.machine_id=" MACHINE_ID);
	fixture_file(&m->f, "etc/kernel/cmdline", "systemd.machine_id=x");
	read_all(m);
	assert_string_equal(bls_find(m, MACHINE_ID "-6.1.0")->options,
			    "systemd.machine_id=x");
	fixture_file(&m->f, "etc/kernel/cmdline", "");
	read_all(m);
	assert_string_equal(bls_find(m, MACHINE_ID "-6.1.0")->options,
			    "systemd.machine_id=" MACHINE_ID);
	assert_string_equal(bls_find(m, "default-6.2.0")->options, "");
}

static void badly_installed(void **state)
{
	struct bls_machine *m = *state;

	put_installed(m, "boot/default", "6.1.0");
	put_installed(m, "efi/default", "6.2.0");
	fixture_file(&m->f, "boot/default/6.3.0/linux", "");
	fixture_folder(&m->f, "boot/default/6.4.0/linux");
	fixture_link(&m->f, "boot/default/6.5.0", "6.5.0");
	fixture_link(&m->f, "boot/default/6.6.0", "../../../../../etc");
	fixture_file(&m->f, "boot/default/6.7.0", "a file");
	fixture_file(&m->f, "boot/default/6.8.0/initrd", "x");
	fixture_link(&m->f, "boot/default/6.9.0", "6.1.0");
	fixture_file(&m->f, "boot/Default", "a file");
	assert_images(m, "/boot/default/6.1.0/linux /boot/default/6.3.0/linux "
			 "/boot/default/6.4.0/linux /efi/default/6.2.0/linux");
	bls_assert_problem(m, "default-6.3.0", "empty");
	bls_assert_problem(m, "default-6.4.0", "cannot be read");
	assert_null(bls_find(m, "default-6.2.0")->problem);
}

/* --- the running one -------------------------------------------------------------- */

static void put_entry(struct bls_machine *m, const char *name, const char *text)
{
	_cleanup_free_ char *path = wb_format("boot/loader/entries/%s.conf", name);

	fixture_file(&m->f, path, text);
}

static void assert_running(struct bls_machine *m, const char *id)
{
	read_all(m);
	for (size_t i = 0; i < m->list.n; i++)
		assert_int_equal(m->list.items[i].running,
				 strcmp(m->list.items[i].id, id) == 0);
}

static void by_options(void **state)
{
	struct bls_machine *m = *state;

	bls_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	put_entry(m, "b-normal", "linux /vmlinuz-6.1.0\noptions root=/dev/sda1 ro\n");
	put_entry(m, "c-rescue", "linux /vmlinuz-6.1.0\noptions root=/dev/sda1 single\n");
	/* From z to a. */
	assert_running(m, "b-normal");
	m->state.cmdline = (char[]){ "single root=/dev/sda1" };
	assert_running(m, "c-rescue");
	m->state.cmdline = (char[]){ "BOOT_IMAGE=/vmlinuz-6.1.0 root=/dev/sda1 ro" };
	assert_running(m, "b-normal");
	/* Changed by hand in the menu: the first of them. */
	m->state.cmdline = (char[]){ "root=/dev/sda1 debug" };
	assert_running(m, "c-rescue");
	m->state.cmdline = NULL;
	assert_running(m, "c-rescue");
}

static void by_image(void **state)
{
	struct bls_machine *m = *state;

	bls_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	bls_image(m, "boot/copy", "6.1.0");
	put_entry(m, "a-copied", "linux /copy\noptions root=/dev/sda1 ro\n");
	put_entry(m, "z-normal", "linux /vmlinuz-6.1.0\noptions root=/dev/sda1 quiet\n");
	assert_running(m, "a-copied");
	m->state.cmdline = (char[]){ "BOOT_IMAGE=/vmlinuz-6.1.0 root=/dev/sda1 ro" };
	assert_running(m, "z-normal");
	m->state.cmdline = (char[]){ "BOOT_IMAGE=/copy root=/dev/sda1 quiet" };
	assert_running(m, "a-copied");
}

/* A plain image has the running options whatever it is. */
static void entries_before_images(void **state)
{
	struct bls_machine *m = *state;

	bls_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	bls_image(m, "boot/copy", "6.1.0");
	put_entry(m, "a", "linux /copy\noptions root=/dev/sda1 quiet\n");
	assert_running(m, "a");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, bls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names),      TEST(no_kernels),       TEST(links),
		TEST(many),       TEST(link_of_an_entry), TEST(installed),
		TEST(tokens),     TEST(options),          TEST(badly_installed),
		TEST(by_options), TEST(by_image),         TEST(entries_before_images),
	};

	return RUN_TESTS(tests);
}
