/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "facts/mount.h"
#include "facts/target.h"
#include "machine.h"
#include "unit.h"

#define UUID "0c3f6f0e-8a53-4b2e-9d0b-0f6a5f7d2c11"
#define LUKS "7d1f0a2b-1111-4222-8333-444455556666"

struct look {
	struct fixture f;
	struct wb_facts facts;
	struct wb_target target;
};

static int setup(void **state)
{
	struct look *l = calloc(1, sizeof(*l));
	struct fixture *f = &l->f;

	fixture_init(f);
	fixture_file(f, "dev/sda1", "b 8:1\n");
	fixture_file(f, "dev/sda2", "b 8:2\n");
	fixture_file(f, "dev/sda3", "b 8:3\n");
	fixture_file(f, "dev/dm-0", "b 253:0\n");
	fixture_file(f, "dev/tty", "c 5:0\n");
	fixture_link(f, "dev/mapper/my--vg-root", "../dm-0");
	fixture_link(f, "dev/disk/by-uuid/" UUID, "../../sda1");
	fixture_link(f, "dev/disk/by-uuid/" LUKS, "../../sda3");
	fixture_link(f, "dev/disk/by-uuid/12AB-34CD", "../../sda2");
	fixture_link(f, "dev/disk/by-label/my\\x20disk", "../../sda1");
	fixture_link(f, "dev/disk/by-label/\\x2f", "../../sda2");
	fixture_link(f, "dev/disk/by-partuuid/abcd-01", "../../sda1");
	fixture_link(f, "dev/disk/by-partlabel/root", "../../sda1");
	fixture_link(f, "dev/disk/by-id/ata-DISK_1-part1", "../../sda1");
	fixture_link(f, "sys/dev/block/8:1", "../../devices/pci0000:00/ata1/sda/sda1");
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct look *l = *state;

	wb_target_done(&l->target);
	wb_modules_free(l->facts.modules, l->facts.n_modules);
	fixture_done(&l->f);
	free(l);
	return 0;
}

static const struct wb_target *read_target(struct look *l,
					   const struct wb_target_spec *spec)
{
	wb_target_done(&l->target);
	wb_modules_free(l->facts.modules, l->facts.n_modules);
	l->facts.modules = NULL;
	l->facts.n_modules = 0;
	assert_int_equal(wb_modules_read(&l->f.root, &l->facts.modules,
					 &l->facts.n_modules),
			 0);
	assert_int_equal(wb_target_read(&l->f.root, &l->facts, spec, &l->target), 0);
	return &l->target;
}

static char image_path[] = "/vmlinuz";
static const struct wb_kernel unknown_kernel = { .linux = image_path };

static const struct wb_target_root *find_root(struct look *l, const char *options)
{
	const struct wb_target_spec spec = { .kernel = &unknown_kernel,
					     .options = options };

	return &read_target(l, &spec)->root;
}

/* --- the root --------------------------------------------------------------------- */

enum outcome { FOUND, LOST, UNCHECKED };

static void assert_text(const char *options, const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("%s: '%s', and not '%s'", options, text ? text : "", part);
}

static void assert_root(struct look *l, const char *options, enum outcome outcome,
			const char *part)
{
	const struct wb_target_root *r = find_root(l, options);

	if (outcome != LOST && r->problem)
		fail_msg("%s: %s", options, r->problem);
	if (outcome != UNCHECKED && r->unchecked)
		fail_msg("%s: %s", options, r->unchecked);
	assert_text(options,
		    outcome == LOST        ? r->problem
		    : outcome == UNCHECKED ? r->unchecked
					   : r->device,
		    part);
}

static void devices(void **state)
{
	static const struct {
		const char *options;
		enum outcome outcome;
		const char *part;
	} cases[] = {
		{ "root=UUID=" UUID, FOUND, "/dev/sda1" },
		{ "root=UUID=0C3F6F0E-8A53-4B2E-9D0B-0F6A5F7D2C11 ro", FOUND,
		  "/dev/sda1" },
		{ "root=UUID=12ab-34cd", FOUND, "/dev/sda2" },
		{ "root=\"UUID=" UUID "\"", FOUND, "/dev/sda1" },
		{ "\"root=UUID=" UUID "\"", FOUND, "/dev/sda1" },
		{ "root=UUID=", LOST, "no block device has the UUID" },
		{ "root=UUID=0c3f6f0e", LOST, "no block device has the UUID '0c3f6f0e'" },
		{ "root=UUID=../../sda1", LOST, "no block device" },
		{ "root=LABEL=my\\x20disk", FOUND, "/dev/sda1" },
		{ "root=\"LABEL=my disk\"", FOUND, "/dev/sda1" },
		{ "root=LABEL=/", FOUND, "/dev/sda2" },
		{ "root=LABEL=MY\\x20DISK", LOST, "no block device has the LABEL" },
		{ "root=PARTUUID=ABCD-01", FOUND, "/dev/sda1" },
		{ "root=PARTUUID=abcd-01/PARTNROFF=1", UNCHECKED, "partitions" },
		{ "root=PARTUUID=9", LOST, "no block device has the PARTUUID '9'" },
		{ "root=PARTLABEL=root", FOUND, "/dev/sda1" },
		{ "root=PARTLABEL=Root", LOST, "PARTLABEL" },
		{ "root=ID=ata-DISK_1-part1", FOUND, "/dev/sda1" },
		{ "root=ID=ata-DISK_1-part2", LOST, "the ID 'ata-DISK_1-part2'" },
		{ "root=/dev/sda1", FOUND, "/dev/sda1" },
		{ "root=/dev/disk/by-uuid/" UUID, FOUND, "/dev/disk/by-uuid/" UUID },
		{ "root=/dev/sdz9", LOST, "no such device" },
		{ "root=/dev/tty", LOST, "not a block device" },
		{ "root=/dev/../etc/passwd", LOST, "no such device" },
		{ "root=/dev/mapper/my--vg-root", FOUND, "/dev/mapper/my--vg-root" },
		{ "root=/dev/my-vg/root", FOUND, "/dev/mapper/my--vg-root" },
		{ "root=/dev/my-vg/swap", LOST, "no such device" },
		{ "root=/dev/mapper/none", LOST, "no such device" },
		{ "root=/dev/sda1:/dev/sda2", FOUND, "/dev/sda1" },
		{ "root=/dev/sda1:/dev/sdz9", LOST, "no device /dev/sdz9" },
		{ "root=/dev/sdz9:/dev/sda1", LOST, "no device /dev/sdz9" },
		{ "root=8:1", FOUND, "/dev/sda1" },
		{ "root=0801", FOUND, "/dev/sda1" },
		{ "root=0x801", FOUND, "/dev/sda1" },
		{ "root=8:9", LOST, "number" },
		/* The last one counts, and what follows "--" does not. */
		{ "root=/dev/none root=/dev/sda1", FOUND, "/dev/sda1" },
		{ "root=/dev/sda1 root=/dev/none", LOST, "no such device" },
		{ "root=/dev/sda1 -- root=/dev/none", FOUND, "/dev/sda1" },
	};
	struct look *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_root(l, cases[i].options, cases[i].outcome, cases[i].part);
}

static void not_to_be_checked(void **state)
{
	static const struct {
		const char *options, *part;
	} cases[] = {
		{ "", "must know it by itself" },
		{ "ro quiet", "must know it by itself" },
		{ "root= ro", "must know it by itself" },
		{ "root=/dev/nfs nfsroot=10.0.0.1:/srv", "NFS" },
		{ "root=nfs:10.0.0.1:/srv", "NFS" },
		{ "root=nfs4:10.0.0.1:/srv", "NFS" },
		{ "root=cifs://host/share", "SMB" },
		{ "root=iscsi:10.0.0.1::::iqn.x", "iSCSI" },
		{ "netroot=iscsi:10.0.0.1::::iqn.x", "network" },
		{ "root=UUID=5 netroot=iscsi:10.0.0.1::::iqn.x", "network" },
		{ "root=LABEL=x rd.iscsi.firmware=1", "network" },
		{ "root=dhcp", "DHCP" },
		{ "root=live:CDLABEL=Fedora", "live image" },
		{ "root=live:/dev/sr0", "live image" },
		{ "root=overlay", "put together" },
		{ "root=tmpfs", "memory" },
		{ "root=/dev/ram0x", NULL },
		{ "root=/dev/ram", "memory" },
		{ "root=gpt-auto", "partitions" },
		{ "root=/dev/gpt-auto-root", "partitions" },
		{ "root=/dev/mapper/root roothash=abc", "verity" },
		{ "root=/dev/md7 rd.md.uuid=1:2:3:4", "array" },
		{ "root=ZFS=tank/ROOT", "of the pool" },
		{ "root=zfs:tank/ROOT", "of the pool" },
		{ "root=ZFS=tank", "of the pool" },
		{ "zfs=tank/ROOT", "of the pool" },
		{ "root=zfs:AUTO", "bootfs" },
		{ "root=zfs", "bootfs" },
		{ "boot=zfs", "bootfs" },
		{ "root=something:else", "only its initramfs" },
	};
	struct look *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (cases[i].part)
			assert_root(l, cases[i].options, UNCHECKED, cases[i].part);
		else
			assert_root(l, cases[i].options, LOST, "no such device");
}

static void the_word(void **state)
{
	struct look *l = *state;

	assert_string_equal(find_root(l, "root=UUID=5")->word, "root=UUID=5");
	assert_string_equal(find_root(l, "zfs=a/b")->word, "zfs=a/b");
	assert_string_equal(find_root(l, "boot=zfs")->word, "boot=zfs");
	assert_null(find_root(l, "ro")->word);
}

static void zfs(void **state)
{
	struct look *l = *state;

	fixture_file(&l->f, "proc/self/mountinfo",
		     "22 1 0:25 / / rw shared:1 - zfs rpool/ROOT/debian rw,xattr\n"
		     "23 22 0:26 / /home rw - zfs rpool/home rw\n");
	assert_null(find_root(l, "root=ZFS=rpool/ROOT/debian boot=zfs")->unchecked);
	assert_true(l->target.root.mounted);
	assert_string_equal(l->target.root.type, "zfs");
	assert_null(find_root(l, "root=zfs:rpool/home")->unchecked);
	assert_false(l->target.root.mounted);
	assert_root(l, "root=ZFS=rpool/ROOT/other", UNCHECKED, "is not mounted now");
	assert_root(l, "zfs=rpoo/ROOT/debian", UNCHECKED, "of the pool");
}

static void mounted(void **state)
{
	struct look *l = *state;

	fixture_file(&l->f, "proc/self/mountinfo",
		     "1 1 0:2 / / rw - rootfs rootfs rw\n"
		     "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		     "23 22 8:2 / /a\\040b rw - vfat /dev/sda2 rw\n"
		     "garbage\n22 1 8:1 /\n");
	assert_true(find_root(l, "root=UUID=" UUID)->mounted);
	/* The container has its header elsewhere, and brought this root up all the same.
	 */
	assert_null(find_root(l, "root=UUID=" UUID " rd.luks.uuid=99999999")->problem);
	assert_non_null(l->target.root.absent);
	assert_string_equal(l->target.root.type, "ext4");
	assert_false(find_root(l, "root=/dev/sda2")->mounted);
	assert_null(l->target.root.type);
}

/* Its file system is on all of them, and its number is of none. */
static void bcachefs(void **state)
{
	struct look *l = *state;

	assert_false(find_root(l, "root=/dev/sda1:/dev/sda2")->mounted);
	assert_string_equal(l->target.root.type, "bcachefs");
	fixture_file(&l->f, "proc/self/mountinfo",
		     "22 1 0:25 / / rw - bcachefs /dev/sda1:/dev/sda2 rw\n");
	assert_true(find_root(l, "root=/dev/sda1:/dev/sda2")->mounted);
	assert_string_equal(l->target.root.type, "bcachefs");
	assert_false(find_root(l, "root=/dev/sda1:/dev/sda3")->mounted);
}

static void btrfs(void **state)
{
	struct look *l = *state;

	fixture_file(&l->f, "proc/self/mountinfo",
		     "22 1 0:21 /@/.snapshots/1/snapshot / rw - btrfs /dev/sda1 rw\n"
		     "23 22 0:21 /@home /home rw - btrfs /dev/sda1 rw\n"
		     "24 22 0:30 /@other /srv rw - btrfs /dev/sda2 rw\n");
	assert_root(l, "root=/dev/sda1 rootflags=subvol=@/.snapshots/1/snapshot", FOUND,
		    "/dev/sda1");
	assert_true(l->target.root.mounted);
	assert_string_equal(l->target.root.type, "btrfs");
	assert_root(l, "root=/dev/sda1 rootflags=compress=zstd,subvol=/@home,ssd", FOUND,
		    "/dev/sda1");
	assert_root(l, "root=/dev/sda1 rootflags=compress=zstd", FOUND, "/dev/sda1");
	assert_root(l, "root=/dev/sda1 rootflags=subvolid=5", FOUND, "/dev/sda1");
	assert_root(l, "root=/dev/sda1 rootflags=subvolid=257", UNCHECKED, "number 257");
	assert_root(l, "root=/dev/sda1 rootflags=subvol=@other", UNCHECKED, "'@other'");
	assert_root(l, "root=/dev/sda9 rootflags=subvol=@other", LOST, "no such device");
}

static void luks(void **state)
{
	static const char *const good[] = {
		"rd.luks.uuid=" LUKS,
		"rd.luks.uuid=luks-" LUKS,
		"rd.luks.uuid=7D1F0A2B",
		"luks.uuid=" LUKS,
		"rd.luks.name=" LUKS "=cryptroot",
		"cryptdevice=UUID=" LUKS ":cryptroot:allow-discards",
		"cryptdevice=/dev/sda3:cryptroot",
	};
	static const char *const bad[] = {
		"rd.luks.uuid=99999999",           "rd.luks.name=99999999=cryptroot",
		"luks.name=99999999=cryptroot",    "cryptdevice=UUID=99999999:cryptroot",
		"cryptdevice=/dev/sdz3:cryptroot",
	};
	struct look *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_free_ char *here = wb_format("root=/dev/sda1 %s", good[i]);
		_cleanup_free_ char *inside = wb_format("root=/dev/mapper/x %s", good[i]);

		assert_root(l, here, FOUND, "/dev/sda1");
		assert_null(l->target.root.absent);
		assert_root(l, inside, UNCHECKED, "LUKS container");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *only = wb_format("root=/dev/sda1 %s", bad[i]);
		_cleanup_free_ char *second =
			wb_format("root=/dev/sda1 %s %s", good[0], bad[i]);

		assert_root(l, only, LOST, "this LUKS container");
		assert_string_equal(l->target.root.word, bad[i]);
		/* Where another opens, this one may be of no weight. */
		assert_root(l, second, FOUND, "/dev/sda1");
		assert_string_equal(l->target.root.absent[0], bad[i]);
	}
}

static void lvm(void **state)
{
	struct look *l = *state;

	assert_null(find_root(l, "root=/dev/sda1 rd.lvm.lv=my-vg/root")->absent);
	assert_null(find_root(l, "root=/dev/sda1 rd.lvm.vg=my-vg")->absent);
	assert_root(l, "root=/dev/sda1 rd.lvm.vg=my rd.lvm.lv=my-vg/swap", FOUND, "sda1");
	assert_int_equal(wb_strv_length(l->target.root.absent), 2);
	assert_true(wb_strv_contains(l->target.root.absent, "rd.lvm.vg=my"));
	assert_true(wb_strv_contains(l->target.root.absent, "rd.lvm.lv=my-vg/swap"));
}

/* --- the initramfs ---------------------------------------------------------------- */

static struct bytes archive_of(const char *const *names)
{
	struct bytes b = { 0 };

	for (; *names; names++)
		newc_add(&b, *names, "");
	newc_trailer(&b);
	return b;
}

static void put_archive(struct look *l, const char *path, const char *const *names)
{
	struct bytes b = archive_of(names);

	fixture_bytes(&l->f, path, b.data, b.size);
	bytes_done(&b);
}

static void initramfs_files(void **state)
{
	struct look *l = *state;
	char a[] = "/a", b[] = "/b", none[] = "/none";
	struct wb_target_spec spec = {
		.kernel = &unknown_kernel,
		.options = "",
		.initrd = (char *[]){ a, b, NULL },
	};

	put_archive(l, "a", (const char *[]){ NULL });
	put_archive(l, "b", (const char *[]){ "init", NULL });
	assert_null(read_target(l, &spec)->initramfs.problem);
	spec.initrd = (char *[]){ a, NULL };
	assert_string_equal(read_target(l, &spec)->initramfs.problem, "it holds no file");
	spec.initrd = (char *[]){ a, none, NULL };
	assert_string_equal(read_target(l, &spec)->initramfs.problem_path, "/none");
}

/* --- its modules ------------------------------------------------------------------ */

#define DISK "devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda"

static void put_driver(struct look *l, const char *device, const char *driver,
		       const char *module)
{
	_cleanup_free_ char *link = wb_format("sys/%s/driver", device);
	_cleanup_free_ char *to = wb_format("/sys/bus/any/drivers/%s", driver);
	_cleanup_free_ char *module_link =
		wb_format("sys/bus/any/drivers/%s/module", driver);
	_cleanup_free_ char *module_to = wb_format("../../../../module/%s", module);

	fixture_link(&l->f, link, to);
	fixture_link(&l->f, module_link, module_to);
}

/* ext4 on LVM on LUKS on a partition of a SATA disk. */
static void put_machine(struct look *l)
{
	struct fixture *f = &l->f;

	l->facts.state.release = (char *)(uintptr_t) "6.1";
	fixture_link(f, "sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
	fixture_link(f, "sys/class/block/dm-1", "../../devices/virtual/block/dm-1");
	fixture_link(f, "sys/class/block/sda3", "../../" DISK "/sda3");
	fixture_file(f, "sys/devices/virtual/block/dm-0/dm/uuid", "LVM-abc\n");
	fixture_link(f, "sys/devices/virtual/block/dm-0/slaves/dm-1", "../../dm-1");
	fixture_file(f, "sys/devices/virtual/block/dm-1/dm/uuid",
		     "CRYPT-LUKS2-7d1f-root\n");
	fixture_link(f, "sys/devices/virtual/block/dm-1/slaves/sda3", "../x/sda3");
	fixture_file(f, "sys/" DISK "/sda3/dev", "8:3\n");
	put_driver(l, "devices/pci0000:00/0000:00:17.0", "ahci", "ahci");
	put_driver(l, "devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0",
		   "sd", "sd_mod");
	fixture_file(f, "proc/self/mountinfo",
		     "22 1 253:0 / / rw - ext4 /dev/mapper/my--vg-root rw\n");
	fixture_file(f, "proc/modules",
		     "ahci 1 1 - Live 0x0\n"
		     "sd_mod 1 1 - Live 0x0\n"
		     "dm_mod 1 1 - Live 0x0\n"
		     "dm_crypt 1 1 - Live 0x0\n"
		     "ext4 1 1 - Live 0x0\n"
		     "nvidia 1 1 - Live 0x0 (POE)\n");
	fixture_file(f, "lib/modules/6.2/modules.dep",
		     "kernel/drivers/ata/ahci.ko.zst: kernel/drivers/ata/libahci.ko.zst\n"
		     "kernel/drivers/md/dm-mod.ko.zst:\n"
		     "kernel/drivers/md/dm-crypt.ko.zst:\n"
		     "updates/dkms/nvidia.ko:\n");
	fixture_file(f, "lib/modules/6.2/modules.builtin",
		     "kernel/fs/ext4/ext4.ko\nkernel/drivers/scsi/sd_mod.ko\n");
}

static const struct wb_target_modules *modules_of(struct look *l, const char *version,
						  const char *options)
{
	char initrd[] = "/initrd";
	const struct wb_kernel kernel = { .linux = image_path,
					  .version = (char *)(uintptr_t)version };
	const struct wb_target_spec spec = {
		.kernel = &kernel,
		.options = options,
		.initrd = (char *[]){ initrd, NULL },
	};

	return &read_target(l, &spec)->modules;
}

static void assert_list(char *const *list, const char *expected)
{
	_cleanup_free_ char *text = wb_strv_join(list, " ");

	assert_non_null(text);
	assert_string_equal(text, expected);
}

static const char root_word[] = "root=/dev/mapper/my--vg-root";

static void what_the_root_needs(void **state)
{
	struct look *l = *state;
	const struct wb_target_modules *m;

	put_machine(l);
	put_archive(l, "initrd",
		    (const char *[]){ "lib/modules/6.2/kernel/dm-mod.ko", NULL });
	m = modules_of(l, "6.2", root_word);
	assert_false(m->foreign);
	assert_list(m->missing, "dm_crypt ahci");
	assert_null(m->unbuilt);
	/* The running kernel found its root. */
	m = modules_of(l, "6.1", root_word);
	assert_null(m->missing);
	m = modules_of(l, NULL, root_word);
	assert_null(m->missing);
	/* What the root is on is not known. */
	m = modules_of(l, "6.2", "root=live:CDLABEL=x");
	assert_null(m->missing);
	put_archive(l, "initrd",
		    (const char *[]){ "lib/modules/6.2/kernel/dm-mod.ko",
				      "lib/modules/6.2/kernel/dm-crypt.ko.xz",
				      "lib/modules/6.2/kernel/ahci.ko.zst", NULL });
	m = modules_of(l, "6.2", root_word);
	assert_null(m->missing);
}

/* Neither a file nor built in, and a module here: the next kernel does not have it. */
static void a_driver_that_went(void **state)
{
	struct look *l = *state;

	put_machine(l);
	put_archive(l, "initrd",
		    (const char *[]){ "lib/modules/6.2/dm-mod.ko",
				      "lib/modules/6.2/dm-crypt.ko",
				      "lib/modules/6.2/ahci.ko", NULL });
	fixture_file(&l->f, "lib/modules/6.2/modules.builtin",
		     "kernel/drivers/scsi/sd_mod.ko\n");
	assert_list(modules_of(l, "6.2", root_word)->missing, "ext4");
	/* Part of this kernel, and maybe of that one. */
	fixture_file(&l->f, "proc/modules", "ahci 1 1 - Live 0x0\n");
	assert_null(modules_of(l, "6.2", root_word)->missing);
}

static void nothing_is_known(void **state)
{
	struct look *l = *state;

	put_machine(l);
	put_archive(l, "initrd", (const char *[]){ "init", NULL });
	fixture_remove(&l->f, "lib/modules/6.2/modules.dep");
	assert_null(modules_of(l, "6.2", root_word)->missing);
	assert_null(l->target.modules.unbuilt);
}

static void a_foreign_initramfs(void **state)
{
	struct look *l = *state;

	put_machine(l);
	put_archive(l, "initrd",
		    (const char *[]){ "usr/lib/modules/6.1/dm-mod.ko", NULL });
	assert_true(modules_of(l, "6.2", root_word)->foreign);
	assert_null(l->target.modules.missing);
	/* One without any module may need none. */
	put_archive(l, "initrd", (const char *[]){ "init", NULL });
	assert_false(modules_of(l, "6.2", root_word)->foreign);
}

static void out_of_tree(void **state)
{
	struct look *l = *state;

	put_machine(l);
	put_archive(l, "initrd", (const char *[]){ "init", NULL });
	fixture_file(&l->f, "proc/modules",
		     "nvidia 1 1 - Live 0x0 (POE)\nwl 1 1 - Live 0x0 (OE)\n"
		     "intree 1 1 - Live 0x0\nforced 1 1 - Live 0x0 (F)\n");
	assert_list(modules_of(l, "6.2", root_word)->unbuilt, "wl");
	assert_null(l->target.modules.unbuilt_root);
	assert_null(modules_of(l, "6.1", root_word)->unbuilt);
}

static void zfs_is_not_built(void **state)
{
	struct look *l = *state;

	put_machine(l);
	put_archive(l, "initrd", (const char *[]){ "init", NULL });
	fixture_file(&l->f, "proc/self/mountinfo",
		     "22 1 0:25 / / rw - zfs rpool/ROOT rw\n");
	fixture_file(&l->f, "proc/modules",
		     "zfs 1 1 - Live 0x0 (POE)\nspl 1 1 zfs, Live 0x0 (OE)\n"
		     "nvidia 1 1 - Live 0x0 (POE)\n");
	assert_list(modules_of(l, "6.2", "root=ZFS=rpool/ROOT")->unbuilt_root, "zfs spl");
	assert_null(l->target.modules.unbuilt);
	/* And is not said twice. */
	assert_null(l->target.modules.missing);
	put_archive(l, "initrd",
		    (const char *[]){ "lib/modules/6.2/extra/zfs.ko",
				      "lib/modules/6.2/extra/spl.ko", NULL });
	assert_null(modules_of(l, "6.2", "root=ZFS=rpool/ROOT")->unbuilt_root);
}

/* RAID on two disks, one of them NVMe with multipath; and links in a circle. */
static void raid(void **state)
{
	struct look *l = *state;
	struct fixture *f = &l->f;

	put_machine(l);
	fixture_file(f, "dev/md0p1", "b 259:1\n");
	fixture_link(f, "sys/dev/block/259:1", "../../devices/virtual/block/md0/md0p1");
	fixture_file(f, "sys/devices/virtual/block/md0/md0p1/dev", "259:1\n");
	fixture_file(f, "sys/devices/virtual/block/md0/md/level", "raid1\n");
	fixture_link(f, "sys/devices/virtual/block/md0/slaves/sda3", "x");
	fixture_link(f, "sys/devices/virtual/block/md0/slaves/nvme0n1", "x");
	fixture_link(f, "sys/devices/virtual/block/md0/slaves/md0", "x");
	fixture_link(f, "sys/class/block/md0", "../../devices/virtual/block/md0");
	fixture_link(f, "sys/class/block/nvme0n1",
		     "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
	fixture_link(f, "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0", "x");
	fixture_link(f, "sys/class/nvme/nvme0",
		     "../../devices/pci0000:00/0000:01:00.0/nvme/nvme0");
	put_driver(l, "devices/pci0000:00/0000:01:00.0", "nvme", "nvme");
	fixture_file(f, "lib/modules/6.2/modules.dep",
		     "ahci.ko:\nnvme.ko:\nmd-mod.ko:\nraid1.ko:\nraid10.ko:\n");
	put_archive(l, "initrd", (const char *[]){ "init", NULL });
	assert_list(modules_of(l, "6.2", "root=/dev/md0p1")->missing,
		    "md_mod raid1 nvme ahci");
}

#define target_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		target_test(devices),
		target_test(not_to_be_checked),
		target_test(the_word),
		target_test(zfs),
		target_test(bcachefs),
		target_test(mounted),
		target_test(btrfs),
		target_test(luks),
		target_test(lvm),
		target_test(initramfs_files),
		target_test(what_the_root_needs),
		target_test(a_driver_that_went),
		target_test(nothing_is_known),
		target_test(a_foreign_initramfs),
		target_test(out_of_tree),
		target_test(zfs_is_not_built),
		target_test(raid),
	};

	return RUN_TESTS(tests);
}
