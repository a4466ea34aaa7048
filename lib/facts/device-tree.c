/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "facts/device-part.h"

static int compare_paths(const void *a, const void *b)
{
	const struct wb_device *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

int wb_device_tree_build(const struct wb_device_list *list, struct wb_device_tree *ret)
{
	struct wb_device_tree tree = { .n = list->n };

	tree.items = calloc(list->n + 1, sizeof(struct wb_device *));
	if (!tree.items)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		tree.items[i] = &list->items[i];
	qsort(tree.items, tree.n, sizeof(struct wb_device *), compare_paths);
	*ret = tree;
	return 0;
}

void wb_device_tree_done(struct wb_device_tree *tree)
{
	free(tree->items);
	*tree = (struct wb_device_tree){ 0 };
}

/* As strcmp(3) on the first @n bytes of @path as a whole path. */
static int compare_path(const char *path, size_t n, const char *other)
{
	int r = strncmp(path, other, n);

	return r != 0 ? r : other[n] == '\0' ? 0 : -1;
}

static struct wb_device *find(const struct wb_device_tree *tree, const char *path,
			      size_t n)
{
	size_t low = 0, high = tree->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = compare_path(path, n, tree->items[middle]->path);

		if (r == 0)
			return tree->items[middle];
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The first device on the way up from the first @n bytes of @path. */
static struct wb_device *find_above(const struct wb_device_tree *tree, const char *path,
				    size_t n)
{
	while (n > 0) {
		struct wb_device *d = find(tree, path, n);

		if (d)
			return d;
		while (n > 0 && path[--n] != '/')
			;
	}
	return NULL;
}

struct wb_device *wb_device_tree_owner(const struct wb_device_tree *tree,
				       const char *path)
{
	return find_above(tree, path, strlen(path));
}

struct wb_device *wb_device_tree_parent(const struct wb_device_tree *tree,
					const struct wb_device *device)
{
	const char *slash = strrchr(device->path, '/');

	return slash ? find_above(tree, device->path, (size_t)(slash - device->path))
		     : NULL;
}
