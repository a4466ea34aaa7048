/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the kernel unpacks (CONFIG_RD_*), by zlib, libbz2, liblzma, libzstd, lz4 and lzo2:
 * one compressed part of a file, to its end and not beyond, with the checksum that it
 * brings.
 */

#include "sys/source.h"

/* Takes what was unpacked, in order: 0 to go on, 1 to stop, a negative errno to fail. */
typedef int (*wb_unpack_sink)(void *userdata, const void *data, size_t size);

/*
 * Unpack the part that begins where @source stands, which then stands behind it. 0, also
 * where @sink stopped; -EBADMSG with the reason in @ret_why, a constant, where the kernel
 * would not unpack it either; -ENOMEM; or what the file or @sink said.
 */
_must_check_ int wb_unpack(struct wb_source *source, wb_unpack_sink sink, void *userdata,
			   const char **ret_why);
