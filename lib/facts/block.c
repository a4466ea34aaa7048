/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/block.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

#define FOLDER      "sys/dev/block"
#define VIRTUAL     "devices/virtual/block/"
#define NVME_SUBSYS "devices/virtual/nvme-subsystem/"

static void block_done(struct wb_block *b)
{
	free(b->name);
	free(b->path);
	free(b->file);
	wb_strv_free(b->places);
	wb_strv_free(b->slaves);
}

void wb_blocks_done(struct wb_blocks *blocks)
{
	for (size_t i = 0; i < blocks->n; i++)
		block_done(&blocks->items[i]);
	free(blocks->items);
	*blocks = (struct wb_blocks){ 0 };
}

/* "devices/..." of a link in sysfs; NULL in @ret where it leads nowhere. */
static int read_path(const struct wb_root *root, const char *link, char **ret)
{
	_cleanup_free_ char *target = NULL;
	const char *path;
	int r = wb_root_readlink(root, link, &target);

	*ret = NULL;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	path = strstr(target, "devices/");
	if (!path || strstr(path, ".."))
		return 0;
	*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

/* With native multipath an NVMe disk hangs below its subsystem, which is virtual, and has
 * its controllers beside it. */
static int read_controllers(const struct wb_root *root, struct wb_block *b)
{
	const char *rest = wb_startswith(b->path, NVME_SUBSYS);
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *folder = NULL;
	int r;

	folder = wb_format("sys/" NVME_SUBSYS "%.*s", (int)strcspn(rest, "/"), rest);
	r = folder ? wb_root_list(root, folder, &names) : -ENOMEM;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *link = wb_format("sys/class/nvme/%s", *name);
		_cleanup_free_ char *path = NULL;

		r = link ? read_path(root, link, &path) : -ENOMEM;
		if (r >= 0 && path)
			r = wb_strv_add(&b->places, path);
	}
	return r;
}

static int read_loop(const struct wb_root *root, struct wb_block *b)
{
	_cleanup_free_ char *path = wb_format("sys/%s/loop/backing_file", b->path);
	int r = path ? wb_root_read_line(root, path, &b->file) : -ENOMEM;

	return r == -ENOMEM ? r : 0;
}

static int read_slaves(const struct wb_root *root, struct wb_block *b)
{
	_cleanup_free_ char *folder = wb_format("sys/%s/slaves", b->path);
	int r = folder ? wb_root_list(root, folder, &b->slaves) : -ENOMEM;

	return r == -ENOMEM ? r : 0;
}

/* What it is made of. A partition of a virtual disk: of that disk. */
static int read_parts(const struct wb_root *root, struct wb_block *b)
{
	const char *rest = wb_startswith(b->path, VIRTUAL), *slash;
	_cleanup_free_ char *disk = NULL;

	if (wb_startswith(b->path, NVME_SUBSYS))
		return read_controllers(root, b);
	if (!rest)
		return wb_strv_append(&b->places, b->path);
	slash = strchr(rest, '/');
	if (!slash)
		return wb_startswith(rest, "loop") ? read_loop(root, b)
						   : read_slaves(root, b);
	disk = strndup(rest, (size_t)(slash - rest));
	return disk ? wb_strv_append(&b->slaves, disk) : -ENOMEM;
}

static int read_block(const struct wb_root *root, const char *number,
		      struct wb_block *ret)
{
	_cleanup_free_ char *link = wb_format(FOLDER "/%s", number);
	_cleanup_free_ char *text = wb_format("b %s", number);
	struct wb_block b = { 0 };
	int r = link && text ? read_path(root, link, &b.path) : -ENOMEM;

	if (r >= 0 && (!b.path || wb_node_from_string(text, &b.node) < 0))
		r = -ENODEV;
	if (r >= 0) {
		b.name = strdup(wb_basename(b.path));
		r = b.name ? read_parts(root, &b) : -ENOMEM;
	}
	if (r < 0) {
		block_done(&b);
		return r;
	}
	*ret = b;
	return 0;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct wb_node *x = &((const struct wb_block *)a)->node;
	const struct wb_node *y = &((const struct wb_block *)b)->node;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor == y->minor ? 0 : x->minor < y->minor ? -1 : 1;
}

int wb_blocks_read(const struct wb_root *root, struct wb_blocks *ret)
{
	_cleanup_(wb_blocks_done) struct wb_blocks blocks = { 0 };
	_cleanup_strv_ char **numbers = NULL;
	int r = wb_root_list(root, FOLDER, &numbers);

	*ret = blocks;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	blocks.items = calloc(wb_strv_length(numbers) + 1, sizeof(*blocks.items));
	if (!blocks.items)
		return -ENOMEM;
	for (char **number = numbers; number && *number; number++) {
		r = read_block(root, *number, &blocks.items[blocks.n]);
		if (r == -ENOMEM)
			return r;
		/* Disks come and go; one that went while we looked is not there. */
		if (r >= 0)
			blocks.n++;
	}
	qsort(blocks.items, blocks.n, sizeof(*blocks.items), compare_nodes);
	*ret = blocks;
	blocks = (struct wb_blocks){ 0 };
	return 0;
}

const struct wb_block *wb_blocks_find(const struct wb_blocks *blocks,
				      const struct wb_node *node)
{
	const struct wb_block key = { .node = *node };

	if (blocks->n == 0 || !node->block)
		return NULL;
	return bsearch(&key, blocks->items, blocks->n, sizeof(key), compare_nodes);
}

const struct wb_block *wb_blocks_named(const struct wb_blocks *blocks, const char *name)
{
	for (size_t i = 0; i < blocks->n; i++)
		if (strcmp(blocks->items[i].name, name) == 0)
			return &blocks->items[i];
	return NULL;
}

bool wb_block_is_stack(const struct wb_block *block)
{
	const char *rest = wb_startswith(block->path, VIRTUAL);

	return rest && !strchr(rest, '/') && block->slaves;
}

static bool is_in(const struct wb_block *const *list, size_t n, const struct wb_block *b)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == b)
			return true;
	return false;
}

/* The list grows while it is walked. */
int wb_blocks_below(const struct wb_blocks *blocks, const struct wb_block *top,
		    const struct wb_block ***ret, size_t *ret_n)
{
	const struct wb_block **list;
	size_t n = 1;

	list = calloc(blocks->n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	list[0] = top;
	for (size_t i = 0; i < n; i++)
		for (char **name = list[i]->slaves; name && *name; name++) {
			const struct wb_block *b = wb_blocks_named(blocks, *name);

			/* Damaged links might lead in circles. */
			if (b && !is_in(list, n, b))
				list[n++] = b;
		}
	*ret = list;
	*ret_n = n;
	return 0;
}
