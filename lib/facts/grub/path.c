/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/grub/path.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/mount.h"

static void mount_done(struct wb_grub_mount *mount)
{
	free(mount->root);
	free(mount->source);
	*mount = (struct wb_grub_mount){ 0 };
}

static int take(const struct wb_mounts *mounts, const char *path,
		struct wb_grub_mount *ret)
{
	const struct wb_mount *mount = wb_mounts_at(mounts, path);

	if (!mount)
		return 0;
	ret->root = strdup(mount->folder);
	ret->source = strdup(mount->source);
	return ret->root && ret->source ? 0 : -ENOMEM;
}

int wb_grub_mounts_read(const struct wb_root *root, struct wb_grub_mounts *ret)
{
	_cleanup_(wb_mounts_done) struct wb_mounts mounts = { 0 };
	int r = wb_mounts_read(root, &mounts);

	*ret = (struct wb_grub_mounts){ 0 };
	if (r >= 0)
		r = take(&mounts, "/", &ret->top);
	return r < 0 ? r : take(&mounts, "/boot", &ret->boot);
}

void wb_grub_mounts_done(struct wb_grub_mounts *mounts)
{
	mount_done(&mounts->top);
	mount_done(&mounts->boot);
}

/* Is @node one of the devices of the btrfs with this UUID? It is mounted by one of them,
 * and its UUID may lead to another (/sys/fs/btrfs/UUID/devices). */
static int is_of_btrfs(const struct wb_root *root, const char *uuid,
		       const struct wb_node *node)
{
	_cleanup_free_ char *folder = wb_format("sys/fs/btrfs/%s/devices", uuid);
	_cleanup_free_ char *number = wb_format("%u:%u", node->major, node->minor);
	_cleanup_strv_ char **names = NULL;
	int r = folder && number ? wb_root_list(root, folder, &names) : -ENOMEM;

	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *path = NULL, *found = NULL;

		path = wb_format("%s/%s/dev", folder, *name);
		r = path ? wb_root_read_line(root, path, &found) : -ENOMEM;
		if (r >= 0 && strcmp(found, number) == 0)
			return 1;
		r = r == -ENOMEM ? r : 0;
	}
	return r == -ENOMEM ? r : 0;
}

/* 1: it is that file system, 0: it is another, -ENODEV: nobody can tell, as with ZFS.
 * @node: what the UUID leads to; NULL: nothing. */
static int is_mounted(const struct wb_root *root, const struct wb_grub_mount *mount,
		      const char *uuid, const struct wb_node *node)
{
	struct wb_node other;
	int r;

	if (!mount->source || *mount->source != '/')
		return -ENODEV;
	r = wb_root_node(root, mount->source, &other);
	if (r < 0)
		return r == -ENOMEM ? r : -ENODEV;
	if (node && wb_node_matches(node, &other))
		return 1;
	return is_of_btrfs(root, uuid, &other);
}

/* Which mounts may be the file system with this UUID? Where one is, the other is not. */
static int find_mounts(const struct wb_root *root, const struct wb_grub_mounts *mounts,
		       const char *uuid, bool *ret_top, bool *ret_boot)
{
	_cleanup_free_ char *path = wb_format("dev/disk/by-uuid/%s", uuid);
	struct wb_node found, *node = NULL;
	int r, top, boot;

	*ret_top = *ret_boot = true;
	if (!path)
		return -ENOMEM;
	if (strchr(uuid, '/') || !wb_root_exists(root, "dev/disk/by-uuid"))
		return 0;
	r = wb_root_node(root, path, &found);
	node = r < 0 ? NULL : &found;
	top = is_mounted(root, &mounts->top, uuid, node);
	boot = mounts->boot.source ? is_mounted(root, &mounts->boot, uuid, node) : top;
	if (r == -ENOMEM || top == -ENOMEM || boot == -ENOMEM)
		return -ENOMEM;
	*ret_top = top == 1 || (top < 0 && boot != 1);
	*ret_boot = boot == 1 || (boot < 0 && top != 1);
	return 0;
}

int wb_grub_mounts_have(const struct wb_root *root, const struct wb_grub_mounts *mounts,
			const char *uuid, bool *ret)
{
	bool top, boot;
	int r = find_mounts(root, mounts, uuid, &top, &boot);

	*ret = top || boot;
	return r;
}

/* Are the files below @prefix of GRUB's those of the mount? "/@": a subvolume of btrfs,
 * "/ROOT/debian@": a dataset of ZFS. */
static bool is_top_of(const struct wb_grub_mount *mount, const char *prefix)
{
	size_t n = strlen(prefix);
	bool zfs = n > 2 && prefix[n - 1] == '@';

	if (n == 0)
		return true;
	/* What comes before /boot has no /boot in it. */
	if (!mount->root)
		return !strstr(prefix, "/boot") && (zfs || wb_startswith(prefix, "/@") ||
						    strcmp(prefix, "/root") == 0);
	if (strcmp(mount->root, prefix) == 0)
		return true;
	if (!zfs)
		return false;
	return strlen(mount->source) >= n - 1 &&
	       strncmp(mount->source + strlen(mount->source) - (n - 1), prefix, n - 1) ==
		       0;
}

static int try(const struct wb_root *root, const struct wb_grub_mount *mount,
	       const char *prefix, const char *folder, const char *rest, char **ret)
{
	_cleanup_free_ char *path = NULL;

	if (*ret || !is_top_of(mount, prefix))
		return 0;
	path = wb_format("%s%s", folder, rest);
	if (!path)
		return -ENOMEM;
	if (wb_root_exists(root, path))
		*ret = TAKE_PTR(path);
	return 0;
}

/* As it is; with /boot before it, where that is a partition of its own; without the name
 * of a subvolume or a dataset, in the same two ways. */
int wb_grub_path_find(const struct wb_root *root, const struct wb_grub_mounts *mounts,
		      const char *uuid, const char *path, char **ret)
{
	/* Without a mount of its own /boot belongs to what / is. */
	const struct wb_grub_mount *boot =
		mounts->boot.root ? &mounts->boot : &mounts->top;
	bool in_top = true, in_boot = true;
	int r = 0;

	*ret = NULL;
	if (uuid && *uuid)
		r = find_mounts(root, mounts, uuid, &in_top, &in_boot);
	for (const char *p = path; r >= 0 && *path == '/' && !*ret && *p; p++) {
		_cleanup_free_ char *prefix = NULL;

		if (*p != '/')
			continue;
		prefix = strndup(path, (size_t)(p - path));
		if (!prefix)
			return -ENOMEM;
		if (in_top)
			r = try(root, &mounts->top, prefix, "", p, ret);
		if (r >= 0 && in_boot)
			r = try(root, boot, prefix, "/boot", p, ret);
	}
	return r;
}
