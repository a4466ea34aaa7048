/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From GRUB's paths, which begin at the top of a file system, to those of the machine. */

#include "sys/root.h"

/* Where a file system is mounted, from /proc/self/mountinfo. */
struct wb_grub_mount {
	char *root;   /* what of it: "/", "/@"; NULL: nothing is known */
	char *source; /* "/dev/sda2", "rpool/ROOT/debian" */
};

struct wb_grub_mounts {
	struct wb_grub_mount top;  /* on / */
	struct wb_grub_mount boot; /* on /boot, where that is one of its own */
};

/* All: 0 or -ENOMEM. */
_must_check_ int wb_grub_mounts_read(const struct wb_root *root,
				     struct wb_grub_mounts *ret);
void wb_grub_mounts_done(struct wb_grub_mounts *mounts);
/* Is the file system with this UUID one of them? Where that is not known, yes. */
_must_check_ int wb_grub_mounts_have(const struct wb_root *root,
				     const struct wb_grub_mounts *mounts,
				     const char *uuid, bool *ret);
/* The file, absolute in the root; NULL in @ret where there is none. The caller's.
 * @uuid: of the file system that it is in; NULL or "": any. */
_must_check_ int wb_grub_path_find(const struct wb_root *root,
				   const struct wb_grub_mounts *mounts, const char *uuid,
				   const char *path, char **ret);
