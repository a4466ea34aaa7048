/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Unified kernel images: the texts in them, and what a boot loader's menu shows of them
 * (https://uapi-group.org/specifications/specs/unified_kernel_image/). */

#include "facts/kernel/pe.h"
#include "sys/root.h"

struct wb_uki {
	int fd;
	struct wb_pe pe;
};

/* 0 and the caller's @ret; -EBADMSG where it is no such image, else of the file. */
_must_check_ int wb_uki_open(const struct wb_root *root, const char *path,
			     struct wb_uki *ret);
void wb_uki_done(struct wb_uki *uki);

/* The text of a section of @profile up to a NUL, without white space at its ends; NULL in
 * @ret where there is none, or more than a text has. Its characters may be anything. 0 or
 * negative errno; the caller's. */
_must_check_ int wb_uki_text(const struct wb_uki *uki, unsigned int profile,
			     const char *section, char **ret);
/* The value of the first of @keys, which end with NULL, that an os-release(5) has; NULL
 * where it has none. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_uki_release(const char *text, const char *const *keys, char **ret);
