/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/device-part.h"

/* PCI Code and ID Assignment: base class 03h, display controller. */
#define PCI_BASE_CLASS_DISPLAY 0x03

/* The module of the driver that was looked at last: devices of one bus that follow each
 * other often have the same. */
struct reader {
	const struct wb_root *root;
	struct wb_device_list *list;
	const char *bus;
	char *driver;
	char *module;
};

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

void wb_device_list_done(struct wb_device_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		device_done(&list->items[i]);
	free(list->items);
	*list = (struct wb_device_list){ 0 };
}

static bool is_pci(const struct wb_device *d)
{
	return strcmp(d->bus, "pci") == 0;
}

/* "../../../devices/pci0000:00/..." into "devices/pci0000:00/..." */
static int read_path(struct reader *reader, struct wb_device *d)
{
	_cleanup_free_ char *link = wb_format("sys/bus/%s/devices/%s", d->bus, d->id);
	_cleanup_free_ char *target = NULL;
	const char *path;
	int r = link ? wb_root_readlink(reader->root, link, &target) : -ENOMEM;

	if (r < 0)
		return r;
	path = strstr(target, "devices/");
	d->path = strdup(path ? path : target);
	return d->path ? 0 : -ENOMEM;
}

/* NULL where none is bound. */
static int read_driver(struct reader *reader, struct wb_device *d)
{
	_cleanup_free_ char *link = NULL;
	int r;

	link = wb_format("sys/bus/%s/devices/%s/driver", d->bus, d->id);
	r = link ? wb_root_link_name(reader->root, link, &d->driver) : -ENOMEM;
	return r == -ENOMEM ? r : 0;
}

static int copy(const char *s, char **ret)
{
	*ret = s ? strdup(s) : NULL;
	return *ret || !s ? 0 : -ENOMEM;
}

static int read_module(struct reader *reader, struct wb_device *d)
{
	_cleanup_free_ char *link = NULL;
	int r;

	if (reader->driver && strcmp(reader->driver, d->driver) == 0)
		return copy(reader->module, &d->module);
	link = wb_format("sys/%s/driver/module", d->path);
	r = link ? wb_root_link_name(reader->root, link, &d->module) : -ENOMEM;
	if (r == -ENOMEM)
		return r;
	free(reader->driver);
	free(reader->module);
	reader->module = NULL;
	r = copy(d->driver, &reader->driver);
	return r < 0 ? r : copy(d->module, &reader->module);
}

/* Attributes that are missing are 0. */
static uint32_t read_number(struct reader *reader, const struct wb_device *d,
			    const char *attribute)
{
	_cleanup_free_ char *path = wb_format("sys/%s/%s", d->path, attribute);
	_cleanup_free_ char *text = NULL;
	uint64_t value;

	if (!path || wb_root_read_line(reader->root, path, &text) < 0 ||
	    !wb_startswith(text, "0x") || wb_parse_u64(text + 2, 16, &value) < 0 ||
	    value > UINT32_MAX)
		return 0;
	return (uint32_t)value;
}

static int read_modalias(struct reader *reader, struct wb_device *d)
{
	_cleanup_free_ char *path = wb_format("sys/%s/modalias", d->path);
	int r = path ? wb_root_read_line(reader->root, path, &d->modalias) : -ENOMEM;

	if (r == -ENOMEM)
		return r;
	if (d->modalias)
		wb_make_printable(d->modalias);
	return 0;
}

static bool says(struct reader *reader, const struct wb_device *d, const char *attribute,
		 const char *expected)
{
	_cleanup_free_ char *path = wb_format("sys/%s/%s", d->path, attribute);
	_cleanup_free_ char *text = NULL;

	return path && wb_root_read_line(reader->root, path, &text) >= 0 &&
	       strcmp(text, expected) == 0;
}

static void read_pci(struct reader *reader, struct wb_device *d)
{
	d->class = read_number(reader, d, "class");
	d->vendor = (uint16_t)read_number(reader, d, "vendor");
	d->product = (uint16_t)read_number(reader, d, "device");
	d->display = d->class >> 16 == PCI_BASE_CLASS_DISPLAY;
	/* Documentation/ABI/testing/sysfs-bus-pci: the one that the firmware used. */
	d->boot_vga = d->display && says(reader, d, "boot_vga", "1");
	/* Documentation/ABI/testing/sysfs-devices-removable, from Linux 5.14 on. */
	d->removable = says(reader, d, "removable", "removable");
}

/* The driver first: most devices of most buses have none, and that is enough of them. */
static int read_device(struct reader *reader, const char *id, struct wb_device *ret)
{
	struct wb_device d = { .bus = strdup(reader->bus), .id = strdup(id) };
	int r = d.bus && d.id ? read_driver(reader, &d) : -ENOMEM;

	if (r >= 0 && !d.driver && !is_pci(&d))
		r = -ENODEV;
	if (r >= 0)
		r = read_path(reader, &d);
	if (r >= 0 && d.driver)
		r = read_module(reader, &d);
	if (r >= 0)
		r = read_modalias(reader, &d);
	if (r < 0) {
		device_done(&d);
		return r;
	}
	if (is_pci(&d))
		read_pci(reader, &d);
	*ret = d;
	return 0;
}

/* Room for one more, doubled where there is none. */
static struct wb_device *next_place(struct wb_device_list *list)
{
	struct wb_device *grown;

	if ((list->n & (list->n - 1)) == 0) {
		grown = reallocarray(list->items, list->n ? 2 * list->n : 1,
				     sizeof(*grown));
		if (!grown)
			return NULL;
		list->items = grown;
	}
	return &list->items[list->n];
}

static int read_devices(struct reader *reader)
{
	_cleanup_free_ char *folder = wb_format("sys/bus/%s/devices", reader->bus);
	_cleanup_strv_ char **ids = NULL;
	int r = folder ? wb_root_list(reader->root, folder, &ids) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **id = ids; id && *id; id++) {
		struct wb_device *place = next_place(reader->list);

		if (!place)
			return -ENOMEM;
		r = read_device(reader, *id, place);
		if (r == -ENOMEM)
			return r;
		/* Devices come and go; one that went while we looked is not there. */
		if (r >= 0)
			reader->list->n++;
	}
	return 0;
}

/* Blocks of memory, nodes, and the like have no driver, and there may be thousands. */
static int has_drivers(const struct wb_root *root, const char *bus, bool *ret)
{
	_cleanup_free_ char *folder = wb_format("sys/bus/%s/drivers", bus);
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(root, folder, &names) : -ENOMEM;

	*ret = names != NULL;
	return r == -ENOMEM ? r : 0;
}

static int read_bus(const struct wb_root *root, const char *bus,
		    struct wb_device_list *list)
{
	struct reader reader = { .root = root, .list = list, .bus = bus };
	bool worth = strcmp(bus, "pci") == 0;
	int r = worth ? 0 : has_drivers(root, bus, &worth);

	if (r >= 0 && worth)
		r = read_devices(&reader);
	free(reader.driver);
	free(reader.module);
	return r;
}

int wb_device_list_read(const struct wb_root *root, struct wb_device_list *list)
{
	_cleanup_strv_ char **buses = NULL;
	int r = wb_root_list(root, "sys/bus", &buses);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **bus = buses; r >= 0 && bus && *bus; bus++)
		r = read_bus(root, *bus, list);
	return r;
}
