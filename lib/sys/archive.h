/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* libarchive: what is in this compressed file? */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/* Takes what was unpacked, in order: 0 to go on, 1 to stop, negative errno to fail. */
typedef int (*wb_archive_sink)(void *userdata, const void *data, size_t size);

/*
 * Unpack @size bytes of @fd from @offset on (gzip, bzip2, lzma, xz, lz4, zstd: found out
 * by looking), and give them to @sink. 0, also where it stopped; its error; -EBADMSG
 * where they are damaged, cut short or not compressed in one of these ways, and then
 * @ret_why is a sentence (owned by the caller). The file's position stays.
 */
_must_check_ int wb_archive_read(int fd, uint64_t offset, uint64_t size,
				 wb_archive_sink sink, void *userdata, char **ret_why);
/* The same into a file; -EFBIG where it grows beyond WB_ARCHIVE_MAX. */
_must_check_ int wb_archive_unpack(int fd, uint64_t offset, uint64_t size, int fd_out,
				   char **ret_why);
/* More than any kernel has, and less than what a few bytes can be made to claim. */
#define WB_ARCHIVE_MAX (UINT64_C(512) << 20)
