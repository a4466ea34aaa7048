/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "facts/device.h"
#include "facts/use.h"
#include "fixture.h"
#include "unit.h"

/* Two controllers with a disk each, on a machine that a test puts things on. */
struct machine {
	struct fixture f;
	struct wb_device *devices;
	size_t n;
};

#define ONE "devices/pci0000:00/0000:00:1c.0/0000:01:00.0"
#define TWO "devices/pci0000:00/0000:02:00.0"
#define SDA ONE "/host0/target0:0:0/0:0:0:0/block/sda"
#define SDB TWO "/host1/target1:0:0/1:0:0:0/block/sdb"

static void put(struct machine *m, const char *bus, const char *path, const char *driver,
		const char *class)
{
	_cleanup_free_ char *link =
		wb_format("sys/bus/%s/devices/%s", bus, strrchr(path, '/') + 1);
	_cleanup_free_ char *target = wb_format("../../../%s", path);
	_cleanup_free_ char *own = wb_format("sys/%s/driver", path);
	_cleanup_free_ char *at = wb_format("/sys/bus/%s/drivers/%s", bus, driver);
	_cleanup_free_ char *file = wb_format("sys/%s/class", path);

	fixture_link(&m->f, link, target);
	fixture_link(&m->f, own, at);
	fixture_folder(&m->f, at + 1);
	if (class)
		fixture_file(&m->f, file, class);
}

static void put_disk(struct machine *m, const char *number, const char *path)
{
	_cleanup_free_ char *link = wb_format("sys/dev/block/%s", number);
	_cleanup_free_ char *target = wb_format("../../%s", path);

	fixture_link(&m->f, link, target);
}

static void put_virtual(struct machine *m, const char *number, const char *name,
			const char *slave)
{
	_cleanup_free_ char *path = wb_format("devices/virtual/block/%s", name);
	_cleanup_free_ char *link = wb_format("sys/%s/slaves/%s", path, slave);

	put_disk(m, number, path);
	fixture_link(&m->f, link, "../nowhere");
}

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	put(m, "pci", "devices/pci0000:00/0000:00:1c.0", "pcieport", "0x060400\n");
	put(m, "pci", ONE, "mpt3sas", "0x010700\n");
	put(m, "pci", TWO, "ahci", "0x010601\n");
	put(m, "scsi", ONE "/host0/target0:0:0/0:0:0:0", "sd", NULL);
	put(m, "scsi", TWO "/host1/target1:0:0/1:0:0:0", "sd", NULL);
	put_disk(m, "8:0", SDA);
	put_disk(m, "8:1", SDA "/sda1");
	put_disk(m, "8:16", SDB);
	put_disk(m, "8:17", SDB "/sdb1");
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	wb_devices_free(m->devices, m->n);
	fixture_done(&m->f);
	free(m);
	return 0;
}

static void read_all(struct machine *m)
{
	wb_devices_free(m->devices, m->n);
	m->devices = NULL;
	m->n = 0;
	assert_int_equal(wb_devices_read(&m->f.root, &m->devices, &m->n), 0);
}

static const struct wb_device *find(const struct machine *m, const char *id)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->devices[i].id, id) == 0)
			return &m->devices[i];
	fail_msg("there is no %s", id);
	return NULL;
}

/* All of them in words, separated by ", ". */
static void assert_uses(const struct machine *m, const char *id, const char *expected)
{
	const struct wb_device *d = find(m, id);
	char all[1000] = "";

	for (size_t i = 0; i < d->n_uses; i++) {
		_cleanup_free_ char *text = wb_use_to_string(&d->uses[i]);

		strcat(strcat(all, i > 0 ? ", " : ""), text);
	}
	assert_string_equal(all, expected);
}

static void assert_roots(const struct machine *m, const char *expected)
{
	char all[1000] = "";

	for (size_t i = 0; i < m->n; i++)
		if (m->devices[i].carries_root)
			strcat(strcat(all, *all ? " " : ""), m->devices[i].id);
	assert_string_equal(all, expected);
}

static void mounts(struct machine *m, const char *table)
{
	fixture_file(&m->f, "proc/self/mountinfo", table);
}

static void nothing(void **state)
{
	struct machine *m = *state;

	read_all(m);
	assert_int_equal(m->n, 5);
	assert_uses(m, "0000:01:00.0", "");
	assert_roots(m, "");
}

static void file_systems(void **state)
{
	struct machine *m = *state;
	const struct wb_device *d;

	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
		  "2 1 8:17 / /srv/my\\040data rw - ext4 /dev/sdb1 rw\n"
		  "3 1 0:20 / /proc rw - proc proc rw\n");
	read_all(m);
	d = find(m, "0000:02:00.0");
	assert_uses(m, "0000:02:00.0",
		    "/srv/my data is mounted from it (srv-my\\x20data.mount)");
	assert_string_equal(d->uses[0].unit, "srv-my\\x20data.mount");
	assert_uses(m, "1:0:0:0",
		    "/srv/my data is mounted from it (srv-my\\x20data.mount)");
	assert_uses(m, "0000:01:00.0", "/ is mounted from it");
	/* A bridge has nothing of its own. */
	assert_uses(m, "0000:00:1c.0", "");
	assert_roots(m, "0000:00:1c.0 0000:01:00.0 0:0:0:0");
}

static void swap(void **state)
{
	struct machine *m = *state;

	fixture_file(&m->f, "dev/sdb1", "b 8:17\n");
	fixture_file(&m->f, "proc/swaps",
		     "Filename\t\tType\t\tSize\tUsed\tPriority\n"
		     "/dev/sdb1                               partition\t1\t0\t-2\n"
		     "/swap\\040file                          file\t1\t0\t-2\n");
	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "swap on /dev/sdb1 (dev-sdb1.swap)");
	assert_string_equal(find(m, "0000:02:00.0")->uses[0].unit, "dev-sdb1.swap");
	assert_uses(m, "0000:01:00.0",
		    "/ is mounted from it, swap on /swap file (swap\\x20file.swap)");
}

/* The root on LVM on an array of both disks. */
static void stacks(void **state)
{
	struct machine *m = *state;

	put_virtual(m, "9:0", "md0", "sda1");
	fixture_link(&m->f, "sys/devices/virtual/block/md0/slaves/sdb1", "../x");
	put_virtual(m, "253:0", "dm-0", "md0");
	fixture_file(&m->f, "sys/devices/virtual/block/dm-0/dm/name", "vg-root\n");
	mounts(m, "1 0 253:0 / / rw - xfs /dev/mapper/vg-root rw\n");
	read_all(m);
	assert_uses(m, "0000:01:00.0",
		    "/ is mounted from it, md0 is made of it, "
		    "dm-0 (vg-root) is made of it");
	assert_uses(m, "0000:02:00.0",
		    "/ is mounted from it, md0 is made of it, "
		    "dm-0 (vg-root) is made of it");
	assert_roots(m, "0000:00:1c.0 0000:01:00.0 0000:02:00.0 0:0:0:0 1:0:0:0");
}

static void damaged_stacks(void **state)
{
	struct machine *m = *state;

	put_virtual(m, "253:0", "dm-0", "dm-1");
	put_virtual(m, "253:1", "dm-1", "dm-0");
	fixture_link(&m->f, "sys/devices/virtual/block/dm-1/slaves/sdb1", "../x");
	fixture_link(&m->f, "sys/devices/virtual/block/dm-1/slaves/ghost", "../x");
	mounts(m, "1 0 253:0 / / rw - xfs /dev/dm-0 rw\n");
	read_all(m);
	assert_roots(m, "0000:02:00.0 1:0:0:0");
}

static void several_members(void **state)
{
	struct machine *m = *state;

	fixture_folder(&m->f, "sys/fs/btrfs/features");
	fixture_folder(&m->f, "sys/fs/btrfs/1-2-3/devices/sda1");
	fixture_folder(&m->f, "sys/fs/btrfs/1-2-3/devices/sdb1");
	fixture_file(&m->f, "dev/sda1", "b 8:1\n");
	mounts(m, "1 0 0:30 /@ / rw - btrfs /dev/sda1 rw\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "/ is mounted from it");
	assert_roots(m, "0000:00:1c.0 0000:01:00.0 0000:02:00.0 0:0:0:0 1:0:0:0");
}

static void zfs(void **state)
{
	struct machine *m = *state;

	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
		  "2 1 0:40 / /tank rw - zfs tank/data rw\n");
	read_all(m);
	/* It may be on any of them, and no unit ends that. */
	assert_uses(m, "0000:02:00.0", "/tank (perhaps) is mounted from it");
	assert_null(find(m, "0000:02:00.0")->uses[0].unit);
	fixture_file(&m->f, "run/udev/data/b8:17",
		     "S:x\nE:ID_FS_LABEL=tank\nE:ID_FS_TYPE=zfs_member\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0",
		    "/tank is mounted from it (tank.mount), pool tank is made of it");
	assert_uses(m, "0000:01:00.0", "/ is mounted from it");
	/* Without a mount as well, as long as it is imported. */
	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "");
	fixture_folder(&m->f, "proc/spl/kstat/zfs/tank");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "pool tank is made of it");
	assert_uses(m, "0000:01:00.0", "/ is mounted from it");
	mounts(m, "1 0 0:40 / / rw - zfs tank/root rw\n");
	read_all(m);
	assert_roots(m, "0000:02:00.0 1:0:0:0");
}

static uint64_t cpu_usec(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static uint64_t read_datasets(struct machine *m, int n)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	uint64_t begin;

	fprintf(f, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
	for (int i = 0; i < n; i++)
		fprintf(f, "%d 1 0:%d / /tank/user-%d rw - zfs tank/user-%d rw\n", i + 2,
			i + 40, i, i);
	assert_int_equal(fclose(f), 0);
	mounts(m, text);
	begin = cpu_usec();
	read_all(m);
	return cpu_usec() - begin;
}

/* Each once, and ten times as many cost about ten times as much. */
static void many_datasets(void **state)
{
	struct machine *m = *state;
	const struct wb_device *disk;
	uint64_t some, many;

	fixture_file(&m->f, "run/udev/data/b8:17",
		     "S:x\nE:ID_FS_LABEL=tank\nE:ID_FS_TYPE=zfs_member\n");
	some = read_datasets(m, 800);
	many = read_datasets(m, 8000);
	disk = find(m, "0000:02:00.0");
	/* With the pool itself. */
	assert_int_equal(disk->n_uses, 8001);
	if (many > 40 * some)
		fail_msg("800 took %llu us, and ten times as many %llu",
			 (unsigned long long)some, (unsigned long long)many);
}

/* What is mounted over itself, and over others in between. */
static void the_same_again(void **state)
{
	struct machine *m = *state;

	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
		  "2 1 8:17 / /a rw - ext4 /dev/sdb1 rw\n"
		  "3 1 8:17 / /b rw - ext4 /dev/sdb1 rw\n"
		  "4 2 8:17 /x /a rw - ext4 /dev/sdb1 rw\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0",
		    "/a is mounted from it (a.mount), /b is mounted from it (b.mount)");
}

static void put_interface(struct machine *m, const char *flags, const char *operstate)
{
	fixture_link(&m->f, "sys/class/net/eth0", "../../" TWO "/net/eth0");
	fixture_file(&m->f, "sys/" TWO "/net/eth0/flags", flags);
	fixture_file(&m->f, "sys/" TWO "/net/eth0/operstate", operstate);
	fixture_link(&m->f, "sys/class/net/lo", "../../devices/virtual/net/lo");
}

static void interfaces(void **state)
{
	struct machine *m = *state;

	put_interface(m, "0x1003\n", "up\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "eth0 is up");
	assert_roots(m, "");
	fixture_file(&m->f, "sys/" TWO "/net/eth0/operstate", "down\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "");
	fixture_file(&m->f, "sys/" TWO "/net/eth0/operstate", "unknown\n");
	fixture_file(&m->f, "sys/" TWO "/net/eth0/flags", "0x1002\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "");
}

static void a_root_elsewhere(void **state)
{
	struct machine *m = *state;

	put_interface(m, "0x1003\n", "up\n");
	mounts(m, "1 0 0:40 / / rw - nfs4 10.0.0.1:/root rw\n");
	read_all(m);
	assert_roots(m, "0000:02:00.0");
	/* iSCSI: the disk is nobody's here, and the connection is. */
	put_disk(m, "8:32",
		 "devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sdc");
	mounts(m, "1 0 8:32 / / rw - ext4 /dev/sdc rw\n");
	read_all(m);
	assert_roots(m, "0000:02:00.0");
	mounts(m, "1 0 0:1 / / rw - tmpfs tmpfs rw\n");
	read_all(m);
	assert_roots(m, "");
	/* Ceph's disks are on no device at all. */
	put_disk(m, "252:0", "devices/rbd/0/block/rbd0");
	mounts(m, "1 0 252:0 / / rw - ext4 /dev/rbd0 rw\n");
	read_all(m);
	assert_roots(m, "0000:02:00.0");
	put_disk(m, "253:0", "devices/unheard-of/0/block/x0");
	mounts(m, "1 0 253:0 / / rw - ext4 /dev/x0 rw\n");
	read_all(m);
	assert_roots(m, "0000:00:1c.0 0000:01:00.0 0000:02:00.0 0:0:0:0 1:0:0:0");
}

/* Whatever they are for: their caches are written back when all else is down. */
static void disks_elsewhere(void **state)
{
	static const char *const disks[] = {
		"devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sdc",
		"devices/virtual/nvme-fabrics/ctl/nvme0/nvme0n1",
		"devices/rbd/0/block/rbd0",
	};
	struct machine *m = *state;

	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
	put_interface(m, "0x1003\n", "up\n");
	put_disk(m, "43:0", "devices/virtual/block/nbd0");
	read_all(m);
	assert_false(find(m, "0000:02:00.0")->reaches_disk);
	fixture_file(&m->f, "sys/devices/virtual/block/nbd0/pid", "1\n");
	read_all(m);
	assert_true(find(m, "0000:02:00.0")->reaches_disk);
	fixture_remove(&m->f, "sys/devices/virtual/block/nbd0/pid");
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++) {
		put_disk(m, "252:16", disks[i]);
		read_all(m);
		assert_true(find(m, "0000:02:00.0")->reaches_disk);
		assert_false(find(m, "0000:02:00.0")->carries_root);
		assert_false(find(m, "0000:01:00.0")->reaches_disk);
		fixture_remove(&m->f, "sys/dev/block/252:16");
	}
}

/* The record may have a file system of its own. */
static void the_record(void **state)
{
	struct machine *m = *state;

	mounts(m, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
		  "2 1 8:17 / /var/lib rw - ext4 /dev/sdb1 rw\n");
	read_all(m);
	assert_roots(m, "0000:00:1c.0 0000:01:00.0 0000:02:00.0 0:0:0:0 1:0:0:0");
}

/* Then all that may have it is taken for it. */
static void a_root_nobody_knows(void **state)
{
	struct machine *m = *state;

	put_interface(m, "0x1003\n", "up\n");
	mounts(m, "1 0 0:40 / / rw - overlay overlay rw\n");
	read_all(m);
	assert_roots(m, "0000:00:1c.0 0000:01:00.0 0000:02:00.0 0:0:0:0 1:0:0:0");
}

static void a_root_in_a_file(void **state)
{
	struct machine *m = *state;

	put_disk(m, "7:0", "devices/virtual/block/loop0");
	fixture_file(&m->f, "sys/devices/virtual/block/loop0/loop/backing_file",
		     "/run/live/root.squashfs\n");
	mounts(m, "1 0 7:0 / / rw - squashfs /dev/loop0 rw\n"
		  "2 1 8:17 / /run/live rw - ext4 /dev/sdb1 rw\n");
	read_all(m);
	assert_roots(m, "0000:02:00.0 1:0:0:0");
}

static void consoles(void **state)
{
	struct machine *m = *state;

	fixture_file(&m->f, "sys/class/tty/console/active", "tty0 ttyS0\n");
	fixture_link(&m->f, "sys/class/tty/tty0", "../../devices/virtual/tty/tty0");
	fixture_link(&m->f, "sys/class/tty/ttyS0", "../../" TWO "/tty/ttyS0");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "the kernel prints on ttyS0");
	assert_uses(m, "0000:01:00.0", "");
	fixture_remove(&m->f, "sys/class/tty/console/active");
	fixture_file(&m->f, "proc/consoles",
		     "ttyS0                -W- (EC p a)    4:64\n");
	read_all(m);
	assert_uses(m, "0000:02:00.0", "the kernel prints on ttyS0");
}

static void a_hypervisor_console(void **state)
{
	struct machine *m = *state;

	put(m, "virtio", TWO "/virtio3", "virtio_console", NULL);
	fixture_file(&m->f, "sys/class/tty/console/active", "hvc0\n");
	read_all(m);
	assert_uses(m, "virtio3", "the kernel prints on hvc0");
	assert_uses(m, "0000:02:00.0", "the kernel prints on hvc0");
}

static void sound(void **state)
{
	struct machine *m = *state;

	put(m, "pci", "devices/pci0000:00/0000:03:00.0", "amdgpu", "0x030000\n");
	put(m, "pci", "devices/pci0000:00/0000:03:00.1", "snd_hda_intel", "0x040300\n");
	put(m, "pci", "devices/pci0000:00/0000:00:02.0", "i915", "0x030000\n");
	put(m, "pci", "devices/pci0000:00/0000:00:1f.3", "snd_hda_intel", "0x040300\n");
	fixture_file(&m->f, "sys/devices/pci0000:00/0000:00:1f.3/vendor", "0x8086\n");
	read_all(m);
	assert_uses(m, "0000:03:00.0", "its sound goes through 0000:03:00.1");
	assert_uses(m, "0000:00:02.0", "its sound goes through 0000:00:1f.3");
}

#define use_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		use_test(nothing),
		use_test(file_systems),
		use_test(swap),
		use_test(stacks),
		use_test(damaged_stacks),
		use_test(several_members),
		use_test(zfs),
		use_test(many_datasets),
		use_test(the_same_again),
		use_test(interfaces),
		use_test(a_root_elsewhere),
		use_test(disks_elsewhere),
		use_test(the_record),
		use_test(a_root_nobody_knows),
		use_test(a_root_in_a_file),
		use_test(consoles),
		use_test(a_hypervisor_console),
		use_test(sound),
	};

	return RUN_TESTS(tests);
}
