/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Deployments of ostree, as entries of the Boot Loader Specification. */

#include <string.h>

#include "base/text.h"
#include "bls-machine.h"
#include "facts/kernel/deployment.h"
#include "unit.h"

#define SUM    "9f3c"
#define COMMIT "77aa"

struct entry {
	int number;
	const char *version; /* of the kernel */
	const char *boot;    /* "/boot" where the entry's paths begin so */
	const char *slot;    /* the last part of "ostree=" */
};

/* Its folder in /boot, and its entry; @physical: where the root file system is seen. */
static void put_entry(struct bls_machine *m, const struct entry *e)
{
	_cleanup_free_ char *folder = wb_format("ostree/fedora-" SUM "-%s", e->version);
	_cleanup_free_ char *image = wb_format("boot/%s/vmlinuz-%s", folder, e->version);
	_cleanup_free_ char *initrd =
		wb_format("boot/%s/initramfs-%s.img", folder, e->version);
	_cleanup_free_ char *path =
		wb_format("boot/loader.0/entries/ostree-%d-fedora.conf", e->number);
	_cleanup_free_ char *text =
		wb_format("title Fedora Linux 41 (Silverblue) (ostree:%d)\nversion %d\n"
			  "options root=UUID=1 rw ostree=/ostree/boot.0/fedora/" SUM
			  "/%s\n"
			  "linux %s/%s/vmlinuz-%s\ninitrd %s/%s/initramfs-%s.img\n",
			  2 - e->number, e->number, e->slot, e->boot, folder, e->version,
			  e->boot, folder, e->version);
	struct bytes bytes = image_bytes(e->version);

	fixture_bytes(&m->f, image, bytes.data, bytes.size);
	bytes_done(&bytes);
	fixture_file(&m->f, initrd, "x");
	fixture_file(&m->f, path, text);
}

/* The deployment itself; @physical: where the root file system is seen, "sysroot/". */
static void put_deployment(struct bls_machine *m, const char *physical, const char *slot,
			   const char *version)
{
	_cleanup_free_ char *link =
		wb_format("%sostree/boot.0.1/fedora/" SUM "/%s", physical, slot);
	_cleanup_free_ char *target =
		wb_format("../../../deploy/fedora/deploy/" COMMIT ".%s", slot);
	_cleanup_free_ char *modules = wb_format("%sostree/deploy/fedora/deploy/" COMMIT
						 ".%s/usr/lib/modules/%s",
						 physical, slot, version);

	fixture_link(&m->f, link, target);
	fixture_folder(&m->f, modules);
}

/* Two deployments, the newer one booted. */
static void put_machine(struct bls_machine *m, const char *physical, const char *boot)
{
	_cleanup_free_ char *link = wb_format("%sostree/boot.0", physical);

	put_entry(m, &(struct entry){ 1, "6.9.1", boot, "1" });
	put_entry(m, &(struct entry){ 2, "6.10.1", boot, "0" });
	fixture_link(&m->f, "boot/loader", "loader.0");
	fixture_link(&m->f, link, "boot.0.1");
	put_deployment(m, physical, "0", "6.10.1");
	put_deployment(m, physical, "1", "6.9.1");
}

#define OLDER "ostree-1-fedora"
#define NEWER "ostree-2-fedora"

static void assert_good(struct bls_machine *m)
{
	const struct wb_kernel *k = bls_find(m, NEWER);

	assert_int_equal(m->list.n, 2);
	assert_null(bls_find(m, OLDER)->problem);
	assert_null(k->problem);
	assert_string_equal(k->title, "Fedora Linux 41 (Silverblue) (ostree:0)");
	assert_string_equal(k->version, "6.10.1");
	assert_string_equal(k->linux,
			    "/boot/ostree/fedora-" SUM "-6.10.1/vmlinuz-6.10.1");
	assert_string_equal(k->initrd[0],
			    "/boot/ostree/fedora-" SUM "-6.10.1/initramfs-6.10.1.img");
}

/* From inside of a deployment, from the bare root file system; with /boot as a partition,
 * as a folder, and as a folder that a link makes look like a partition. */
static void deployments(void **state)
{
	static const char *const physicals[] = { "sysroot/", "" };
	static const char *const boots[] = { "", "/boot" };

	for (size_t i = 0; i < ARRAY_SIZE(physicals) * ARRAY_SIZE(boots); i++) {
		struct bls_machine *m;

		bls_teardown(state);
		bls_setup(state);
		m = *state;
		put_machine(m, physicals[i % 2], boots[i / 2]);
		bls_assert_marks(m, NEWER, NULL);
		assert_good(m);
		fixture_link(&m->f, "boot/boot", ".");
		bls_read(m);
		assert_int_equal(m->list.n, 2);
		assert_null(bls_find(m, NEWER)->problem);
	}
}

static void with_grub(void **state)
{
	struct bls_machine *m = *state;

	put_machine(m, "sysroot/", "");
	fixture_file(&m->f, "boot/grub2/grub.cfg",
		     "load_env\nset default=\"${saved_entry}\"\n"
		     "insmod blscfg\nblscfg\n");
	bls_assert_marks(m, NEWER, NULL);
	assert_good(m);
	fixture_file(&m->f, "boot/grub2/grubenv", "saved_entry=" OLDER "\n");
	bls_assert_marks(m, OLDER, NULL);
}

/* Where ostree writes grub.cfg itself, that one knows the default. */
static void with_generated_grub(void **state)
{
	struct bls_machine *m = *state;
	size_t found = 0;

	put_machine(m, "sysroot/", "");
	fixture_link(&m->f, "boot/grub2/grub.cfg", "../loader/grub.cfg");
	fixture_file(&m->f, "boot/loader.0/grub.cfg",
		     "set default=0\n"
		     "menuentry 'Fedora (ostree:0)' --class os 'ostree-0-uuid' {\n"
		     "linux /ostree/fedora-" SUM "-6.10.1/vmlinuz-6.10.1 ro "
		     "ostree=/ostree/boot.0/fedora/" SUM "/0\n}\n"
		     "menuentry 'Fedora (ostree:1)' --class os 'ostree-1-uuid' {\n"
		     "linux /ostree/fedora-" SUM "-6.9.1/vmlinuz-6.9.1 ro "
		     "ostree=/ostree/boot.0/fedora/" SUM "/gone\n}\n");
	bls_assert_marks(m, NULL, NULL);
	assert_good(m);
	assert_int_equal(wb_kernel_reader_grub.read(&m->f.root, &m->list), 0);
	assert_int_equal(m->list.n, 4);
	for (size_t i = 0; i < m->list.n; i++)
		found += m->list.items[i].is_default;
	assert_int_equal(found, 1);
	assert_true(m->list.items[2].is_default);
	assert_null(m->list.items[2].problem);
	bls_assert_problem(m, m->list.items[3].id, "/" SUM "/gone is not there");
}

/* Ignition would install a CoreOS anew. */
static void coreos(void **state)
{
	struct bls_machine *m = *state;

	put_machine(m, "sysroot/", "");
	fixture_file(&m->f, "boot/grub2/grub.cfg",
		     "set ignition_firstboot=\"\"\n"
		     "if [ -f \"/ignition.firstboot\" ]; then\n"
		     "    set ignition_firstboot=\"ignition.firstboot ${more}\"\n"
		     "fi\nblscfg\n");
	fixture_file(&m->f, "boot/loader.0/entries/" NEWER ".conf",
		     "title CoreOS\noptions $ignition_firstboot ro "
		     "ostree=/ostree/boot.0/fedora/" SUM "/0\n"
		     "linux /ostree/fedora-" SUM "-6.10.1/vmlinuz-6.10.1\n");
	bls_assert_marks(m, NEWER, NULL);
	assert_null(bls_find(m, NEWER)->problem);
	assert_string_equal(bls_find(m, NEWER)->options,
			    " ro ostree=/ostree/boot.0/fedora/" SUM "/0");
}

static void without_deployment(void **state)
{
	struct bls_machine *m = *state;

	put_machine(m, "sysroot/", "");
	fixture_remove(&m->f, "sysroot/ostree/boot.0.1/fedora/" SUM "/1");
	/* The modules of the running one are no help. */
	fixture_folder(&m->f, "lib/modules/6.9.1");
	bls_read(m);
	bls_assert_problem(m, OLDER,
			   "its deployment /ostree/boot.0/fedora/" SUM "/1 is not there");
	assert_null(bls_find(m, NEWER)->problem);
	fixture_remove(&m->f, "sysroot");
	bls_read(m);
	bls_assert_problem(m, NEWER, "its deployment");
}

static void without_modules(void **state)
{
#define DEPLOYMENT "sysroot/ostree/deploy/fedora/deploy/" COMMIT ".0"
	struct bls_machine *m = *state;

	put_machine(m, "sysroot/", "");
	fixture_remove(&m->f, DEPLOYMENT "/usr/lib/modules/6.10.1");
	fixture_folder(&m->f, "lib/modules/6.10.1");
	bls_read(m);
	bls_assert_problem(m, NEWER,
			   "/sysroot/ostree/boot.0/fedora/" SUM
			   "/0/usr/lib/modules/6.10.1");
	/* Of an image (composefs) nothing can be seen from here. */
	fixture_remove(&m->f, DEPLOYMENT "/usr");
	bls_read(m);
	assert_null(bls_find(m, NEWER)->problem);
}

static void astray(void **state)
{
	static const char *const targets[] = { "0", "../../../../../../../../etc/passwd",
					       "/", "/etc", "/nowhere" };
	struct bls_machine *m = *state;

	put_machine(m, "sysroot/", "");
	fixture_file(&m->f, "etc/passwd", "x");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		fixture_remove(&m->f, "sysroot/ostree/boot.0.1/fedora/" SUM "/0");
		fixture_link(&m->f, "sysroot/ostree/boot.0.1/fedora/" SUM "/0",
			     targets[i]);
		bls_read(m);
		assert_int_equal(m->list.n, 2);
		assert_null(bls_find(m, OLDER)->problem);
	}
	bls_assert_problem(m, NEWER, "its deployment");
	/* The folder of entries in a circle: there are none. */
	fixture_remove(&m->f, "boot/loader");
	fixture_link(&m->f, "boot/loader", "loader");
	bls_read(m);
	assert_int_equal(m->list.n, 0);
}

static void names(void **state)
{
	static const struct {
		const char *options, *named, *folder;
	} cases[] = {
		{ "ro", NULL, NULL },
		{ "ostree", NULL, NULL },
		{ "ostree=", NULL, NULL },
		{ "ostree=aboot", NULL, NULL },
		{ "ostree=/gone", "/gone", NULL },
		{ "ostree=/file", "/file", NULL },
		{ "ostree=/one", "/one", "/one" },
		{ "ostree=/one ostree=/two", "/two", "/sysroot/two" },
	};
	struct bls_machine *m = *state;

	fixture_file(&m->f, "file", "x");
	fixture_folder(&m->f, "one");
	fixture_folder(&m->f, "two");
	fixture_folder(&m->f, "sysroot/two");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *named = NULL, *folder = NULL;

		assert_int_equal(wb_deployment_find(&m->f.root, cases[i].options, &named,
						    &folder),
				 0);
		assert_string_equal(named ? named : "none",
				    cases[i].named ? cases[i].named : "none");
		assert_string_equal(folder ? folder : "none",
				    cases[i].folder ? cases[i].folder : "none");
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bls_setup, bls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(deployments),
		TEST(with_grub),
		TEST(with_generated_grub),
		TEST(coreos),
		TEST(without_deployment),
		TEST(without_modules),
		TEST(astray),
		TEST(names),
	};

	return RUN_TESTS(tests);
}
