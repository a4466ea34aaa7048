/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/stamp.h"

#include <errno.h>
#include <string.h>

/* All but the path. */
static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
	{ "device", offsetof(struct wb_stamp, device) },
	{ "inode", offsetof(struct wb_stamp, inode) },
	{ "size", offsetof(struct wb_stamp, size) },
	{ "mtime_nsec", offsetof(struct wb_stamp, mtime_nsec) },
};

int wb_stamps_add(struct wb_stamp **items, size_t *n, const struct wb_stamp *stamp)
{
	struct wb_stamp *grown = reallocarray(*items, *n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*items = grown;
	grown[*n] = *stamp;
	grown[*n].path = strdup(stamp->path);
	if (!grown[*n].path)
		return -ENOMEM;
	(*n)++;
	return 0;
}

void wb_stamps_free(struct wb_stamp *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(items[i].path);
	free(items);
}

static struct json_object *stamp_to_json(const struct wb_stamp *s)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? wb_json_add_string(o, "path", s->path) : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(numbers); i++)
		r = wb_json_add_u64(o, numbers[i].key,
				    *(const uint64_t *)(const void *)((const char *)s +
								      numbers[i].offset));
	return r < 0 ? NULL : TAKE_PTR(o);
}

struct json_object *wb_stamps_to_json(const struct wb_stamp *items, size_t n)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < n; i++)
		if (wb_json_append(array, stamp_to_json(&items[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static int stamp_from_json(struct json_object *o, struct wb_stamp **items, size_t *n)
{
	struct wb_stamp s = { 0 };
	int r = wb_json_get_string(o, "path", &s.path);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(numbers); i++)
		r = wb_json_get_u64(o, numbers[i].key,
				    (uint64_t *)(void *)((char *)&s + numbers[i].offset));
	if (r >= 0)
		r = s.path ? wb_stamps_add(items, n, &s) : -EINVAL;
	free(s.path);
	return r;
}

int wb_stamps_from_json(struct json_object *array, struct wb_stamp **ret, size_t *ret_n)
{
	struct wb_stamp *items = NULL;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; array && r >= 0 && i < json_object_array_length(array); i++)
		r = stamp_from_json(json_object_array_get_idx(array, i), &items, &n);
	if (r < 0) {
		wb_stamps_free(items, n);
		return r;
	}
	*ret = items;
	*ret_n = n;
	return 0;
}
