/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Kernel images: is this one, for which machine, which version, and what of the file is
 * kexec to be given? Known are bzImage (x86_64), Image (arm64, riscv64), that one through
 * gzip or in an EFI zboot program, and unified kernel images around any of these.
 */

#include "facts/facts.h"

struct wb_image {
	char *version;            /* its release: "6.1.0-56-amd64" */
	unsigned int cmdline_max; /* bytes of command line it takes; 0: it does not say */
	char *problem;            /* a sentence where it cannot be started; else NULL */
	bool unreadable;          /* for lack of rights */
	struct wb_piece linux;    /* path NULL: the file as it stands */
	/* Of a unified kernel image alone. */
	bool unified;
	struct wb_piece *initrd; /* in the order in which its stub gives them */
	size_t n_initrd;
	char *cmdline; /* NULL: it brings none */
	char *title;   /* PRETTY_NAME of its .osrel */
	char **lost;   /* what kexec does not carry over, a part of a sentence each */
};

/*
 * Read the header of the image at @path, which is to start on @machine, the word of
 * uname(1) (NULL: on any), with the profile of this number where it has several. 0 and a
 * filled @ret, whose problem says what is wrong with a file that is none; -ENOMEM.
 * wb_image_done() frees it. Of a large compressed image no more is unpacked than it takes
 * to find its version.
 */
_must_check_ int wb_image_read(const struct wb_root *root, const char *path,
			       const char *machine, unsigned int profile,
			       struct wb_image *ret);
/* Before anything is stopped for it: unpack all that is compressed, and set the problem
 * of @image where that fails. 0 or -ENOMEM. */
_must_check_ int wb_image_check(const struct wb_root *root, struct wb_image *image);
void wb_image_done(struct wb_image *image);
