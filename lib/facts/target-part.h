/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The parts of a closer look at the target; target.c calls them in this order. */

#include "facts/mount.h"
#include "facts/target.h"

/* All: 0 or -ENOMEM. What is found is the target's, also where they fail. */
_must_check_ int wb_target_find_root(const struct wb_root *root, const char *options,
				     struct wb_target_root *ret);
_must_check_ int wb_target_find_modules(const struct wb_root *root,
					const struct wb_facts *facts,
					const struct wb_target_spec *spec,
					struct wb_target *target);
/* target-early.c: of what hooks ask for, what is there before the root is mounted. */
_must_check_ int wb_target_find_early(const struct wb_root *root,
				      const struct wb_facts *facts,
				      const struct wb_target_spec *spec,
				      struct wb_target *target);

/*
 * target-tag.c: the block devices of this machine by what is written on them.
 * The device with the tag of /dev/disk that a word like "UUID=..." begins with,
 * "/dev/..." in @ret; NULL: none has it. False in @ret_known where the word begins with
 * no tag.
 */
_must_check_ int wb_target_device_by_tag(const struct wb_root *root, const char *word,
					 char **ret, bool *ret_known);
/* The container whose UUID begins so; dracut takes the first digits for all. */
_must_check_ int wb_target_device_by_luks(const struct wb_root *root, const char *uuid,
					  char **ret);

/* target-device.c: the same by their names. Where this link leads, "/dev/NAME" in @ret;
 * NULL: nowhere. */
_must_check_ int wb_target_device_of_link(const struct wb_root *root, const char *link,
					  char **ret);
/* A path, or the name that the device mapper has for the volume "/dev/GROUP/VOLUME". */
_must_check_ int wb_target_device_by_path(const struct wb_root *root, const char *path,
					  char **ret);
/* "8:1", or in hexadecimal digits as in "801": init/do_mounts.c of the kernel. */
_must_check_ int wb_target_device_by_number(const struct wb_root *root, const char *word,
					    char **ret, bool *ret_known);
/* Is there a logical volume "GROUP/VOLUME", or any of a "GROUP"? */
_must_check_ int wb_target_has_volume(const struct wb_root *root, const char *name,
				      bool *ret);
