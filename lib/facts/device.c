/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/device.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* PCI Code and ID Assignment: base class 03h, display controller. */
#define PCI_BASE_CLASS_DISPLAY 0x03

struct list {
	struct wb_device *items;
	size_t n;
};

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

static void device_done(struct wb_device *d)
{
	free(d->bus);
	free(d->id);
	free(d->path);
	free(d->driver);
	free(d->module);
	free(d->modalias);
	free(d->nodes);
	for (size_t i = 0; i < d->n_uses; i++) {
		free(d->uses[i].name);
		free(d->uses[i].unit);
	}
	free(d->uses);
}

/* "../../../devices/pci0000:00/..." into "devices/pci0000:00/..." */
static char *device_path(const char *target)
{
	const char *path = strstr(target, "devices/");

	return strdup(path ? path : target);
}

static int read_path(const struct wb_root *root, const char *link, char **ret)
{
	_cleanup_free_ char *target = NULL;
	int r = wb_root_readlink(root, link, &target);

	if (r < 0)
		return r;
	*ret = device_path(target);
	return *ret ? 0 : -ENOMEM;
}

/* The last part of a link below the device; NULL where there is none. */
static int read_name(const struct wb_root *root, const char *path, const char *link,
		     char **ret)
{
	_cleanup_free_ char *full = wb_format("sys/%s/%s", path, link);
	int r;

	if (!full)
		return -ENOMEM;
	r = wb_root_link_name(root, full, ret);
	return r == -ENOMEM ? r : 0;
}

static uint32_t read_class(const struct wb_root *root, const char *path)
{
	_cleanup_free_ char *full = wb_format("sys/%s/class", path), *text = NULL;
	uint64_t value;

	if (!full || wb_root_read_line(root, full, &text) < 0 ||
	    !wb_startswith(text, "0x") || wb_parse_u64(text + 2, 16, &value) < 0)
		return 0;
	return (uint32_t)value;
}

static int read_device(const struct wb_root *root, const char *bus, const char *id,
		       struct wb_device *ret)
{
	_cleanup_free_ char *link = wb_format("sys/bus/%s/devices/%s", bus, id);
	struct wb_device d = { .bus = strdup(bus), .id = strdup(id) };
	int r = link && d.bus && d.id ? 0 : -ENOMEM;

	if (r >= 0)
		r = read_path(root, link, &d.path);
	if (r >= 0)
		r = read_name(root, d.path, "driver", &d.driver);
	if (r >= 0)
		r = read_name(root, d.path, "driver/module", &d.module);
	if (r < 0) {
		device_done(&d);
		return r;
	}
	d.class = strcmp(bus, "pci") == 0 ? read_class(root, d.path) : 0;
	d.display = d.class >> 16 == PCI_BASE_CLASS_DISPLAY;
	*ret = d;
	return 0;
}

static int read_bus(const struct wb_root *root, const char *bus, struct list *list)
{
	_cleanup_free_ char *folder = wb_format("sys/bus/%s/devices", bus);
	_cleanup_strv_ char **ids = NULL;
	int r;

	if (!folder)
		return -ENOMEM;
	r = wb_root_list(root, folder, &ids);
	if (r < 0)
		/* A machine without this bus. */
		return r == -ENOMEM ? r : 0;
	for (char **id = ids; id && *id; id++) {
		struct wb_device *grown;

		grown = reallocarray(list->items, list->n + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		list->items = grown;
		r = read_device(root, bus, *id, &grown[list->n]);
		if (r == -ENOMEM)
			return r;
		/* Devices come and go; one that went while we looked is not there. */
		if (r >= 0)
			list->n++;
	}
	return 0;
}

static bool is_inside(const char *path, const char *folder)
{
	const char *rest = wb_startswith(path, folder);

	return rest && (*rest == '/' || *rest == '\0');
}

/* The innermost device that a path below /sys belongs to, or NULL. */
static struct wb_device *owner_of(struct list *list, const char *path)
{
	struct wb_device *best = NULL;

	for (size_t i = 0; i < list->n; i++) {
		struct wb_device *d = &list->items[i];

		if (is_inside(path, d->path) &&
		    (!best || strlen(d->path) > strlen(best->path)))
			best = d;
	}
	return best;
}

/* /sys/dev/{char,block}/MAJOR:MINOR lead to the devices behind the nodes. */
static int read_nodes(const struct wb_root *root, const char *folder, char kind,
		      struct list *list)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, folder, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *link = wb_format("%s/%s", folder, *name);
		_cleanup_free_ char *text = wb_format("%c %s", kind, *name);
		_cleanup_free_ char *path = NULL;
		struct wb_device *owner;
		struct wb_node node;

		if (!link || !text)
			return -ENOMEM;
		r = read_path(root, link, &path);
		if (r == -ENOMEM)
			return r;
		owner = r < 0 ? NULL : owner_of(list, path);
		if (!owner || wb_node_from_string(text, &node) < 0)
			continue;
		r = wb_nodes_add(&owner->nodes, &owner->n_nodes, &node);
		if (r < 0)
			return r;
	}
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

static void mark_virtio_displays(struct list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct wb_device *outer = &list->items[i];

		for (size_t j = 0; outer->class != 0 && j < list->n; j++) {
			struct wb_device *inner = &list->items[j];

			if (inner == outer || !outer->display ||
			    strcmp(inner->bus, "virtio") != 0 ||
			    !is_inside(inner->path, outer->path))
				continue;
			give_display(outer, inner);
		}
	}
}

int wb_devices_read(const struct wb_root *root, struct wb_device **ret, size_t *ret_n)
{
	static const char *const buses[] = { "pci", "virtio" };
	struct list list = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(buses); i++)
		r = read_bus(root, buses[i], &list);
	if (r >= 0)
		r = read_nodes(root, "sys/dev/char", 'c', &list);
	if (r >= 0)
		r = read_nodes(root, "sys/dev/block", 'b', &list);
	if (r < 0) {
		wb_devices_free(list.items, list.n);
		return r;
	}
	mark_virtio_displays(&list);
	*ret = list.items;
	*ret_n = list.n;
	return 0;
}

void wb_devices_free(struct wb_device *devices, size_t n)
{
	for (size_t i = 0; i < n; i++)
		device_done(&devices[i]);
	free(devices);
}
