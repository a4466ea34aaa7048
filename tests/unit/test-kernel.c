/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The readers of kernels, and a kernel as JSON. */

#include <string.h>

#include "base/strv.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/kernel.h"
#include "machine.h"
#include "unit.h"

struct machine {
	struct fixture f;
	struct wb_state state;
	struct wb_kernels list;
};

static char release[] = "6.1.0", line[200];

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	strcpy(line, "root=/dev/sda1 ro");
	m->state.release = release;
	m->state.cmdline = line;
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	wb_kernels_done(&m->list);
	fixture_done(&m->f);
	free(m);
	return 0;
}

static void read_all(struct machine *m, const char *path)
{
	wb_kernels_done(&m->list);
	assert_int_equal(wb_kernels_read(&m->f.root, &m->state, path, &m->list), 0);
}

static const struct wb_kernel *find(const struct machine *m, const char *linux)
{
	for (size_t i = 0; i < m->list.n; i++)
		if (m->list.items[i].linux && strcmp(m->list.items[i].linux, linux) == 0)
			return &m->list.items[i];
	return NULL;
}

static void put_image(struct machine *m, const char *path, const char *version)
{
	struct bytes image = image_bytes(version);

	fixture_bytes(&m->f, path, image.data, image.size);
	bytes_done(&image);
}

static void none(void **state)
{
	struct machine *m = *state;

	read_all(m, NULL);
	assert_int_equal(m->list.n, 0);
}

static void in_boot(void **state)
{
	struct machine *m = *state;
	const struct wb_kernel *k;

	machine_kernel(&m->f, "6.1.0");
	machine_kernel(&m->f, "6.2.0");
	fixture_file(&m->f, "boot/config-6.1.0", "x");
	fixture_file(&m->f, "boot/vmlinuz-broken", "not a kernel");
	read_all(m, NULL);
	assert_int_equal(m->list.n, 3);
	k = find(m, "/boot/vmlinuz-6.1.0");
	assert_non_null(k);
	assert_string_equal(k->version, "6.1.0");
	assert_string_equal(k->initrd[0], "/boot/initrd.img-6.1.0");
	assert_string_equal(k->options, "root=/dev/sda1 ro");
	assert_string_equal(k->source, "boot");
	assert_null(k->problem);
	assert_true(k->running);
	k = find(m, "/boot/vmlinuz-6.2.0");
	assert_false(k->running);
	k = find(m, "/boot/vmlinuz-broken");
	assert_non_null(k->problem);
	assert_null(k->version);
	assert_false(k->unreadable);
}

static void without_its_modules(void **state)
{
	struct machine *m = *state;

	put_image(m, "boot/vmlinuz-6.3.0", "6.3.0");
	read_all(m, NULL);
	assert_non_null(
		strstr(find(m, "/boot/vmlinuz-6.3.0")->problem, "/lib/modules/6.3.0"));
}

/* CONFIG_MODULES=n: there is no folder, and nothing is missing. */
static void without_modules_at_all(void **state)
{
	struct machine *m = *state;

	put_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	put_image(m, "boot/vmlinuz-6.3.0", "6.3.0");
	fixture_file(&m->f, "proc/modules", "");
	read_all(m, NULL);
	assert_non_null(find(m, "/boot/vmlinuz-6.1.0")->problem);
	fixture_remove(&m->f, "proc/modules");
	read_all(m, NULL);
	assert_null(find(m, "/boot/vmlinuz-6.1.0")->problem);
	/* What runs says nothing of others; the file beside them does. */
	assert_non_null(find(m, "/boot/vmlinuz-6.3.0")->problem);
	fixture_file(&m->f, "boot/config-6.3.0", "CONFIG_X=y\nCONFIG_MODULES=y\n");
	read_all(m, NULL);
	assert_non_null(find(m, "/boot/vmlinuz-6.3.0")->problem);
	fixture_file(&m->f, "boot/config-6.3.0",
		     "CONFIG_X=y\n# CONFIG_MODULES is not set\n");
	read_all(m, NULL);
	assert_null(find(m, "/boot/vmlinuz-6.3.0")->problem);
}

/* The path is the one that GRUB knows; here it may be mounted elsewhere. */
static void by_boot_image(void **state)
{
	static const struct {
		const char *value, *file;
	} cases[] = {
		{ "/boot/vmlinuz-6.1.0", "boot/vmlinuz-6.1.0" },
		{ "/vmlinuz-6.1.0", "boot/vmlinuz-6.1.0" },
		{ "(hd0,gpt2)/vmlinuz-6.1.0", "boot/vmlinuz-6.1.0" },
		{ "(hd0,msdos1)/boot/vmlinuz-6.1.0", "boot/vmlinuz-6.1.0" },
		{ "/@/boot/vmlinuz-6.1.0", "boot/vmlinuz-6.1.0" },
		{ "/deb/linux", "boot/deb/linux" },
		{ "/srv/test/bzImage", "srv/test/bzImage" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char absolute[100];
		struct machine *m;

		teardown(state);
		setup(state);
		m = *state;
		fixture_folder(&m->f, "lib/modules/6.1.0");
		put_image(m, cases[i].file, "6.1.0");
		snprintf(line, sizeof(line), "BOOT_IMAGE=%s ro", cases[i].value);
		snprintf(absolute, sizeof(absolute), "/%s", cases[i].file);
		read_all(m, NULL);
		assert_int_equal(m->list.n, 1);
		assert_string_equal(m->list.items[0].linux, absolute);
		assert_string_equal(m->list.items[0].source, "BOOT_IMAGE");
		assert_true(m->list.items[0].running);
	}
}

/* "Another distribution may have a file of this name." */
static void boot_image_of_another(void **state)
{
	struct machine *m = *state;

	put_image(m, "vmlinuz-linux", "5.0.0-other");
	put_image(m, "boot/vmlinuz-linux", "6.1.0");
	fixture_folder(&m->f, "lib/modules/6.1.0");
	strcpy(line, "BOOT_IMAGE=/vmlinuz-linux");
	read_all(m, NULL);
	assert_int_equal(m->list.n, 1);
	assert_string_equal(m->list.items[0].linux, "/boot/vmlinuz-linux");
	assert_true(m->list.items[0].running);
	/* Nowhere, or nonsense: then it is as if it were not there. */
	strcpy(line, "BOOT_IMAGE=/gone");
	read_all(m, NULL);
	assert_int_equal(m->list.n, 1);
	strcpy(line, "BOOT_IMAGE=(hd0");
	read_all(m, NULL);
	strcpy(line, "BOOT_IMAGE=http://server/linux");
	read_all(m, NULL);
	assert_int_equal(m->list.n, 1);
}

static void in_the_folder_of_modules(void **state)
{
	struct machine *m = *state;

	/* /lib is a link to usr/lib where /usr is merged. */
	fixture_link(&m->f, "lib", "usr/lib");
	put_image(m, "usr/lib/modules/6.1.0/vmlinuz", "6.1.0");
	put_image(m, "usr/lib/modules/6.2.0/vmlinuz", "6.2.0");
	put_image(m, "boot/vmlinuz-6.1.0", "6.1.0");
	fixture_folder(&m->f, "usr/lib/modules/6.3.0");
	fixture_file(&m->f, "boot/initramfs-6.2.0.img", "x");
	read_all(m, NULL);
	/* The copy of an image that is in /boot adds nothing. */
	assert_int_equal(m->list.n, 2);
	assert_string_equal(m->list.items[0].linux, "/boot/vmlinuz-6.1.0");
	assert_string_equal(m->list.items[1].linux, "/usr/lib/modules/6.2.0/vmlinuz");
	assert_string_equal(m->list.items[1].source, "modules");
	assert_string_equal(m->list.items[1].initrd[0], "/boot/initramfs-6.2.0.img");
	/* All have the same name there, so the version is the id. */
	assert_string_equal(m->list.items[1].id, "6.2.0");
}

static void named_by_the_operator(void **state)
{
	struct machine *m = *state;

	machine_kernel(&m->f, "6.1.0");
	put_image(m, "home/alice/bzImage", "6.1.0");
	read_all(m, "/home/alice/bzImage");
	assert_int_equal(m->list.n, 2);
	assert_string_equal(find(m, "/home/alice/bzImage")->source, "path");
	/* One only is the running kernel. */
	assert_true(find(m, "/boot/vmlinuz-6.1.0")->running);
	assert_false(find(m, "/home/alice/bzImage")->running);
	/* What an earlier reader found is not added twice. */
	read_all(m, "/boot/vmlinuz-6.1.0");
	assert_int_equal(m->list.n, 1);
	read_all(m, "/home/alice/gone");
	assert_int_equal(m->list.n, 2);
	assert_non_null(find(m, "/home/alice/gone")->problem);
}

/* "By its version; one that cannot be read, or is damaged, by its name." */
static void the_running_one(void **state)
{
	struct machine *m = *state;

	assert_true(wb_kernel_is_running(&m->state, "/boot/vmlinuz", "6.1.0"));
	assert_false(wb_kernel_is_running(&m->state, "/boot/vmlinuz-6.1.0", "6.2.0"));
	assert_true(wb_kernel_is_running(&m->state, "/boot/vmlinuz-6.1.0", NULL));
	assert_false(wb_kernel_is_running(&m->state, "/boot/vmlinuz-6.1", NULL));
	assert_false(wb_kernel_is_running(&m->state, "/boot/vmlinuz", NULL));
	m->state.release = NULL;
	assert_false(wb_kernel_is_running(&m->state, "/boot/vmlinuz-6.1.0", "6.1.0"));
	/* No such file is no candidate, whatever its name. */
	m->state.release = release;
	strcpy(line, "BOOT_IMAGE=/vmlinuz-6.1.0");
	read_all(m, NULL);
	assert_int_equal(m->list.n, 0);
}

static struct wb_kernel full_kernel(void)
{
	struct wb_kernel k = {
		.id = strdup("i"),
		.title = strdup("t \xc3\xa4"),
		.version = strdup("v"),
		.linux = strdup("/l"),
		.options = strdup("o=\"a b\""),
		.source = strdup("s"),
		.problem = strdup("p"),
		.running = true,
		.is_default = true,
		.oneshot = true,
		.bad = true,
		.unified = true,
	};

	assert_int_equal(wb_strv_split(&k.initrd, "/one /two"), 0);
	return k;
}

static void assert_same(const struct wb_kernel *a, const struct wb_kernel *b)
{
	_cleanup_json_ struct json_object *x = wb_kernel_to_json(a),
					  *y = wb_kernel_to_json(b);
	_cleanup_free_ char *x_text = wb_json_to_text(x), *y_text = wb_json_to_text(y);

	assert_string_equal(x_text, y_text);
}

static void round_trip(void **state)
{
	_cleanup_(wb_kernel_done) struct wb_kernel k = full_kernel(), again = { 0 },
						   copy = { 0 };
	_cleanup_json_ struct json_object *o = wb_kernel_to_json(&k);

	(void)state;
	assert_int_equal(wb_kernel_from_json(o, &again), 0);
	assert_same(&k, &again);
	assert_string_equal(again.initrd[1], "/two");
	assert_true(again.running && again.is_default && again.oneshot && again.bad &&
		    again.unified);
	assert_int_equal(wb_kernel_copy(&k, &copy), 0);
	assert_same(&k, &copy);
	assert_ptr_not_equal(k.linux, copy.linux);
}

/* A copy has every field of what it is a copy of. */
static void copy_of_an_unreadable_one(void **state)
{
	_cleanup_(wb_kernel_done) struct wb_kernel k = full_kernel(), copy = { 0 };

	(void)state;
	k.unreadable = true;
	k.profile = 2;
	assert_int_equal(wb_kernel_copy(&k, &copy), 0);
	assert_true(copy.unreadable);
	assert_int_equal(copy.profile, 2);
}

static void empty_round_trip(void **state)
{
	_cleanup_(wb_kernel_done) struct wb_kernel none = { 0 }, again = { 0 };
	_cleanup_json_ struct json_object *o = wb_kernel_to_json(&none);

	(void)state;
	assert_int_equal(wb_kernel_from_json(o, &again), 0);
	assert_null(again.linux);
	assert_int_equal(wb_strv_length(again.initrd), 0);
}

#define kernel_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		kernel_test(none),
		kernel_test(in_boot),
		kernel_test(without_its_modules),
		kernel_test(without_modules_at_all),
		kernel_test(by_boot_image),
		kernel_test(boot_image_of_another),
		kernel_test(in_the_folder_of_modules),
		kernel_test(named_by_the_operator),
		kernel_test(the_running_one),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(copy_of_an_unreadable_one),
		cmocka_unit_test(empty_round_trip),
	};

	return RUN_TESTS(tests);
}
