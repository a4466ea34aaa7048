/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* libarchive: is this compressed archive whole? */

#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

/*
 * Walk a cpio archive, compressed or not, from @offset of @fd to its end. 0; -ENOENT
 * where it holds no file; -EBADMSG where it is cut short, damaged or no archive, and
 * then @ret_why is the library's sentence (owned by the caller).
 */
_must_check_ int wb_archive_walk(int fd, off_t offset, char **ret_why);
