/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The parts of the look at all devices; device.c calls them in this order. All: 0 or
 * -ENOMEM, since whatever vanishes meanwhile is not there. */

#include "facts/block.h"
#include "facts/device.h"
#include "facts/mount.h"

struct wb_device_list {
	struct wb_device *items;
	size_t n;
};

/* device-read.c: those with a driver on every bus, and every PCI function. */
_must_check_ int wb_device_list_read(const struct wb_root *root,
				     struct wb_device_list *list);
void wb_device_list_done(struct wb_device_list *list);

/* device-tree.c: the same, found by their paths. Valid while the list does not grow. */
struct wb_device_tree {
	struct wb_device **items; /* sorted by path */
	size_t n;
};

_must_check_ int wb_device_tree_build(const struct wb_device_list *list,
				      struct wb_device_tree *ret);
void wb_device_tree_done(struct wb_device_tree *tree);
/* The innermost device that @path is, or is inside of; NULL: none. */
struct wb_device *wb_device_tree_owner(const struct wb_device_tree *tree,
				       const char *path);
struct wb_device *wb_device_tree_parent(const struct wb_device_tree *tree,
					const struct wb_device *device);

/* device-node.c: device numbers, each to the innermost device. */
_must_check_ int wb_device_nodes_read(const struct wb_root *root,
				      const struct wb_device_tree *tree,
				      const struct wb_blocks *blocks);

/* device-use.c: what else hangs on them, and what the root needs. */
_must_check_ int wb_device_uses_read(const struct wb_root *root,
				     const struct wb_device_list *list,
				     const struct wb_device_tree *tree,
				     const struct wb_blocks *blocks);
/* Note it with the device that @path is in, and those that carry that one, except for
 * bridges. @unit may be NULL. */
_must_check_ int wb_device_use_add(const struct wb_device_tree *tree, const char *path,
				   enum wb_use_kind kind, const char *name,
				   const char *unit);
/* device-storage.c: those of mounts, swap and stacks, and what carries the root. */
_must_check_ int wb_device_storage_read(const struct wb_root *root,
					const struct wb_device_list *list,
					const struct wb_device_tree *tree,
					const struct wb_blocks *blocks);

/* While storage is looked at. */
struct wb_storage {
	const struct wb_root *root;
	const struct wb_device_list *list;
	const struct wb_device_tree *tree;
	const struct wb_blocks *blocks;
	struct wb_mounts mounts;
	char **pools; /* of ZFS, for each block device the one that it is a member of */
	bool pools_known;
};

/* What is called for every device path that a block device is on in the end. */
struct wb_storage_visitor {
	int (*visit)(const struct wb_storage *s, const struct wb_storage_visitor *v,
		     const char *path);
	enum wb_use_kind kind;
	const char *name;
	const char *unit;
	bool *found; /* for @visit to set; NULL: nobody asks */
};

_must_check_ int wb_storage_visit_mount(const struct wb_storage *s,
					const struct wb_mount *mount,
					const struct wb_storage_visitor *v);
/* device-root.c: which of the devices carry the root. */
_must_check_ int wb_device_root_mark(const struct wb_storage *s);
