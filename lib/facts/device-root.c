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
	return strstr(path, "/session") || strstr(path, "/nvme-fabrics/") ||
	       wb_startswith(path, "devices/rbd/");
}

/* Of a path that no device here is on, nobody knows what it needs. */
static int mark_path(const struct wb_storage *s, const struct wb_storage_visitor *v,
		     const char *path)
{
	if (is_remote(path))
		mark_network(s);
	if (is_remote(path) || wb_device_tree_owner(s->tree, path))
		*v->found = true;
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

/* Those of nbd that nobody has connected are there as well; they have no pid. */
static bool is_network_disk(const struct wb_storage *s, const struct wb_block *b)
{
	_cleanup_free_ char *pid = wb_format("sys/%s/pid", b->path);

	if (wb_startswith(b->name, "nbd"))
		return !pid || wb_root_exists(s->root, pid);
	for (char **p = b->places; p && *p; p++)
		if (is_remote(*p))
			return true;
	return false;
}

/*
 * sd and nvme write the caches of their disks back in their .shutdown, which comes after
 * the late phase; where the connection is dead by then, they wait for it.
 */
static void mark_reaching(const struct wb_storage *s)
{
	bool any = false;

	for (size_t i = 0; !any && i < s->blocks->n; i++)
		any = is_network_disk(s, &s->blocks->items[i]);
	for (size_t i = 0; any && i < s->list->n; i++)
		for (size_t j = 0; j < s->list->items[i].n_uses; j++)
			if (s->list->items[i].uses[j].kind == WB_USE_NETWORK)
				s->list->items[i].reaches_disk = true;
}

/* What is behind a port that leads outside is reached through a tunnel, which the host
 * controller makes; it is no ancestor of it in sysfs. */
static void mark_tunnels(const struct wb_storage *s)
{
	bool outside = false;

	for (size_t i = 0; i < s->list->n; i++)
		outside = outside ||
			  (s->list->items[i].removable && s->list->items[i].carries_root);
	for (size_t i = 0; outside && i < s->list->n; i++) {
		struct wb_device *d = &s->list->items[i];

		if (d->driver && strcmp(d->driver, "thunderbolt") == 0 &&
		    strcmp(d->bus, "pci") == 0)
			d->carries_root = true;
	}
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
	if (is_network_type(m->type) || (b && is_network_disk(s, b))) {
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

/* The record is written when drivers have gone, and so is the journal below /var. */
int wb_device_root_mark(const struct wb_storage *s)
{
	static const char *const paths[] = { "/", "/usr", "/var" };
	const struct wb_mount *record =
		wb_mounts_holding(&s->mounts, "/var/lib/warmboot/");
	int r = record ? mark_mount(s, record, 0) : 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(paths); i++) {
		const struct wb_mount *m = wb_mounts_at(&s->mounts, paths[i]);

		if (m)
			r = mark_mount(s, m, 0);
	}
	mark_tunnels(s);
	mark_reaching(s);
	return r;
}
