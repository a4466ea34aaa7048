/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/text.h"
#include "facts/device-part.h"

/* A loop device may be on a file on a loop device; a damaged table might go in circles.
 */
#define DEPTH_MAX 8

static void mark(const struct wb_storage *s, const char *path)
{
	struct wb_device *d = wb_device_tree_owner(s->tree, path);

	for (; d; d = wb_device_tree_parent(s->tree, d))
		d->carries_root = true;
}

/* The connection of a disk that is elsewhere may be over any interface that is up. */
static void mark_network(const struct wb_storage *s)
{
	for (size_t i = 0; i < s->list->n; i++)
		for (size_t j = 0; j < s->list->items[i].n_uses; j++)
			if (s->list->items[i].uses[j].kind == WB_USE_NETWORK)
				s->list->items[i].carries_root = true;
}

static bool is_remote(const char *path)
{
	return strstr(path, "/session") || strstr(path, "/nvme-fabrics/");
}

static int mark_path(const struct wb_storage *s, const struct wb_storage_visitor *v,
		     const char *path)
{
	(void)v;
	if (is_remote(path))
		mark_network(s);
	mark(s, path);
	return 0;
}

/* A root of which nobody can tell where it is may be anywhere. */
static void mark_all(const struct wb_storage *s)
{
	for (size_t i = 0; i < s->blocks->n; i++)
		for (char **p = s->blocks->items[i].places; p && *p; p++)
			mark(s, *p);
	mark_network(s);
}

static bool is_network_type(const char *type)
{
	static const char *const types[] = {
		"9p",     "afs", "ceph", "cifs", "fuse",
		"lustre", "nfs", "nfs4", "smb3", "virtiofs"
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool is_in_memory(const char *type)
{
	return strcmp(type, "tmpfs") == 0 || strcmp(type, "ramfs") == 0 ||
	       strcmp(type, "rootfs") == 0;
}

static int mark_mount(const struct wb_storage *s, const struct wb_mount *m,
		      unsigned int depth)
{
	const struct wb_block *b = wb_blocks_find(s->blocks, &m->node);
	bool found = false;
	int r;

	if (is_in_memory(m->type))
		return 0;
	if (is_network_type(m->type) || (b && wb_startswith(b->name, "nbd"))) {
		mark_network(s);
		return 0;
	}
	if (b && b->file && depth < DEPTH_MAX) {
		m = wb_mounts_holding(&s->mounts, b->file);
		if (m)
			return mark_mount(s, m, depth + 1);
	}
	r = wb_storage_visit_mount(s, m,
				   &(struct wb_storage_visitor){ .visit = mark_path,
								 .found = &found });
	if (r >= 0 && !found)
		mark_all(s);
	return r;
}

/* /var has the record, which is written when drivers have gone. */
int wb_device_root_mark(const struct wb_storage *s)
{
	static const char *const paths[] = { "/", "/usr", "/var" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(paths); i++) {
		const struct wb_mount *m = wb_mounts_at(&s->mounts, paths[i]);

		if (m)
			r = mark_mount(s, m, 0);
	}
	return r;
}
