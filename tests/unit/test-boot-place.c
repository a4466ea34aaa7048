/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where boot entries are: partitions by type, mounts, and what is missed. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "bls-machine.h"
#include "facts/kernel/boot-place.h"
#include "facts/mount.h"
#include "facts/kernel/partition.h"
#include "unit.h"

#define ESP      "c12a7328-f81f-11d2-ba4b-00c04fc93ec9"
#define XBOOTLDR "bc13c2ff-59e6-4262-a352-b275fd6f7172"
#define LINUX    "0fc63daf-8483-4772-8e79-3d69d8477de4"

/* The disk sda: its partition of this number, and what udev has to say of it. */
static void put_partition(struct bls_machine *m, int number, const char *type)
{
	_cleanup_free_ char *folder = wb_format("sys/class/block/sda%d", number);
	_cleanup_free_ char *partition = wb_format("%s/partition", folder);
	_cleanup_free_ char *dev = wb_format("%s/dev", folder);
	_cleanup_free_ char *dev_text = wb_format("8:%d\n", number);
	_cleanup_free_ char *record = wb_format("run/udev/data/b8:%d", number);
	_cleanup_free_ char *record_text =
		wb_format("S:disk/by-label/x\nI:1\nE:ID_PART_ENTRY_SCHEME=gpt\n"
			  "E:ID_PART_ENTRY_TYPE=%s\nE:ID_PART_ENTRY_UUID=uuid-%d\nG:x\n",
			  type, number);

	fixture_file(&m->f, partition, "1\n");
	fixture_file(&m->f, dev, dev_text);
	fixture_file(&m->f, record, record_text);
}

/* The root, and /boot/efi and so on; each a line of the device's number and the path. */
static void put_mounts(struct bls_machine *m, const char *const *lines)
{
	_cleanup_free_ char *text =
		strdup("22 1 8:9 / / rw,relatime shared:1 - ext4 /dev/sda9 rw\n");

	for (; *lines; lines++) {
		const char *path = strchr(*lines, ' ') + 1;

		fixture_folder(&m->f, path + 1);
		assert_int_equal(wb_set_format(&text,
					       "%s30 22 %.*s / %s rw shared:2 master:1 "
					       "- vfat /dev/x rw,umask=0077\n",
					       text, (int)(path - *lines - 1), *lines,
					       path),
				 0);
	}
	fixture_file(&m->f, "proc/self/mountinfo", text);
}

static void assert_words(char *const *v, const char *expected)
{
	_cleanup_free_ char *text = wb_strv_join(v, " ");

	assert_string_equal(text, expected);
}

static void assert_places(struct bls_machine *m, const char *tops, const char *esps,
			  const char *unmounted)
{
	struct wb_boot_places places;

	assert_int_equal(wb_boot_places_read(&m->f.root, &places), 0);
	assert_words(places.tops, tops);
	assert_words(places.esps, esps);
	assert_words(places.unmounted, unmounted);
	wb_boot_places_done(&places);
}

static void by_name_alone(void **state)
{
	struct bls_machine *m = *state;

	assert_places(m, "", "", "");
	fixture_folder(&m->f, "boot");
	assert_places(m, "/boot", "/boot", "");
	fixture_folder(&m->f, "efi");
	assert_places(m, "/boot /efi", "/efi /boot", "");
	fixture_folder(&m->f, "boot/efi");
	assert_places(m, "/boot /efi /boot/efi", "/efi /boot/efi /boot", "");
	fixture_remove(&m->f, "efi");
	fixture_link(&m->f, "efi", "boot/efi");
	assert_places(m, "/boot /efi", "/efi /boot", "");
}

static void by_type(void **state)
{
	struct bls_machine *m = *state;

	fixture_folder(&m->f, "boot");
	put_partition(m, 1, ESP);
	put_partition(m, 2, XBOOTLDR);
	put_partition(m, 9, LINUX);
	put_mounts(m, (const char *[]){ "8:1 /efi", "8:2 /boot", NULL });
	assert_places(m, "/boot /efi", "/efi", "");
	put_mounts(m, (const char *[]){ "8:1 /boot", NULL });
	assert_places(m, "/boot /efi", "/boot /efi",
		      "the extended boot loader partition /dev/sda2 is not mounted: boot "
		      "entries on it are not listed until it is");
	/* Anywhere. */
	put_mounts(m, (const char *[]){ "8:1 /srv/esp", "8:2 /srv/loader", NULL });
	assert_places(m, "/boot /srv/loader /efi /srv/esp", "/srv/esp /efi /boot", "");
	/* Twice is once. */
	fixture_remove(&m->f, "srv");
	fixture_link(&m->f, "srv/esp", "../boot");
	put_mounts(m,
		   (const char *[]){ "8:1 /boot", "8:1 /srv/esp", "8:2 /boot/x", NULL });
	assert_places(m, "/boot /boot/x /efi", "/boot /efi", "");
}

static void of_an_mbr(void **state)
{
	struct bls_machine *m = *state;

	put_partition(m, 1, "0xef");
	put_partition(m, 2, "0xea");
	put_mounts(m, (const char *[]){ "8:1 /mnt/a", "8:2 /mnt/b", NULL });
	assert_places(m, "/mnt/b /mnt/a", "/mnt/a", "");
}

/* The last mount covers those before it, and a folder of a partition is not all of it. */
static void covered(void **state)
{
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	put_mounts(m, (const char *[]){ "8:1 /mnt/a", "0:99 /mnt/a", NULL });
	assert_places(m, "", "",
		      "the EFI system partition /dev/sda1 is not mounted: boot entries "
		      "on it are not listed until it is");
	put_mounts(m, (const char *[]){ "0:99 /mnt/a", "8:1 /mnt/a", NULL });
	assert_places(m, "/mnt/a", "/mnt/a", "");
	fixture_file(&m->f, "proc/self/mountinfo",
		     "30 22 8:1 /EFI/arch /mnt/a rw - vfat /dev/sda1 rw\n");
	assert_places(m, "", "",
		      "the EFI system partition /dev/sda1 is not mounted: boot entries "
		      "on it are not listed until it is");
}

static void of_a_user(void **state)
{
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	put_partition(m, 2, XBOOTLDR);
	put_mounts(m, (const char *[]){ "8:1 /run/media/eve/STICK", "8:2 /media/STICK",
					NULL });
	assert_places(m, "", "", "");
}

/* systemd-boot says which ESP it is from. */
static void of_the_boot_loader(void **state)
{
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	put_partition(m, 3, ESP);
	put_mounts(m, (const char *[]){ "8:1 /mnt/windows", "8:3 /mnt/esp", NULL });
	assert_places(m, "/mnt/windows /mnt/esp", "/mnt/windows /mnt/esp", "");
	bls_efivar(m, "LoaderDevicePartUUID", "UUID-3");
	assert_places(m, "/mnt/esp", "/mnt/esp", "");
	put_mounts(m, (const char *[]){ "8:1 /mnt/windows", NULL });
	assert_places(m, "", "",
		      "the EFI system partition /dev/sda3 is not mounted: boot entries "
		      "on it are not listed until it is");
	put_mounts(m, (const char *[]){ "8:3 /efi", NULL });
	assert_places(m, "/efi", "/efi", "");
}

/* A half of a RAID is not mounted, and not missed. */
static void of_a_raid(void **state)
{
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	fixture_folder(&m->f, "sys/class/block/sda1/holders");
	assert_places(m, "", "",
		      "the EFI system partition /dev/sda1 is not mounted: boot entries "
		      "on it are not listed until it is");
	fixture_folder(&m->f, "sys/class/block/sda1/holders/md0");
	assert_places(m, "", "", "");
}

static void escaped(void **state)
{
	struct bls_machine *m = *state;
	struct wb_mounts mounts;

	put_partition(m, 1, ESP);
	fixture_file(&m->f, "dev/sda2", "b 8:2");
	fixture_file(&m->f, "proc/self/mountinfo",
		     "1 2 8:1 / /mnt/a\\040b\\134,c\\09 rw - vfat /dev/sda1 rw\n"
		     "1 2 0:40 / /mnt/btrfs rw shared:1 - btrfs /dev/sda2 rw\n"
		     "1 2 0:41 / /mnt/tmp rw - tmpfs tmpfs rw\n"
		     "1 2 8:1 / /covered rw - vfat /dev/sda1 rw\n"
		     "1 2 0:42 / /covered rw - tmpfs tmpfs rw\n"
		     "1 2 0:43 / /home/m/y rw - fuse.y /dev/sda3 rw\n");
	fixture_file(&m->f, "dev/sda3", "b 8:3");
	assert_int_equal(wb_mounts_read(&m->f.root, &mounts), 0);
	assert_int_equal(mounts.n, 6);
	assert_string_equal(wb_mounts_at(&mounts, "/covered")->type, "tmpfs");
	assert_string_equal(wb_mounts_find(&mounts,
					   &(struct wb_node){ true, false, 8, 1 }),
			    "/mnt/a b\\,c\\09");
	/* With FUSE any user says of which device his files are. */
	assert_null(wb_mounts_find(&mounts, &(struct wb_node){ true, false, 8, 3 }));
	assert_string_equal(mounts.items[0].path, "/mnt/a b\\,c\\09");
	assert_string_equal(wb_mounts_find(&mounts,
					   &(struct wb_node){ true, false, 8, 2 }),
			    "/mnt/btrfs");
	assert_null(wb_mounts_find(&mounts, &(struct wb_node){ true, false, 0, 41 }));
	wb_mounts_done(&mounts);
}

static void nonsense(void **state)
{
	static const char *const lines[] = {
		"",
		" ",
		"-",
		" - ",
		"1 2 8:1 / /mnt/a rw",
		"1 2 8:1 / - vfat x",
		"1 2 8:1 / /mnt/a rw - vfat",
		"1 2 x / /mnt/a rw - vfat /dev/sda1",
		"1 2 8:1 / mnt/a rw - vfat x",
		"\\",
		"1 2 8:1 / \\0 rw - vfat x rw",
	};
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	fixture_folder(&m->f, "mnt/a");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct wb_boot_places places;

		fixture_file(&m->f, "proc/self/mountinfo", lines[i]);
		assert_int_equal(wb_boot_places_read(&m->f.root, &places), 0);
		assert_null(places.tops);
		assert_int_equal(wb_strv_length(places.unmounted), 1);
		wb_boot_places_done(&places);
	}
}

static void bad_devices(void **state)
{
	struct bls_machine *m = *state;
	struct wb_partitions partitions;

	put_partition(m, 1, ESP);
	put_partition(m, 2, ESP "x");
	put_partition(m, 3, "");
	put_partition(m, 4, ESP);
	put_partition(m, 5, ESP);
	put_partition(m, 6, ESP);
	fixture_file(&m->f, "run/udev/data/b8:4", "");
	fixture_file(&m->f, "sys/class/block/sda5/dev", "five");
	fixture_remove(&m->f, "run/udev/data/b8:6");
	fixture_link(&m->f, "run/udev/data/b8:6", "b8:6");
	fixture_file(&m->f, "sys/class/block/sda/dev", "8:0");
	fixture_file(&m->f, "sys/class/block/cciss!c0d0p1/dev", "8:1");
	fixture_file(&m->f, "sys/class/block/cciss!c0d0p1/partition", "1");
	assert_int_equal(wb_partitions_read(&m->f.root, &partitions), 0);
	assert_int_equal(partitions.n, 2);
	assert_string_equal(partitions.items[0].path, "/dev/cciss/c0d0p1");
	assert_string_equal(partitions.items[1].path, "/dev/sda1");
	assert_string_equal(partitions.items[1].uuid, "uuid-1");
	wb_partitions_done(&partitions);
	fixture_remove(&m->f, "sys/class/block");
	fixture_file(&m->f, "sys/class/block", "no folder");
	assert_int_equal(wb_partitions_read(&m->f.root, &partitions), 0);
	assert_int_equal(partitions.n, 0);
}

/* --- its readers ------------------------------------------------------------------ */

static void entries_anywhere(void **state)
{
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	put_partition(m, 2, XBOOTLDR);
	bls_entry(m, "srv/loader", "linux-6.9", "6.9");
	bls_entry(m, "srv/esp", "linux-6.10", "6.10");
	bls_entry(m, "srv/other", "linux-6.11", "6.11");
	fixture_file(&m->f, "srv/loader/loader/loader.conf", "default linux-6.11\n");
	fixture_file(&m->f, "srv/esp/loader/loader.conf", "default linux-6.9.conf\n");
	put_mounts(m, (const char *[]){ "8:1 /srv/esp", "8:2 /srv/loader",
					"8:3 /srv/other", NULL });
	bls_assert_marks(m, "linux-6.9", NULL);
	assert_int_equal(m->list.n, 2);
	assert_string_equal(bls_find(m, "linux-6.9")->linux, "/srv/loader/linux-6.9");
	assert_string_equal(bls_find(m, "linux-6.10")->linux, "/srv/esp/linux-6.10");
}

/* Without its mount nothing of it is listed, and that is said. */
static void told(void **state)
{
	_cleanup_strv_ char **unmounted = NULL;
	struct bls_machine *m = *state;

	put_partition(m, 1, ESP);
	bls_read(m);
	assert_int_equal(m->list.n, 0);
	assert_int_equal(wb_boot_places_unmounted(&m->f.root, &unmounted), 0);
	assert_non_null(strstr(unmounted[0], "EFI system partition /dev/sda1"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bls_setup, bls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_name_alone), TEST(by_type),          TEST(of_an_mbr),
		TEST(covered),       TEST(of_a_user),        TEST(of_the_boot_loader),
		TEST(of_a_raid),     TEST(escaped),          TEST(nonsense),
		TEST(bad_devices),   TEST(entries_anywhere), TEST(told),
	};

	return RUN_TESTS(tests);
}
