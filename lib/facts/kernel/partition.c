/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/partition.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "base/text.h"
#include "sys/blk.h"

#define BLOCK_FOLDER "sys/class/block"

static const struct type {
	const char *word;
	enum wb_partition_kind kind;
} types[] = {
	{ "c12a7328-f81f-11d2-ba4b-00c04fc93ec9", WB_PARTITION_ESP },
	{ "0xef", WB_PARTITION_ESP },
	{ "bc13c2ff-59e6-4262-a352-b275fd6f7172", WB_PARTITION_XBOOTLDR },
	{ "0xea", WB_PARTITION_XBOOTLDR },
};

static const struct type *find_type(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(types); i++)
		if (strcasecmp(types[i].word, word) == 0)
			return &types[i];
	return NULL;
}

/* --- its type --------------------------------------------------------------------- */

/* The value behind @key in the record that udev keeps of a device; NULL: none. */
static int copy_property(const char *record, const char *key, char **ret)
{
	const char *value = NULL;

	for (const char *line = record; line && !value; line = strchr(line, '\n'))
		value = wb_startswith(line += *line == '\n', key);
	*ret = value ? strndup(value, strcspn(value, "\n")) : NULL;
	return value && !*ret ? -ENOMEM : 0;
}

/* What udev has from libblkid: to be had without rights, and without waking a disk. */
static int ask_udev(const struct wb_root *root, const struct wb_node *node,
		    struct wb_blk *blk)
{
	_cleanup_free_ char *record = NULL;
	_cleanup_free_ char *path =
		wb_format("run/udev/data/b%u:%u", node->major, node->minor);
	int r = path ? wb_root_read(root, path, &record, NULL) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = copy_property(record, "E:ID_PART_ENTRY_TYPE=", &blk->parttype);
	if (r >= 0)
		r = copy_property(record, "E:ID_PART_ENTRY_UUID=", &blk->partuuid);
	return r;
}

static int ask_device(const struct wb_root *root, const char *device, struct wb_blk *blk)
{
	_cleanup_close_ int fd = -1;
	int r;

	/* In a folder it is text. */
	if (!root->live)
		return 0;
	fd = wb_root_openat(root, device, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return 0;
	r = wb_blk_probe(fd, blk);
	return r == -ENOMEM ? r : 0;
}

static int ask(const struct wb_root *root, const struct wb_partition *partition,
	       struct wb_blk *blk)
{
	int r = ask_udev(root, &partition->node, blk);

	if (r < 0 || blk->parttype)
		return r;
	wb_blk_done(blk);
	return ask_device(root, partition->path, blk);
}

/* --- all of them ------------------------------------------------------------------ */

/* An attribute of the block device @name; -ENOENT where it has not got it. */
static int read_attribute(const struct wb_root *root, const char *name,
			  const char *attribute, char **ret)
{
	_cleanup_free_ char *path = wb_format(BLOCK_FOLDER "/%s/%s", name, attribute);

	return path ? wb_root_read_line(root, path, ret) : -ENOMEM;
}

static int read_held(const struct wb_root *root, const char *name, bool *ret)
{
	_cleanup_free_ char *path = wb_format(BLOCK_FOLDER "/%s/holders", name);
	_cleanup_strv_ char **holders = NULL;
	int r = path ? wb_root_list(root, path, &holders) : -ENOMEM;

	*ret = wb_strv_length(holders) > 0;
	return r == -ENOMEM ? r : 0;
}

static void partition_done(struct wb_partition *partition)
{
	free(partition->path);
	free(partition->uuid);
}

static int append(struct wb_partitions *list, struct wb_partition *partition)
{
	struct wb_partition *grown =
		reallocarray(list->items, list->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->items = grown;
	grown[list->n++] = *partition;
	*partition = (struct wb_partition){ 0 };
	return 0;
}

static int add_typed(const struct wb_root *root, const char *name,
		     struct wb_partition *partition, struct wb_partitions *list)
{
	_cleanup_(wb_blk_done) struct wb_blk blk = { 0 };
	const struct type *type;
	int r = ask(root, partition, &blk);

	if (r < 0)
		return r;
	type = find_type(blk.parttype);
	if (!type)
		return 0;
	partition->kind = type->kind;
	partition->uuid = TAKE_PTR(blk.partuuid);
	r = read_held(root, name, &partition->held);
	return r < 0 ? r : append(list, partition);
}

static int add_device(const struct wb_root *root, const char *name,
		      struct wb_partitions *list)
{
	_cleanup_(partition_done) struct wb_partition partition = { 0 };
	_cleanup_free_ char *number = NULL, *device = NULL;
	int r = read_attribute(root, name, "partition", &number);

	if (r >= 0)
		r = read_attribute(root, name, "dev", &device);
	/* A whole disk, or one that has just gone. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	partition.node.block = true;
	if (sscanf(device, "%u:%u", &partition.node.major, &partition.node.minor) != 2)
		return 0;
	partition.path = wb_format("/dev/%s", name);
	if (!partition.path)
		return -ENOMEM;
	/* In sysfs a '!' stands for the slash in the name of a device. */
	for (char *p = partition.path; (p = strchr(p, '!'));)
		*p = '/';
	return add_typed(root, name, &partition, list);
}

int wb_partitions_read(const struct wb_root *root, struct wb_partitions *ret)
{
	_cleanup_strv_ char **names = NULL;
	struct wb_partitions list = { 0 };
	int r = wb_root_list(root, BLOCK_FOLDER, &names);

	*ret = list;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++)
		r = add_device(root, *name, &list);
	if (r < 0) {
		wb_partitions_done(&list);
		return r;
	}
	*ret = list;
	return 0;
}

void wb_partitions_done(struct wb_partitions *partitions)
{
	for (size_t i = 0; i < partitions->n; i++)
		partition_done(&partitions->items[i]);
	free(partitions->items);
	*partitions = (struct wb_partitions){ 0 };
}

static const char *const kinds[] = {
	[WB_PARTITION_ESP] = "EFI system partition",
	[WB_PARTITION_XBOOTLDR] = "extended boot loader partition",
};

_Static_assert(ARRAY_SIZE(kinds) == _WB_PARTITION_KIND_MAX, "one word each");

const char *wb_partition_kind_to_string(enum wb_partition_kind kind)
{
	return kinds[kind];
}
