/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Kernel images: is this one, for which machine, and which version? */

#include "sys/root.h"

struct wb_image {
	char *version;            /* its release: "6.1.0-56-amd64" */
	unsigned int cmdline_max; /* bytes of command line it takes; 0: it does not say */
	char *problem;            /* a sentence where it cannot be started; else NULL */
	bool unreadable;          /* for lack of rights */
};

/* Read the header of the image at @path. 0 and a filled @ret, whose problem says what
 * is wrong with a file that is none; -ENOMEM. wb_image_done() frees it. */
_must_check_ int wb_image_read(const struct wb_root *root, const char *path,
			       struct wb_image *ret);
void wb_image_done(struct wb_image *image);
