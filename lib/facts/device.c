/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/device.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/device-part.h"

int wb_nodes_add(struct wb_node **nodes, size_t *n, const struct wb_node *node)
{
	struct wb_node *grown;

	for (size_t i = 0; i < *n; i++)
		if (wb_node_matches(&(*nodes)[i], node) &&
		    (*nodes)[i].any_minor == node->any_minor)
			return 0;
	grown = reallocarray(*nodes, *n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[(*n)++] = *node;
	*nodes = grown;
	return 0;
}

/*
 * With virtio the driver that draws is bound to a device of its own inside the PCI
 * function; the function itself only has the transport.
 */
static void give_display(struct wb_device *outer, struct wb_device *inner)
{
	inner->display = true;
	outer->display = false;
	/* The kernel hangs the nodes below the function all the same (virtgpu_drv.c). */
	if (inner->n_nodes > 0)
		return;
	inner->nodes = TAKE_PTR(outer->nodes);
	inner->n_nodes = outer->n_nodes;
	outer->n_nodes = 0;
}

static void mark_virtio_displays(struct wb_device_list *list,
				 const struct wb_device_tree *tree)
{
	for (size_t i = 0; i < list->n; i++) {
		struct wb_device *inner = &list->items[i], *outer;

		if (strcmp(inner->bus, "virtio") != 0)
			continue;
		outer = wb_device_tree_parent(tree, inner);
		if (outer && outer->display)
			give_display(outer, inner);
	}
}

static int look(const struct wb_root *root, struct wb_device_list *list,
		const struct wb_device_tree *tree)
{
	struct wb_blocks blocks = { 0 };
	int r = wb_blocks_read(root, &blocks);

	if (r >= 0)
		r = wb_device_nodes_read(root, tree, &blocks);
	if (r >= 0) {
		mark_virtio_displays(list, tree);
		r = wb_device_uses_read(root, list, tree, &blocks);
	}
	wb_blocks_done(&blocks);
	return r;
}

int wb_devices_read(const struct wb_root *root, struct wb_device **ret, size_t *ret_n)
{
	_cleanup_(wb_device_list_done) struct wb_device_list list = { 0 };
	_cleanup_(wb_device_tree_done) struct wb_device_tree tree = { 0 };
	int r = wb_device_list_read(root, &list);

	if (r >= 0)
		r = wb_device_tree_build(&list, &tree);
	if (r >= 0)
		r = look(root, &list, &tree);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(list.items);
	*ret_n = list.n;
	list.n = 0;
	return 0;
}

bool wb_device_is_inside(const struct wb_device *inner, const struct wb_device *outer)
{
	const char *rest = wb_startswith(inner->path, outer->path);

	return rest && *rest == '/';
}

void wb_devices_free(struct wb_device *devices, size_t n)
{
	wb_device_list_done(&(struct wb_device_list){ devices, n });
}
