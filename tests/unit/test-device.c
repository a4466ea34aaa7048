/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "facts/device.h"
#include "fixture.h"
#include "unit.h"

struct machine {
	struct fixture f;
	struct wb_device *devices;
	size_t n;
};

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	wb_devices_free(m->devices, m->n);
	fixture_done(&m->f);
	free(m);
	return 0;
}

static void read_all(struct machine *m)
{
	assert_int_equal(wb_devices_read(&m->f.root, &m->devices, &m->n), 0);
}

/* A device below sys/@path with a driver of @bus and its module; both may be NULL. */
static void put(struct machine *m, const char *bus, const char *path, const char *driver,
		const char *module)
{
	char link[200], target[200];

	snprintf(link, sizeof(link), "sys/bus/%s/devices/%s", bus,
		 strrchr(path, '/') + 1);
	snprintf(target, sizeof(target), "../../../%s", path);
	fixture_link(&m->f, link, target);
	snprintf(link, sizeof(link), "sys/%s", path);
	fixture_folder(&m->f, link);
	if (!driver)
		return;
	snprintf(link, sizeof(link), "sys/%s/driver", path);
	/* As the kernel does: relative to the device. */
	snprintf(target, sizeof(target), "/sys/bus/%s/drivers/%s", bus, driver);
	fixture_link(&m->f, link, target);
	snprintf(link, sizeof(link), "sys/bus/%s/drivers/%s", bus, driver);
	/* A second device of this driver. */
	if (wb_root_exists(&m->f.root, link))
		return;
	fixture_folder(&m->f, link);
	if (!module)
		return;
	snprintf(link, sizeof(link), "sys/bus/%s/drivers/%s/module", bus, driver);
	snprintf(target, sizeof(target), "../../../../module/%s", module);
	fixture_link(&m->f, link, target);
}

static void set_class(struct machine *m, const char *path, const char *class)
{
	char file[200];

	snprintf(file, sizeof(file), "sys/%s/class", path);
	fixture_file(&m->f, file, class);
}

static const struct wb_device *find(const struct machine *m, const char *id)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->devices[i].id, id) == 0)
			return &m->devices[i];
	fail_msg("there is no %s", id);
	return NULL;
}

static void none(void **state)
{
	struct machine *m = *state;

	read_all(m);
	assert_int_equal(m->n, 0);
}

static void pci(void **state)
{
	struct machine *m = *state;
	const struct wb_device *d;

	put(m, "pci", "devices/pci0000:00/0000:00:1f.0", NULL, NULL);
	put(m, "pci", "devices/pci0000:00/0000:01:00.0", "nvidia", "nvidia");
	set_class(m, "devices/pci0000:00/0000:01:00.0", "0x030000\n");
	put(m, "pci", "devices/pci0000:00/0000:02:00.0", "nvme", NULL);
	set_class(m, "devices/pci0000:00/0000:02:00.0", "0x010802\n");
	put(m, "pci", "devices/pci0000:00/0000:03:00.0", "ast", "ast");
	set_class(m, "devices/pci0000:00/0000:03:00.0", "0x038000\n");
	read_all(m);
	assert_int_equal(m->n, 4);
	d = find(m, "0000:01:00.0");
	assert_string_equal(d->bus, "pci");
	assert_string_equal(d->path, "devices/pci0000:00/0000:01:00.0");
	assert_string_equal(d->driver, "nvidia");
	assert_string_equal(d->module, "nvidia");
	assert_int_equal(d->class, 0x030000);
	assert_true(d->display);
	d = find(m, "0000:02:00.0");
	assert_string_equal(d->driver, "nvme");
	assert_null(d->module);
	assert_false(d->display);
	d = find(m, "0000:00:1f.0");
	assert_null(d->driver);
	assert_null(d->module);
	assert_false(d->display);
	/* "display class devices", whatever their subclass. */
	assert_true(find(m, "0000:03:00.0")->display);
}

/* The driver that draws is bound to the device inside the PCI function. */
static void virtio(void **state)
{
	struct machine *m = *state;
	const char *outer = "devices/pci0000:00/0000:00:01.0";

	put(m, "pci", outer, "virtio-pci", "virtio_pci");
	set_class(m, outer, "0x030000\n");
	put(m, "virtio", "devices/pci0000:00/0000:00:01.0/virtio0", "virtio_gpu",
	    "virtio_gpu");
	/* The kernel hangs the nodes below the function; the driver inside has them open.
	 */
	fixture_link(&m->f, "sys/dev/char/226:0",
		     "../../devices/pci0000:00/0000:00:01.0/drm/card0");
	put(m, "pci", "devices/pci0000:00/0000:00:02.0", "virtio-pci", "virtio_pci");
	set_class(m, "devices/pci0000:00/0000:00:02.0", "0x020000\n");
	put(m, "virtio", "devices/pci0000:00/0000:00:02.0/virtio1", "virtio_net",
	    "virtio_net");
	read_all(m);
	assert_int_equal(m->n, 4);
	assert_true(find(m, "virtio0")->display);
	assert_string_equal(find(m, "virtio0")->bus, "virtio");
	assert_false(find(m, "0000:00:01.0")->display);
	assert_false(find(m, "virtio1")->display);
	assert_int_equal(find(m, "virtio0")->n_nodes, 1);
}

/* The innermost device that a node's path is in. */
static void nodes(void **state)
{
	struct machine *m = *state;
	const struct wb_device *d;

	put(m, "pci", "devices/pci0000:00/0000:00:01.0", "virtio-pci", "virtio_pci");
	put(m, "virtio", "devices/pci0000:00/0000:00:01.0/virtio0", "virtio_gpu",
	    "virtio_gpu");
	put(m, "virtio", "devices/pci0000:00/0000:00:01.0/virtio00", "x", "x");
	fixture_link(&m->f, "sys/dev/char/226:0",
		     "../../devices/pci0000:00/0000:00:01.0/virtio0/drm/card0");
	fixture_link(&m->f, "sys/dev/char/226:128",
		     "../../devices/pci0000:00/0000:00:01.0/virtio0/drm/renderD128");
	fixture_link(&m->f, "sys/dev/char/10:1",
		     "../../devices/pci0000:00/0000:00:01.0/misc/thing");
	fixture_link(&m->f, "sys/dev/char/1:3", "../../devices/virtual/mem/null");
	fixture_link(&m->f, "sys/dev/block/8:0",
		     "../../devices/pci0000:00/0000:00:01.0/virtio00/block/sda");
	read_all(m);
	d = find(m, "virtio0");
	assert_int_equal(d->n_nodes, 2);
	assert_false(d->nodes[0].block);
	assert_int_equal(d->nodes[0].major, 226);
	d = find(m, "virtio00");
	assert_int_equal(d->n_nodes, 1);
	assert_true(d->nodes[0].block);
	assert_int_equal(d->nodes[0].major, 8);
	d = find(m, "0000:00:01.0");
	assert_int_equal(d->n_nodes, 1);
	assert_int_equal(d->nodes[0].major, 10);
}

/* A group's node is of those in it that a program may have. */
static void nodes_of_vfio(void **state)
{
	struct machine *m = *state;
	const struct wb_device *d;

	put(m, "pci", "devices/pci0000:00/0000:00:1c.0", "pcieport", NULL);
	put(m, "pci", "devices/pci0000:00/0000:00:1c.0/0000:03:00.0", "vfio-pci",
	    "vfio_pci");
	put(m, "pci", "devices/pci0000:00/0000:04:00.0", "vfio-pci", "vfio_pci");
	fixture_file(&m->f, "sys/devices/virtual/vfio/7/dev", "243:0\n");
	fixture_file(&m->f, "sys/devices/virtual/vfio/8/dev", "nonsense\n");
	fixture_link(&m->f, "sys/class/vfio/7", "../../devices/virtual/vfio/7");
	fixture_link(&m->f, "sys/class/vfio/8", "../../devices/virtual/vfio/8");
	fixture_link(&m->f, "sys/class/vfio/9", "../../devices/virtual/vfio/9");
	fixture_link(&m->f, "sys/kernel/iommu_groups/7/devices/0000:00:1c.0",
		     "../../../../devices/pci0000:00/0000:00:1c.0");
	fixture_link(&m->f, "sys/kernel/iommu_groups/7/devices/0000:03:00.0",
		     "../../../../devices/pci0000:00/0000:00:1c.0/0000:03:00.0");
	fixture_link(&m->f, "sys/kernel/iommu_groups/7/devices/0000:05:00.0",
		     "../../../../devices/pci0000:00/0000:05:00.0");
	read_all(m);
	d = find(m, "0000:03:00.0");
	assert_int_equal(d->n_nodes, 1);
	assert_false(d->nodes[0].block);
	assert_int_equal(d->nodes[0].major, 243);
	assert_int_equal(find(m, "0000:00:1c.0")->n_nodes, 0);
	assert_int_equal(find(m, "0000:04:00.0")->n_nodes, 0);
}

static void nodes_once(void **state)
{
	const struct wb_node a = { .major = 1, .minor = 2 },
			     b = { .block = true, .major = 1, .minor = 2 },
			     all = { .major = 1, .any_minor = true };
	_cleanup_free_ struct wb_node *list = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(wb_nodes_add(&list, &n, &a), 0);
	assert_int_equal(wb_nodes_add(&list, &n, &a), 0);
	assert_int_equal(n, 1);
	assert_int_equal(wb_nodes_add(&list, &n, &b), 0);
	assert_int_equal(wb_nodes_add(&list, &n, &all), 0);
	assert_int_equal(n, 3);
	assert_int_equal(wb_nodes_add(&list, &n, &all), 0);
	assert_int_equal(n, 3);
}

/* Every bus, what has a driver; of PCI all. */
static void other_buses(void **state)
{
	struct machine *m = *state;
	const struct wb_device *d;

	put(m, "usb", "devices/pci0000:00/0000:00:14.0/usb1/1-1", "usb", "usbcore");
	fixture_file(&m->f, "sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/modalias",
		     "usb:v1D6B\033[1m\n");
	put(m, "usb", "devices/pci0000:00/0000:00:14.0/usb1/1-2", NULL, NULL);
	put(m, "memory", "devices/system/memory/memory0", NULL, NULL);
	put(m, "pci", "devices/pci0000:00/0000:00:14.0", NULL, NULL);
	fixture_file(&m->f, "sys/devices/pci0000:00/0000:00:14.0/vendor", "0x8086\n");
	fixture_file(&m->f, "sys/devices/pci0000:00/0000:00:14.0/device", "0xa12f\n");
	/* One that goes while we look. */
	fixture_link(&m->f, "sys/bus/usb/devices/1-9", "../../../devices/gone");
	read_all(m);
	assert_int_equal(m->n, 2);
	d = find(m, "1-1");
	assert_string_equal(d->bus, "usb");
	assert_string_equal(d->driver, "usb");
	assert_string_equal(d->module, "usbcore");
	assert_string_equal(d->modalias, "usb:v1D6B?[1m");
	d = find(m, "0000:00:14.0");
	assert_int_equal(d->vendor, 0x8086);
	assert_int_equal(d->product, 0xa12f);
	assert_null(d->modalias);
}

/* More than would go unnoticed if each were compared with each. */
static void many(void **state)
{
	struct machine *m = *state;
	char path[100], link[100];

	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "devices/pci0000:00/0000:%02x:%02x.0",
			 i / 32, i % 32);
		put(m, "pci", path, "nvme", "nvme");
		snprintf(link, sizeof(link), "sys/dev/char/240:%d", i);
		snprintf(path, sizeof(path),
			 "../../devices/pci0000:00/0000:%02x:%02x.0/nvme/nvme%d", i / 32,
			 i % 32, i);
		fixture_link(&m->f, link, path);
	}
	read_all(m);
	assert_int_equal(m->n, 300);
	for (size_t i = 0; i < m->n; i++) {
		assert_string_equal(m->devices[i].module, "nvme");
		assert_int_equal(m->devices[i].n_nodes, 1);
	}
	assert_int_equal(find(m, "0000:09:0b.0")->nodes[0].minor, 299);
}

#define device_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		device_test(none),          device_test(pci),
		device_test(virtio),        device_test(nodes),
		device_test(nodes_of_vfio), device_test(other_buses),
		device_test(many),          cmocka_unit_test(nodes_once),
	};

	return RUN_TESTS(tests);
}
