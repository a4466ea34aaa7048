/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Pieces of files as values: their JSON, their words, their end. No I/O here. */

#include "base/json.h"
#include "facts/facts.h"

/* Is it a whole file as it stands? */
static inline bool wb_piece_is_file(const struct wb_piece *piece)
{
	return piece->offset == 0 && piece->size == 0 && !piece->compressed;
}

/* Append a copy of @piece to an array of the caller's. */
_must_check_ int wb_pieces_add(struct wb_piece **items, size_t *n,
			       const struct wb_piece *piece);
void wb_pieces_free(struct wb_piece *items, size_t n);

/* A new array of the caller's; NULL without memory. */
struct json_object *wb_pieces_to_json(const struct wb_piece *items, size_t n);
/* -EINVAL where a piece names no file. */
_must_check_ int wb_pieces_from_json(struct json_object *array, struct wb_piece **ret,
				     size_t *ret_n);

/* "/boot/a.img + 4096 bytes from 512 of /efi/b.efi"; the caller's, NULL without memory.
 */
char *wb_pieces_to_string(const struct wb_piece *items, size_t n);
