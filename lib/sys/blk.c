/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/blk.h"

#include <blkid.h>
#include <errno.h>
#include <string.h>

static int copy_value(blkid_probe probe, const char *name, char **ret)
{
	const char *value;

	if (blkid_probe_lookup_value(probe, name, &value, NULL) < 0)
		return 0;
	*ret = strdup(value);
	return *ret ? 0 : -ENOMEM;
}

static int copy_values(blkid_probe probe, struct wb_blk *blk)
{
	const struct {
		const char *name;
		char **ret;
	} values[] = {
		{ "UUID", &blk->uuid },
		{ "LABEL", &blk->label },
		{ "PART_ENTRY_UUID", &blk->partuuid },
		{ "PART_ENTRY_NAME", &blk->partlabel },
		{ "PART_ENTRY_TYPE", &blk->parttype },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(values); i++)
		r = copy_value(probe, values[i].name, values[i].ret);
	return r;
}

static int probe_device(blkid_probe probe, int fd, struct wb_blk *blk)
{
	int r;

	if (blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return -EIO;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
							 BLKID_SUBLKS_LABEL);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	r = blkid_do_safeprobe(probe);
	if (r != 0)
		/* 1: nothing; -2: several signatures that contradict each other. */
		return r == 1 ? -ENODATA : r == -2 ? -ENOTUNIQ : -EIO;
	return copy_values(probe, blk);
}

int wb_blk_probe(int fd, struct wb_blk *ret)
{
	struct wb_blk blk = { 0 };
	blkid_probe probe = blkid_new_probe();
	int r;

	if (!probe)
		return -ENOMEM;
	r = probe_device(probe, fd, &blk);
	blkid_free_probe(probe);
	if (r < 0) {
		wb_blk_done(&blk);
		return r;
	}
	*ret = blk;
	return 0;
}

void wb_blk_done(struct wb_blk *blk)
{
	free(blk->uuid);
	free(blk->label);
	free(blk->partuuid);
	free(blk->partlabel);
	free(blk->parttype);
	*blk = (struct wb_blk){ 0 };
}
