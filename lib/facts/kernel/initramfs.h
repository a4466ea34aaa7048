/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Initramfs files: which belongs to a kernel, and is it whole? */

#include "sys/root.h"

/* The initramfs files of the image at @linux with @version (NULL: not known), by the
 * names that distributions give them, in the order in which they are to be loaded. 0 and
 * the paths, or NULL where there are none; the caller's. */
_must_check_ int wb_initramfs_find(const struct wb_root *root, const char *linux,
				   const char *version, char ***ret);
/*
 * Walk the whole archive (Documentation/driver-api/early-userspace/buffer-format.rst):
 * uncompressed parts, then one that may be compressed. 0; what is wrong with it is a
 * sentence in @ret_problem (the caller's), else NULL. @ret_unreadable: for lack of
 * rights.
 */
_must_check_ int wb_initramfs_check(const struct wb_root *root, const char *path,
				    char **ret_problem, bool *ret_unreadable);
