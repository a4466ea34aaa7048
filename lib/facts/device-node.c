/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/device-part.h"

#define FOLDER "sys/dev/char"

/* Numbers are unique: no need to look for each among those that are there. */
static int push(struct wb_device *d, const struct wb_node *node)
{
	struct wb_node *grown = reallocarray(d->nodes, d->n_nodes + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	grown[d->n_nodes++] = *node;
	d->nodes = grown;
	return 0;
}

/* /sys/dev/char/MAJOR:MINOR leads to the device behind the node. */
static int read_node(const struct wb_root *root, const char *number,
		     const struct wb_device_tree *tree)
{
	_cleanup_free_ char *link = wb_format(FOLDER "/%s", number);
	_cleanup_free_ char *text = wb_format("c %s", number), *target = NULL;
	struct wb_device *owner = NULL;
	struct wb_node node;
	const char *path;
	int r = link && text ? wb_root_readlink(root, link, &target) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	path = strstr(target, "devices/");
	if (path)
		owner = wb_device_tree_owner(tree, path);
	if (!owner || wb_node_from_string(text, &node) < 0)
		return 0;
	return push(owner, &node);
}

static int read_characters(const struct wb_root *root, const struct wb_device_tree *tree)
{
	_cleanup_strv_ char **numbers = NULL;
	int r = wb_root_list(root, FOLDER, &numbers);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **number = numbers; r >= 0 && number && *number; number++)
		r = read_node(root, *number, tree);
	return r;
}

/* Bound to one of those that leave a device to a program: vfio-pci, mlx5_vfio_pci, ... */
static bool is_left_to_programs(const struct wb_device *d)
{
	return d->driver && strstr(d->driver, "vfio");
}

static int push_to_group(const struct wb_root *root, const struct wb_device_tree *tree,
			 const char *group, const struct wb_node *node)
{
	_cleanup_free_ char *folder =
		wb_format("sys/kernel/iommu_groups/%s/devices", group);
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(root, folder, &names) : -ENOMEM;

	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *link = wb_format("%s/%s", folder, *name);
		_cleanup_free_ char *target = NULL;
		struct wb_device *owner = NULL;
		const char *path;

		r = link ? wb_root_readlink(root, link, &target) : -ENOMEM;
		path = r >= 0 ? strstr(target, "devices/") : NULL;
		if (path)
			owner = wb_device_tree_owner(tree, path);
		if (owner && is_left_to_programs(owner))
			r = push(owner, node);
		/* One that has gone meanwhile says nothing of the others. */
		if (r != -ENOMEM)
			r = 0;
	}
	return r == -ENOMEM ? r : 0;
}

/* /dev/vfio/GROUP is below no device: Documentation/driver-api/vfio.rst. */
static int read_vfio(const struct wb_root *root, const struct wb_device_tree *tree)
{
	_cleanup_strv_ char **groups = NULL;
	int r = wb_root_list(root, "sys/class/vfio", &groups);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **group = groups; r >= 0 && group && *group; group++) {
		_cleanup_free_ char *path = wb_format("sys/class/vfio/%s/dev", *group);
		_cleanup_free_ char *number = NULL, *text = NULL;
		struct wb_node node;

		if (!path || wb_root_read_line(root, path, &number) < 0)
			continue;
		text = wb_format("c %s", number);
		if (text && wb_node_from_string(text, &node) >= 0)
			r = push_to_group(root, tree, *group, &node);
	}
	return r;
}

int wb_device_nodes_read(const struct wb_root *root, const struct wb_device_tree *tree,
			 const struct wb_blocks *blocks)
{
	int r = read_characters(root, tree);

	if (r >= 0)
		r = read_vfio(root, tree);
	for (size_t i = 0; r >= 0 && i < blocks->n; i++) {
		struct wb_device *d = wb_device_tree_owner(tree, blocks->items[i].path);

		if (d)
			r = push(d, &blocks->items[i].node);
	}
	return r;
}
