/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A closer look at what is about to be started: its files, and the root it will mount. */

#include "facts/facts.h"

struct wb_target {
	unsigned int cmdline_max;
	struct wb_piece linux;   /* path NULL: the image as it stands */
	struct wb_piece *initrd; /* what the kernel gets, in order */
	size_t n_initrd;
	char *initrd_problem; /* NULL: all are whole, or there is none */
	bool initrd_unreadable;
	char *root;         /* the value of root=; NULL: there is none */
	char *root_device;  /* the device it names; NULL: see root_problem */
	char *root_problem; /* a sentence; NULL: found, or of a kind that is not looked
			       for */
};

/* @initrd: a vector of paths, may be NULL. 0 or negative errno; wb_target_done() frees
 * @ret. */
_must_check_ int wb_target_read(const struct wb_root *root, const char *linux,
				char *const *initrd, const char *options,
				struct wb_target *ret);
void wb_target_done(struct wb_target *target);
