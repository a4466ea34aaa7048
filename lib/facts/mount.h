/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is mounted where: /proc/self/mountinfo (proc(5)). */

#include "sys/node.h"

struct wb_mount {
	struct wb_node node; /* the block device; major 0: it is on none, or on several */
	char *source;        /* "/dev/sda1", "tmpfs", "rpool/ROOT/debian" */
	char *path;          /* where: "/boot/efi" */
	char *folder;        /* what of it: "/", "/@" */
	char *type;          /* "ext4" */
};

struct wb_mounts {
	struct wb_mount *items;
	size_t n;
};

/* In the order in which they were mounted: a later one covers those in the same place.
 * Lines that make no sense are passed over, and no table is an empty one. 0 or -ENOMEM.
 */
_must_check_ int wb_mounts_read(const struct wb_root *root, struct wb_mounts *ret);
void wb_mounts_done(struct wb_mounts *mounts);
/* Where all of the device is mounted, or NULL; points into @mounts. */
const char *wb_mounts_find(const struct wb_mounts *mounts, const struct wb_node *node);
/* What one sees at @path, where something is mounted there; else NULL. */
const struct wb_mount *wb_mounts_at(const struct wb_mounts *mounts, const char *path);
/* What the file with this absolute path is on; NULL: nothing is known. */
const struct wb_mount *wb_mounts_holding(const struct wb_mounts *mounts,
					 const char *path);
/* "\040" is a space: what would end a field of such a table is written so. In place. */
char *wb_mount_unescape(char *s);
