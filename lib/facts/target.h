/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A closer look at what is about to be started: its files, and the root it will mount. */

#include "facts/facts.h"

struct wb_target {
	unsigned int cmdline_max;
	char *image_problem;     /* a sentence; NULL: the kernel is whole */
	struct wb_piece linux;   /* for kexec; path NULL: the image as it stands */
	struct wb_piece *initrd; /* of a unified kernel image, in order */
	size_t n_initrd;
	char **lost; /* what of such an image kexec does not carry over, a part of a
			sentence each */
	char *initrd_problem; /* NULL: it is whole, or there is none */
	bool initrd_unreadable;
	char *root;         /* the value of root=; NULL: there is none */
	char *root_device;  /* the device it names; NULL: see root_problem */
	char *root_problem; /* a sentence; NULL: found, or of a kind that is not looked
			       for */
};

/* @kernel has an image; @machine is the word of uname(1); @initrd may be NULL. 0 or
 * negative errno; wb_target_done() frees @ret. */
_must_check_ int wb_target_read(const struct wb_root *root,
				const struct wb_kernel *kernel, const char *machine,
				const char *initrd, const char *options,
				struct wb_target *ret);
void wb_target_done(struct wb_target *target);
