/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The folders that boot loaders read: /boot, the ESP and XBOOTLDR, wherever they are
 * mounted. */

#include "sys/root.h"

struct wb_boot_places {
	char **tops; /* all of them, each once: /boot, XBOOTLDR, then the ESP */
	char **esps; /* of these, what may be the ESP: the most likely first */
	/* A sentence for each of the machine's partitions that is not mounted: its
	 * entries are not known. */
	char **unmounted;
};

/* Mounts what waits to be mounted by autofs. 0 or -ENOMEM. */
_must_check_ int wb_boot_places_read(const struct wb_root *root,
				     struct wb_boot_places *ret);
/* The sentences alone; the caller's. */
_must_check_ int wb_boot_places_unmounted(const struct wb_root *root, char ***ret);
void wb_boot_places_done(struct wb_boot_places *places);
