/* SPDX-License-Identifier: GPL-2.0-or-later */

/* grub.cfg on a machine: where its files are. */

#include <string.h>
#include <unistd.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/kernel.h"
#include "grub-samples.h"
#include "machine.h"
#include "unit.h"

struct machine {
	struct fixture f;
	struct wb_state state;
	struct wb_kernels list;
};

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	m->list.state = &m->state;
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

static void read_grub(struct machine *m)
{
	wb_kernels_done(&m->list);
	assert_int_equal(wb_kernel_reader_grub.read(&m->f.root, &m->list), 0);
}

static const struct wb_kernel *read_one(struct machine *m, const char *block)
{
	_cleanup_free_ char *text = wb_format("menuentry a {\n%s\n}\n", block);

	fixture_file(&m->f, "boot/grub/grub.cfg", text);
	read_grub(m);
	assert_int_equal(m->list.n, 1);
	return m->list.items;
}

static void none(void **state)
{
	struct machine *m = *state;

	read_grub(m);
	assert_int_equal(m->list.n, 0);
	fixture_file(&m->f, "boot/grub/grub.cfg", "");
	read_grub(m);
	assert_int_equal(m->list.n, 0);
}

static void debian(void **state)
{
	struct machine *m = *state;
	const struct wb_kernel *k;

	machine_kernel(&m->f, "6.1.0-2");
	fixture_file(&m->f, "boot/grub/grub.cfg", GRUB_DEBIAN);
	fixture_file(&m->f, "boot/grub/grubenv",
		     "# GRUB Environment Block\nnext_entry=1>2\n####");
	read_grub(m);
	assert_int_equal(m->list.n, 6);
	k = &m->list.items[0];
	assert_string_equal(k->id, "gnulinux-simple-1");
	assert_string_equal(k->version, "6.1.0-2");
	assert_string_equal(k->linux, "/boot/vmlinuz-6.1.0-2");
	assert_string_equal(k->initrd[0], "/boot/initrd.img-6.1.0-2");
	assert_string_equal(k->source, "grub");
	assert_null(k->problem);
	/* Once next_entry is used up, nothing says which: the first. */
	assert_true(k->is_default && !k->oneshot);
	k = &m->list.items[3];
	assert_string_equal(k->title, "Advanced options for Debian GNU/Linux>"
				      "Debian, with Linux 6.1.0-1");
	assert_string_equal(k->problem, "its kernel /boot/vmlinuz-6.1.0-1 is not there");
	assert_true(k->oneshot && !k->is_default);
	assert_non_null(strstr(m->list.items[4].problem, "chainloader"));
	assert_non_null(m->list.items[5].problem);
}

static void folders(void **state)
{
	struct machine *m = *state;

	fixture_file(&m->f, "boot/grub2/grub.cfg", GRUB_DEBIAN);
	fixture_file(&m->f, "boot/grub2/grubenv", "saved_entry=gnulinux-simple-1\n");
	read_grub(m);
	assert_int_equal(m->list.n, 6);
	assert_true(m->list.items[0].is_default);
	assert_false(m->list.items[0].oneshot);
}

/* 8:1 is /boot, 8:2 is /. */
static void put_mounts(struct machine *m, const char *root, const char *source)
{
	_cleanup_free_ char *text =
		wb_format("20 1 0:30 %s / rw,noatime shared:1 - btrfs %s rw\n"
			  "21 20 8:1 / /boot rw - ext4 /dev/sda1 rw\nnonsense\n",
			  root, source);

	fixture_file(&m->f, "proc/self/mountinfo", text);
	if (wb_root_exists(&m->f.root, "dev/sda1"))
		return;
	fixture_file(&m->f, "dev/sda1", "b 8:1");
	fixture_file(&m->f, "dev/sda2", "b 8:2");
	fixture_file(&m->f, "dev/sdb1", "b 8:17");
	fixture_link(&m->f, "dev/disk/by-uuid/one", "../../sda1");
	fixture_link(&m->f, "dev/disk/by-uuid/two", "../../sda2");
	fixture_link(&m->f, "dev/disk/by-uuid/usb", "../../sdb1");
}

static void prefixes(void **state)
{
	static const struct {
		const char *path, *file;
	} cases[] = {
		{ "/boot/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/@/boot/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/@boot/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/@/.snapshots/1/snapshot/boot/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/root/boot/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/ROOT/debian@/boot/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/BOOT/debian@/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "($root)/vmlinuz-6", "/boot/vmlinuz-6" },
		{ "/srv/vmlinuz-6", NULL },
		{ "/@/boot/vmlinuz-5", NULL },
		{ "(hd1,2)/vmlinuz-6", NULL },
		{ "vmlinuz-6", NULL },
	};
	struct machine *m = *state;

	machine_kernel(&m->f, "6");
	fixture_file(&m->f, "vmlinuz-5", "of another");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *block = wb_format("linux %s ro", cases[i].path);
		const struct wb_kernel *k = read_one(m, block);

		assert_int_equal(!k->linux, !cases[i].file);
		if (cases[i].file)
			assert_string_equal(k->linux, cases[i].file);
		else
			assert_non_null(strstr(k->problem, cases[i].path));
	}
	assert_non_null(strstr(read_one(m, "linux /vmlinuz-6\ninitrd /gone")->problem,
			       "initramfs /gone"));
}

/* Another subvolume has files of the same names. */
static void other_subvolumes(void **state)
{
	struct machine *m = *state;

	machine_kernel(&m->f, "6");
	put_mounts(m, "/@/.snapshots/1/snapshot", "/dev/sda2");
	assert_non_null(
		read_one(m, "linux /@/.snapshots/1/snapshot/boot/vmlinuz-6")->linux);
	assert_null(read_one(m, "linux /@/.snapshots/2/snapshot/boot/vmlinuz-6")->linux);
	put_mounts(m, "/", "rpool/ROOT/debian");
	assert_non_null(read_one(m, "linux /ROOT/debian@/boot/vmlinuz-6")->linux);
	assert_null(read_one(m, "linux /ROOT/older@/boot/vmlinuz-6")->linux);
}

static void other_file_systems(void **state)
{
	struct machine *m = *state;

	machine_kernel(&m->f, "6");
	put_mounts(m, "/@", "/dev/sda2");
	assert_null(read_one(m, "search --fs-uuid --set=root one\nlinux /vmlinuz-6")
			    ->problem);
	assert_null(
		read_one(m, "search --fs-uuid --set=root two\nlinux /@/boot/vmlinuz-6")
			->problem);
	assert_string_equal(read_one(m,
				     "search --fs-uuid --set=root usb\nlinux /vmlinuz-6")
				    ->problem,
			    "it is on another file system, usb");
	assert_non_null(read_one(m, "search --fs-uuid --set=root gone\nlinux /vmlinuz-6")
				->problem);
	assert_null(
		read_one(m, "search --fs-uuid --set=root usb\nlinux /vmlinuz-6")->linux);
}

/* With /boot of its own, what has the same name at the top of / is another file. */
static void other_mounts(void **state)
{
	struct machine *m = *state;

	machine_kernel(&m->f, "6");
	fixture_file(&m->f, "vmlinuz-6", "of another");
	put_mounts(m, "/@", "/dev/sda2");
	assert_string_equal(read_one(m,
				     "search --fs-uuid --set=root one\nlinux /vmlinuz-6")
				    ->linux,
			    "/boot/vmlinuz-6");
	assert_string_equal(read_one(m,
				     "search --fs-uuid --set=root two\nlinux /vmlinuz-6")
				    ->linux,
			    "/vmlinuz-6");
}

/* btrfs of sda2 and sdb1: it is mounted by the one, "usb" leads to the other. */
static void several_devices(void **state)
{
	static const char *const block =
		"search --fs-uuid --set=root usb\nlinux /@/boot/vmlinuz-6";
	struct machine *m = *state;

	machine_kernel(&m->f, "6");
	put_mounts(m, "/@", "/dev/sda2");
	fixture_folder(&m->f, "sys/fs/btrfs/usb/devices/sda2");
	fixture_file(&m->f, "sys/fs/btrfs/usb/devices/sdb1/dev", "8:17\n");
	assert_non_null(read_one(m, block)->problem);
	fixture_file(&m->f, "sys/fs/btrfs/usb/devices/sda2/dev", "8:2\n");
	assert_null(read_one(m, block)->problem);
}

/* @before and an entry that needs $more of what it reads. */
static const struct wb_kernel *read_sourced(struct machine *m, const char *before)
{
	_cleanup_free_ char *text =
		wb_format("%s\nmenuentry a {\nlinux /boot/vmlinuz-6 $more\n}\n", before);

	fixture_file(&m->f, "boot/grub/grub.cfg", text);
	read_grub(m);
	return &m->list.items[m->list.n - 1];
}

static void sourced(void **state)
{
	struct machine *m = *state;
	const struct wb_kernel *k;

	machine_kernel(&m->f, "6");
	put_mounts(m, "/", "/dev/sda2");
	fixture_file(&m->f, "srv/more.cfg", "set more=found\nmenuentry b { true }\n");
	fixture_file(&m->f, "boot/grub/more.cfg", "set more=beside");
	fixture_file(&m->f, "srv/self.cfg", "source /srv/self.cfg");
	fixture_folder(&m->f, "srv/folder.cfg");
	fixture_link(&m->f, "boot/grub/circle.cfg", "circle.cfg");
	k = read_sourced(m, "if [ -f /srv/more.cfg ]; then source /srv/more.cfg; fi");
	assert_string_equal(k->options, "found");
	assert_int_equal(m->list.n, 2);
	assert_string_equal(read_sourced(m, ". $prefix/more.cfg")->options, "beside");
	assert_string_equal(read_sourced(m, ". ${config_directory}/more.cfg")->options,
			    "beside");
	/* It is not there: the script goes on without it. */
	assert_null(read_sourced(m, "source /srv/none.cfg")->problem);
	assert_null(read_sourced(m, "[ -f /srv/none.cfg ] && more=1")->problem);
	/* These may be anything. */
	assert_non_null(read_sourced(m, "source /srv/folder.cfg")->problem);
	assert_non_null(read_sourced(m, ". $prefix/circle.cfg")->problem);
	assert_non_null(read_sourced(m, "source /srv/self.cfg")->problem);
	assert_non_null(read_sourced(m, "source $path")->problem);
	assert_non_null(read_sourced(m, "set root=hd9\nsource /srv/more.cfg")->problem);
	assert_non_null(
		read_sourced(m, "search --fs-uuid --set=root usb\nsource /srv/more.cfg")
			->problem);
	assert_string_equal(
		read_sourced(m, "search --fs-uuid --set=root two\nsource /srv/more.cfg")
			->options,
		"found");
}

static void vendors(void **state)
{
	struct machine *m = *state;

	fixture_file(&m->f, "boot/efi/EFI/redhat/grub.cfg", GRUB_DEBIAN);
	fixture_file(&m->f, "boot/efi/EFI/redhat/grubenv",
		     "saved_entry=gnulinux-simple-1\n");
	read_grub(m);
	assert_int_equal(m->list.n, 6);
	assert_true(m->list.items[0].is_default);
}

/* An entry for once in front of the default, as each generation of GRUB writes it. */
static void once(void **state)
{
	static const char *const blocks[] = {
		"saved_entry=gnulinux-simple-1\nnext_entry=1>2\n",
		"saved_entry=1>2\nprev_saved_entry=gnulinux-simple-1\n",
	};
	struct machine *m = *state;

	fixture_file(&m->f, "boot/grub/grub.cfg", GRUB_DEBIAN);
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		fixture_file(&m->f, "boot/grub/grubenv", blocks[i]);
		read_grub(m);
		assert_true(m->list.items[0].is_default && !m->list.items[0].oneshot);
		assert_true(m->list.items[3].oneshot && !m->list.items[3].is_default);
	}
}

/* GRUB makes an entry of a block when it has read its end. */
static void cut_short(void **state)
{
	struct machine *m = *state;

	machine_kernel(&m->f, "6");
	fixture_file(&m->f, "boot/grub/grub.cfg",
		     "set default=b\nmenuentry a { linux /boot/vmlinuz-6 }\n"
		     "menuentry b { linux /boot/vmlinuz-6 ro qui");
	read_grub(m);
	assert_int_equal(m->list.n, 2);
	assert_true(m->list.items[0].is_default && !m->list.items[1].is_default);
	assert_null(m->list.items[0].problem);
	assert_non_null(strstr(m->list.items[1].problem, "ends before its entry does"));
}

static void not_followed(void **state)
{
	struct machine *m = *state;
	const struct wb_kernel *k;

	machine_kernel(&m->f, "6");
	k = read_one(m, "linux /vmlinuz-6 root=$net_root");
	assert_string_equal(k->problem,
			    "GRUB's script cannot be followed: it needs $net_root, "
			    "which only GRUB knows");
	assert_string_equal(k->id, "a");
	assert_non_null(read_one(m, "")->problem);
}

static void put_large(struct machine *m, const char *path)
{
	_cleanup_free_ char *outside = fixture_outside(&m->f, path);

	fixture_file(&m->f, path, GRUB_DEBIAN);
	assert_int_equal(truncate(outside, (off_t)17 << 20), 0);
}

static void assert_unlisted(struct machine *m, const char *path, const char *why)
{
	read_grub(m);
	assert_int_equal(wb_strv_length(m->list.unlisted), 1);
	assert_non_null(strstr(m->list.unlisted[0], path));
	assert_non_null(strstr(m->list.unlisted[0], why));
}

/* What cannot be read is not absent: somebody has to be told. */
static void unreadable(void **state)
{
	struct machine *m = *state;

	read_grub(m);
	assert_null(m->list.unlisted);
	fixture_file(&m->f, "boot/grub2/grub.cfg", GRUB_DEBIAN);
	fixture_link(&m->f, "boot/grub/grub.cfg", "grub.cfg");
	assert_unlisted(m, "/boot/grub/grub.cfg", "Too many levels of symbolic links");
	/* The other folder is asked all the same. */
	assert_int_equal(m->list.n, 6);
	fixture_remove(&m->f, "boot/grub/grub.cfg");
	put_large(m, "boot/grub/grub.cfg");
	assert_unlisted(m, "/boot/grub/grub.cfg", "File too large");
	fixture_remove(&m->f, "boot/grub/grub.cfg");
	put_large(m, "boot/efi/EFI/debian/grub.cfg");
	fixture_remove(&m->f, "boot/grub2/grub.cfg");
	assert_unlisted(m, "/boot/efi/EFI/debian/grub.cfg", "File too large");
	assert_int_equal(m->list.n, 0);
}

/* Without these nobody knows the default; the entries are there all the same. */
static void unreadable_default(void **state)
{
	static const char *const names[] = { "grubenv", "custom.cfg" };
	struct machine *m = *state;

	fixture_file(&m->f, "boot/grub/grub.cfg", GRUB_DEBIAN);
	read_grub(m);
	assert_true(m->list.items[0].is_default);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = wb_format("boot/grub/%s", names[i]);

		fixture_link(&m->f, path, names[i]);
		assert_unlisted(m, path, "default");
		assert_int_equal(m->list.n, 6);
		for (size_t j = 0; j < m->list.n; j++)
			assert_false(m->list.items[j].is_default);
		fixture_remove(&m->f, path);
	}
}

#define kernel_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		kernel_test(none),
		kernel_test(debian),
		kernel_test(folders),
		kernel_test(prefixes),
		kernel_test(other_subvolumes),
		kernel_test(other_file_systems),
		kernel_test(other_mounts),
		kernel_test(several_devices),
		kernel_test(sourced),
		kernel_test(vendors),
		kernel_test(once),
		kernel_test(cut_short),
		kernel_test(not_followed),
		kernel_test(unreadable),
		kernel_test(unreadable_default),
	};

	return RUN_TESTS(tests);
}
