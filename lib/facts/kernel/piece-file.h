/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What pieces of files hold. */

#include "facts/facts.h"

/* Append the piece to the file @fd_out, unpacked where it is compressed. 0; -ENODATA
 * where the file ends inside it; -EFBIG where it unpacks to more than 512 MiB; else as
 * wb_unpack(), or of the files. @ret_why is NULL or a sentence, a constant. */
_must_check_ int wb_piece_write(const struct wb_root *root, const struct wb_piece *piece,
				int fd_out, const char **ret_why);
/* The same to nowhere. */
_must_check_ int wb_piece_check(const struct wb_root *root, const struct wb_piece *piece,
				const char **ret_why);
