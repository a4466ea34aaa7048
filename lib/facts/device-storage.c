/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/unit-name.h"
#include "facts/device-part.h"

static int visit_block(const struct wb_storage *s, const struct wb_block *top,
		       const struct wb_storage_visitor *v)
{
	_cleanup_free_ const struct wb_block **below = NULL;
	size_t n;
	int r = wb_blocks_below(s->blocks, top, &below, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		for (char **p = below[i]->places; r >= 0 && p && *p; p++)
			r = v->visit(s, v, *p);
	return r;
}

static int note_use(const struct wb_storage *s, const struct wb_storage_visitor *v,
		    const char *path)
{
	return wb_device_use_add(s->tree, path, v->kind, v->name, v->unit);
}

/* --- file systems ------------------------------------------------------------------- */

static int visit_named(const struct wb_storage *s, char *const *names,
		       const struct wb_storage_visitor *v)
{
	int r = 0;

	for (; r >= 0 && names && *names; names++) {
		const struct wb_block *b = wb_blocks_named(s->blocks, *names);

		if (b)
			r = visit_block(s, b, v);
	}
	return r;
}

/* btrfs shows its members; with @b among them it is this one. */
static int visit_btrfs(const struct wb_storage *s, const struct wb_block *b,
		       const struct wb_storage_visitor *v)
{
	_cleanup_strv_ char **ids = NULL;
	int r = wb_root_list(s->root, "sys/fs/btrfs", &ids);

	if (r < 0)
		return r == -ENOMEM ? r : visit_block(s, b, v);
	for (char **id = ids; id && *id; id++) {
		_cleanup_free_ char *folder = wb_format("sys/fs/btrfs/%s/devices", *id);
		_cleanup_strv_ char **names = NULL;

		r = folder ? wb_root_list(s->root, folder, &names) : -ENOMEM;
		if (r == -ENOMEM)
			return r;
		if (r >= 0 && wb_strv_contains(names, b->name))
			return visit_named(s, names, v);
	}
	return visit_block(s, b, v);
}

/* Nothing in sysfs says which disks a pool is on. Where udev does not either, each may
 * be. */
static int visit_pool(const struct wb_storage *s, const char *dataset,
		      const struct wb_storage_visitor *v)
{
	_cleanup_free_ char *pool = strndup(dataset, strcspn(dataset, "/"));
	_cleanup_free_ char *perhaps = NULL;
	struct wb_storage_visitor guess = *v;
	int r = pool ? 0 : -ENOMEM;

	if (r >= 0 && s->pools_known) {
		for (size_t i = 0; r >= 0 && i < s->blocks->n; i++)
			if (s->pools[i] && strcmp(s->pools[i], pool) == 0)
				r = visit_block(s, &s->blocks->items[i], v);
		return r;
	}
	perhaps = wb_format("%s (perhaps)", v->name ? v->name : "");
	guess.name = perhaps;
	guess.unit = NULL;
	for (size_t i = 0; r >= 0 && perhaps && i < s->blocks->n; i++)
		r = visit_block(s, &s->blocks->items[i], &guess);
	return perhaps ? r : -ENOMEM;
}

/* OpenZFS has a folder there for each pool that is imported. */
#define ZFS_POOLS "proc/spl/kstat/zfs"

/* What udev found on a block device: the label of a member is the name of its pool. */
static int read_pool(struct wb_storage *s, size_t i)
{
	const struct wb_node *node = &s->blocks->items[i].node;
	_cleanup_free_ char *path = NULL, *text = NULL;
	const char *label;
	int r;

	path = wb_format("run/udev/data/b%u:%u", node->major, node->minor);
	r = path ? wb_root_read(s->root, path, &text, NULL) : -ENOMEM;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	label = strstr(text, "\nE:ID_FS_LABEL=");
	if (!label || !strstr(text, "\nE:ID_FS_TYPE=zfs_member\n"))
		return 0;
	label = strchr(label, '=') + 1;
	s->pools[i] = strndup(label, strcspn(label, "\n"));
	s->pools_known = true;
	return s->pools[i] ? 0 : -ENOMEM;
}

static int read_pools(struct wb_storage *s)
{
	bool wanted = wb_root_exists(s->root, ZFS_POOLS);
	int r = 0;

	for (size_t i = 0; i < s->mounts.n; i++)
		wanted = wanted || strcmp(s->mounts.items[i].type, "zfs") == 0;
	s->pools = calloc(s->blocks->n + 1, sizeof(*s->pools));
	if (!s->pools)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && wanted && i < s->blocks->n; i++)
		r = read_pool(s, i);
	return r;
}

int wb_storage_visit_mount(const struct wb_storage *s, const struct wb_mount *m,
			   const struct wb_storage_visitor *v)
{
	const struct wb_block *b = wb_blocks_find(s->blocks, &m->node);

	if (strcmp(m->type, "zfs") == 0)
		return visit_pool(s, m->source, v);
	if (!b || m->node.major == 0)
		return 0;
	return strcmp(m->type, "btrfs") == 0 ? visit_btrfs(s, b, v)
					     : visit_block(s, b, v);
}

static int add_mounts(const struct wb_storage *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->mounts.n; i++) {
		const struct wb_mount *m = &s->mounts.items[i];
		_cleanup_free_ char *unit = wb_unit_name_of_path(m->path, ".mount");

		if (!unit)
			return -ENOMEM;
		r = wb_storage_visit_mount(s, m,
					   &(struct wb_storage_visitor){
						   note_use, WB_USE_MOUNT, m->path, unit,
						   NULL });
	}
	return r;
}

/* --- swap --------------------------------------------------------------------------- */

static int add_swap(const struct wb_storage *s, const char *path)
{
	_cleanup_free_ char *unit = wb_unit_name_of_path(path, ".swap");
	const struct wb_storage_visitor v = { note_use, WB_USE_SWAP, path, unit, NULL };
	const struct wb_block *b = NULL;
	const struct wb_mount *m;
	struct wb_node node;

	if (!unit)
		return -ENOMEM;
	if (wb_root_node(s->root, path, &node) >= 0)
		b = wb_blocks_find(s->blocks, &node);
	if (b)
		return visit_block(s, b, &v);
	m = wb_mounts_holding(&s->mounts, path);
	return m ? wb_storage_visit_mount(s, m, &v) : 0;
}

/* proc(5): "Filename Type Size Used Priority", below a line that says so. */
static int add_swaps(const struct wb_storage *s)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int r = wb_root_read(s->root, "proc/swaps", &text, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, " \t")] = '\0';
		if (*line == '/')
			r = add_swap(s, wb_mount_unescape(line));
	}
	return r;
}

/* --- stacks ------------------------------------------------------------------------- */

/* "dm-0 (rl-root)": the kernel's name, and the one that people know it by. */
static int stack_name(const struct wb_storage *s, const struct wb_block *b, char **ret)
{
	_cleanup_free_ char *path = NULL, *name = NULL;
	int r = 0;

	if (wb_startswith(b->name, "dm-")) {
		path = wb_format("sys/%s/dm/name", b->path);
		r = path ? wb_root_read_line(s->root, path, &name) : -ENOMEM;
	}
	if (r == -ENOMEM)
		return r;
	*ret = name ? wb_format("%s (%s)", b->name, name) : strdup(b->name);
	return *ret ? 0 : -ENOMEM;
}

static int add_stacks(const struct wb_storage *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->blocks->n; i++) {
		const struct wb_block *b = &s->blocks->items[i];
		_cleanup_free_ char *name = NULL;

		if (!wb_block_is_stack(b))
			continue;
		r = stack_name(s, b, &name);
		if (r >= 0)
			r = visit_block(s, b,
					&(struct wb_storage_visitor){ note_use,
								      WB_USE_STACK, name,
								      NULL, NULL });
	}
	return r;
}

/* Mounted or not: as long as a pool is imported, ZFS writes to all of its members. */
static bool is_imported(const struct wb_storage *s, const char *pool)
{
	_cleanup_free_ char *path = wb_format(ZFS_POOLS "/%s", pool);

	if (path && wb_root_exists(s->root, path))
		return true;
	for (size_t i = 0; i < s->mounts.n; i++) {
		const struct wb_mount *m = &s->mounts.items[i];
		const char *rest = strcmp(m->type, "zfs") == 0
					   ? wb_startswith(m->source, pool)
					   : NULL;

		if (rest && (*rest == '/' || *rest == '\0'))
			return true;
	}
	return false;
}

static int add_pools(const struct wb_storage *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->blocks->n; i++) {
		_cleanup_free_ char *name = NULL;

		if (!s->pools[i] || !is_imported(s, s->pools[i]))
			continue;
		name = wb_format(WB_USE_POOL "%s", s->pools[i]);
		r = name ? visit_block(s, &s->blocks->items[i],
				       &(struct wb_storage_visitor){
					       note_use, WB_USE_STACK, name, NULL, NULL })
			 : -ENOMEM;
	}
	return r;
}

int wb_device_storage_read(const struct wb_root *root, const struct wb_device_list *list,
			   const struct wb_device_tree *tree,
			   const struct wb_blocks *blocks)
{
	struct wb_storage s = {
		.root = root,
		.list = list,
		.tree = tree,
		.blocks = blocks,
	};
	int r = wb_mounts_read(root, &s.mounts);

	if (r >= 0)
		r = read_pools(&s);
	if (r >= 0)
		r = add_mounts(&s);
	if (r >= 0)
		r = add_swaps(&s);
	if (r >= 0)
		r = add_stacks(&s);
	if (r >= 0)
		r = add_pools(&s);
	if (r >= 0)
		r = wb_device_root_mark(&s);
	for (size_t i = 0; s.pools && i < blocks->n; i++)
		free(s.pools[i]);
	free(s.pools);
	wb_mounts_done(&s.mounts);
	return r;
}
