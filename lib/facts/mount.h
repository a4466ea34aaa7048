/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is mounted where, from /proc/self/mountinfo. */

#include "sys/root.h"

struct wb_mount {
	struct wb_node
		node; /* of the file system; of btrfs and zfs one that is no device */
	char *root;   /* what of it: "/", "/@" */
	char *point;
	char *type;
	char *source; /* "/dev/sda2", "rpool/ROOT/debian" */
};

/* In the order in which they were mounted; none where the file is not there. 0 or
 * -ENOMEM. */
_must_check_ int wb_mounts_read(const struct wb_root *root, struct wb_mount **ret,
				size_t *ret_n);
void wb_mounts_free(struct wb_mount *mounts, size_t n);
/* What one sees there: the last that was mounted on it; NULL: nothing. */
const struct wb_mount *wb_mount_at(const struct wb_mount *mounts, size_t n,
				   const char *point);
