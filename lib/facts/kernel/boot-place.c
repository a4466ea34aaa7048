/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/boot-place.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/efivar.h"
#include "facts/mount.h"
#include "facts/kernel/partition.h"

/* What is looked at wherever partitions are: /boot may be any of them, or a folder. */
#define BOOT "/boot"

static const char *const esp_places[] = { "/efi", "/boot/efi" };

/* What a user's desktop has mounted is not the machine's: entries there could make it
 * start anything. */
static const char *const foreign_places[] = { "/run/media/", "/media/" };

struct search {
	const struct wb_root *root;
	struct wb_mounts mounts;
	struct wb_partitions partitions;
	char *loader; /* the UUID of the ESP that the boot loader came from, or NULL */
};

static void search_done(struct search *s)
{
	wb_mounts_done(&s->mounts);
	wb_partitions_done(&s->partitions);
	free(s->loader);
}

/* --- which ------------------------------------------------------------------------ */

/* A path with a dot behind it is inside of what autofs mounts for it. */
static int stat_top(const struct wb_root *root, const char *top, struct stat *ret)
{
	_cleanup_free_ char *path = wb_format("%s/.", top);

	return path ? wb_root_stat(root, path, ret) : -ENOMEM;
}

static void mount_automatic(const struct wb_root *root)
{
	struct stat st;

	(void)stat_top(root, BOOT, &st);
	for (size_t i = 0; i < ARRAY_SIZE(esp_places); i++)
		(void)stat_top(root, esp_places[i], &st);
}

static bool is_foreign_place(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign_places); i++)
		if (wb_startswith(path, foreign_places[i]))
			return true;
	return false;
}

static bool is_loader(const struct search *s, const struct wb_partition *partition)
{
	return s->loader && partition->uuid &&
	       strcasecmp(s->loader, partition->uuid) == 0;
}

/* Of several ESPs the boot loader's own is the one that counts, where that is known. */
static bool is_of_machine(const struct search *s, const struct wb_partition *partition,
			  const char *path)
{
	if (is_foreign_place(path))
		return false;
	return partition->kind != WB_PARTITION_ESP || !s->loader ||
	       is_loader(s, partition);
}

/* --- the places ------------------------------------------------------------------- */

/* Is it the same folder as one in @tops, by another name? */
static bool is_known(const struct wb_root *root, char *const *tops, const struct stat *st)
{
	for (char *const *top = tops; top && *top; top++) {
		struct stat other;

		if (stat_top(root, *top, &other) >= 0 && other.st_dev == st->st_dev &&
		    other.st_ino == st->st_ino)
			return true;
	}
	return false;
}

/* One that may not be looked into is kept: whoever reads it says so. */
static int add_top(const struct search *s, char ***tops, const char *path)
{
	struct stat st;
	int r = stat_top(s->root, path, &st);

	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT || r == -ENOTDIR || (r >= 0 && is_known(s->root, *tops, &st)))
		return 0;
	return wb_strv_add(tops, path);
}

static int add_mounted(const struct search *s, enum wb_partition_kind kind, char ***tops)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->partitions.n; i++) {
		const struct wb_partition *partition = &s->partitions.items[i];
		const char *path = wb_mounts_find(&s->mounts, &partition->node);

		if (path && partition->kind == kind && is_of_machine(s, partition, path))
			r = add_top(s, tops, path);
	}
	return r;
}

/* XBOOTLDR comes first: its entries are the installation's own. */
static int find_tops(const struct search *s, struct wb_boot_places *places)
{
	int r = add_top(s, &places->tops, BOOT);

	if (r >= 0)
		r = add_mounted(s, WB_PARTITION_XBOOTLDR, &places->tops);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(esp_places); i++)
		r = add_top(s, &places->tops, esp_places[i]);
	return r < 0 ? r : add_mounted(s, WB_PARTITION_ESP, &places->tops);
}

/* By its type; else by its place, and last comes /boot, which is the ESP where nothing
 * else is it. */
static int find_esps(const struct search *s, struct wb_boot_places *places)
{
	_cleanup_strv_ char **others = NULL;
	int r = add_mounted(s, WB_PARTITION_ESP, &places->esps);

	if (r >= 0)
		r = add_mounted(s, WB_PARTITION_XBOOTLDR, &others);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(esp_places); i++)
		r = add_top(s, &places->esps, esp_places[i]);
	if (r >= 0 && !wb_strv_contains(others, BOOT))
		r = add_top(s, &places->esps, BOOT);
	return r;
}

/* --- what is not mounted ---------------------------------------------------------- */

static bool has_mounted(const struct search *s, enum wb_partition_kind kind)
{
	for (size_t i = 0; i < s->partitions.n; i++) {
		const struct wb_partition *partition = &s->partitions.items[i];

		if (partition->kind == kind &&
		    wb_mounts_find(&s->mounts, &partition->node))
			return true;
	}
	return false;
}

/* Another disk may have one that this machine does not boot from. */
static bool is_missed(const struct search *s, const struct wb_partition *partition)
{
	if (partition->held || wb_mounts_find(&s->mounts, &partition->node))
		return false;
	if (partition->kind == WB_PARTITION_ESP && s->loader)
		return is_loader(s, partition);
	return !has_mounted(s, partition->kind);
}

static int find_unmounted(const struct search *s, struct wb_boot_places *places)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->partitions.n; i++) {
		const struct wb_partition *partition = &s->partitions.items[i];

		if (!is_missed(s, partition))
			continue;
		r = wb_strv_appendf(
			&places->unmounted,
			"the %s %s is not mounted: boot entries on it are not "
			"listed until it is",
			wb_partition_kind_to_string(partition->kind), partition->path);
	}
	return r;
}

/* ---------------------------------------------------------------------------------- */

static int search_read(const struct wb_root *root, struct search *s)
{
	int r;

	*s = (struct search){ .root = root };
	mount_automatic(root);
	r = wb_mounts_read(root, &s->mounts);
	if (r >= 0)
		r = wb_partitions_read(root, &s->partitions);
	if (r >= 0)
		r = wb_efivar_get(root, "LoaderDevicePartUUID", &s->loader);
	return r;
}

int wb_boot_places_read(const struct wb_root *root, struct wb_boot_places *ret)
{
	_cleanup_(search_done) struct search s = { 0 };
	struct wb_boot_places places = { 0 };
	int r = search_read(root, &s);

	if (r >= 0)
		r = find_tops(&s, &places);
	if (r >= 0)
		r = find_esps(&s, &places);
	if (r >= 0)
		r = find_unmounted(&s, &places);
	if (r < 0) {
		wb_boot_places_done(&places);
		return r;
	}
	*ret = places;
	return 0;
}

int wb_boot_places_unmounted(const struct wb_root *root, char ***ret)
{
	_cleanup_(wb_boot_places_done) struct wb_boot_places places = { 0 };
	int r = wb_boot_places_read(root, &places);

	*ret = TAKE_PTR(places.unmounted);
	return r;
}

void wb_boot_places_done(struct wb_boot_places *places)
{
	wb_strv_free(places->tops);
	wb_strv_free(places->esps);
	wb_strv_free(places->unmounted);
	*places = (struct wb_boot_places){ 0 };
}
