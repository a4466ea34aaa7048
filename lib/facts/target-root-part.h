/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files that look for the root share. */

#include "facts/mount.h"
#include "facts/target.h"

struct wb_look {
	const struct wb_root *root;
	const char *options;
	struct wb_mounts mounts;
	struct wb_target_root *ret;
};

/* All: 0 or -ENOMEM. */
_must_check_ int wb_look_set_unchecked(struct wb_look *l, const char *why);
/* Does the root named here stand on / now? Then its file system is known. */
_must_check_ int wb_look_at_mount(struct wb_look *l);
/* The subvolume of rootflags=. */
_must_check_ int wb_look_at_flags(struct wb_look *l);
/* Of ZFS; only what is mounted tells of pools without asking ZFS itself. */
_must_check_ int wb_look_for_dataset(struct wb_look *l, const char *dataset);
/* The words for what has to be opened on the way to the root. */
_must_check_ int wb_look_around(struct wb_look *l);
