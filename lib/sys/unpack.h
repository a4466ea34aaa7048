/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * zlib, libbz2, liblzma, libzstd, lz4 and lzo2: one compressed part of an initramfs, to
 * its end and not beyond. libarchive goes on into whatever follows, and the kernel does
 * not.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

/* Takes what was unpacked, piece by piece; a negative errno ends it. */
typedef int (*wb_unpack_sink)(void *userdata, const char *data, size_t size);

/*
 * Unpack the part that begins at @data. 0 with the bytes it takes in @ret_used;
 * -EBADMSG with the reason in @ret_why, a constant, where the kernel would not unpack it
 * either; -ENOMEM; or what @sink said.
 */
_must_check_ int wb_unpack(const char *data, size_t size, wb_unpack_sink sink,
			   void *userdata, size_t *ret_used, const char **ret_why);
