/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is this a guest? By what the board says of itself: Documentation/ABI/testing/
 * sysfs-class-dmi. The flag in /proc/cpuinfo would cost an interrupt for each CPU. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/ready/ready-part.h"

static const char *const files[] = {
	"sys/class/dmi/id/product_name",
	"sys/class/dmi/id/sys_vendor",
	"sys/class/dmi/id/bios_vendor",
};

static const struct {
	const char *beginning, *name;
} vendors[] = {
	{ "KVM", "KVM" },
	{ "QEMU", "QEMU" },
	{ "Bochs", "QEMU" },
	{ "VMware", "VMware" },
	{ "VMW", "VMware" },
	{ "innotek GmbH", "VirtualBox" },
	{ "VirtualBox", "VirtualBox" },
	{ "Xen", "Xen" },
	{ "HVM domU", "Xen" },
	{ "Virtual Machine", "Hyper-V" },
	{ "Parallels", "Parallels" },
	{ "BHYVE", "bhyve" },
	{ "Amazon EC2", "Amazon EC2" },
	{ "Google Compute Engine", "Google Compute Engine" },
	{ "DigitalOcean", "DigitalOcean" },
	{ "OpenStack", "OpenStack" },
	{ "Apple Virtualization", "Apple Virtualization" },
};

static const char *recognize(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
		if (wb_startswith(text, vendors[i].beginning))
			return vendors[i].name;
	return NULL;
}

int wb_ready_hypervisor(const struct wb_root *root, struct wb_ready *ready)
{
	for (size_t i = 0; !ready->hypervisor && i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *text = NULL;
		const char *name;
		int r = wb_root_read_line(root, files[i], &text);

		if (r < 0 && r != -ENOMEM)
			continue;
		if (r < 0)
			return r;
		/* "m5.metal": a machine of its own that the cloud rents out. */
		if (wb_endswith(text, ".metal"))
			return 0;
		name = recognize(text);
		ready->hypervisor = name ? strdup(name) : NULL;
		if (name && !ready->hypervisor)
			return -ENOMEM;
	}
	return 0;
}
