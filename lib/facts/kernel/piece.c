/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/piece.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

int wb_pieces_add(struct wb_piece **items, size_t *n, const struct wb_piece *piece)
{
	struct wb_piece *grown = reallocarray(*items, *n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*items = grown;
	grown[*n] = *piece;
	grown[*n].path = strdup(piece->path);
	if (!grown[*n].path)
		return -ENOMEM;
	(*n)++;
	return 0;
}

void wb_pieces_free(struct wb_piece *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(items[i].path);
	free(items);
}

static struct json_object *piece_to_json(const struct wb_piece *p)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? wb_json_add_string(o, "path", p->path) : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_u64(o, "offset", p->offset);
	if (r >= 0)
		r = wb_json_add_u64(o, "size", p->size);
	if (r >= 0)
		r = wb_json_add_bool(o, "compressed", p->compressed);
	return r < 0 ? NULL : TAKE_PTR(o);
}

struct json_object *wb_pieces_to_json(const struct wb_piece *items, size_t n)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < n; i++)
		if (wb_json_append(array, piece_to_json(&items[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static int piece_from_json(struct json_object *o, struct wb_piece **items, size_t *n)
{
	struct wb_piece p = { 0 };
	int r = wb_json_get_string(o, "path", &p.path);

	if (r >= 0)
		r = wb_json_get_u64(o, "offset", &p.offset);
	if (r >= 0)
		r = wb_json_get_u64(o, "size", &p.size);
	if (r >= 0)
		r = wb_json_get_bool(o, "compressed", &p.compressed);
	if (r >= 0)
		r = p.path ? wb_pieces_add(items, n, &p) : -EINVAL;
	free(p.path);
	return r;
}

int wb_pieces_from_json(struct json_object *array, struct wb_piece **ret, size_t *ret_n)
{
	struct wb_piece *items = NULL;
	size_t n = 0;
	int r = array ? 0 : -EINVAL;

	for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
		r = piece_from_json(json_object_array_get_idx(array, i), &items, &n);
	if (r < 0) {
		wb_pieces_free(items, n);
		return r;
	}
	*ret = items;
	*ret_n = n;
	return 0;
}

static int describe(char ***words, const struct wb_piece *p)
{
	const char *how = p->compressed ? ", unpacked" : "";

	if (p->offset == 0 && p->size == 0)
		return wb_strv_appendf(words, "%s%s", p->path, how);
	if (p->size == 0)
		return wb_strv_appendf(words, "%s from byte %ju on%s", p->path,
				       (uintmax_t)p->offset, how);
	return wb_strv_appendf(words, "%ju bytes of %s from byte %ju on%s",
			       (uintmax_t)p->size, p->path, (uintmax_t)p->offset, how);
}

char *wb_pieces_to_string(const struct wb_piece *items, size_t n)
{
	_cleanup_strv_ char **words = NULL;

	for (size_t i = 0; i < n; i++)
		if (describe(&words, &items[i]) < 0)
			return NULL;
	return wb_strv_join(words, " + ");
}
