/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Pieces of files: what kexec is to get, where the file as it stands is not that. */

#include "facts/facts.h"

/* Append a piece to the vector of *@n; 0 or -ENOMEM. */
_must_check_ int wb_pieces_add(struct wb_piece **pieces, size_t *n, const char *path,
			       uint64_t offset, uint64_t size);
_must_check_ int wb_pieces_copy(const struct wb_piece *pieces, size_t n,
				struct wb_piece **ret);
void wb_pieces_free(struct wb_piece *pieces, size_t n);

/* Append the piece to the file @fd_out, unpacked where it is compressed. 0; -ENODATA
 * where the file ends inside it; else as wb_archive_unpack(), or of the files. @ret_why
 * is NULL or a sentence of the caller's. */
_must_check_ int wb_piece_write(const struct wb_root *root, const struct wb_piece *piece,
				int fd_out, char **ret_why);
/* The same to nowhere. */
_must_check_ int wb_piece_check(const struct wb_root *root, const struct wb_piece *piece,
				char **ret_why);
