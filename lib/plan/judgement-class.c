/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/module.h"
#include "facts/pci-address.h"
#include "plan/judgement-part.h"

/* What is true of all devices of a bus, whatever their driver. */
static const struct {
	const char *bus;
	const char *because;
} buses[] = {
	{ "acpi", "the firmware moves no data for it" },
	{ "cpu", "the kernel stops all CPUs but one by itself" },
	{ "pci_express", "it is a service of a port, and moves no data" },
	{ "virtio",
	  "the hypervisor heeds the bus mastering that the kernel clears, and from "
	  "6.1.191 and 6.12.114 on virtio resets it" },
	{ "vmbus", "the kernel tells the hypervisor that it leaves the bus" },
	{ "xen", "the hypervisor's soft reset ends what it shares" },
};

/* PCI Code and ID Assignment: what only answers, and masters no bus. */
static const struct {
	uint32_t value, mask;
	const char *because;
} classes[] = {
	{ 0x050000, 0xff0000, "it is memory, which moves nothing by itself" },
	{ 0x060000, 0xff0000, "it is a bridge: it moves what others send" },
	{ 0x080600, 0xffff00, "the kernel turns off the IOMMU by itself" },
	{ 0x0c0500, 0xffff00, "it is an SMBus, which moves no data by itself" },
	{ 0x110000, 0xff0000, "it is a counter or a sensor, which moves no data" },
};

static int say(struct wb_judgement *ret, enum wb_verdict verdict, char *because)
{
	if (!because)
		return -ENOMEM;
	*ret = (struct wb_judgement){ .verdict = verdict,
				      .origin = "class",
				      .because = because };
	return 0;
}

static int say_shutdown(struct wb_judgement *ret, const char *because)
{
	return say(ret, WB_VERDICT_SHUTDOWN, strdup(because));
}

/* The last PCI function on the way to the device; the caller's, NULL without memory or
 * where there is none. */
static char *master_of(const struct wb_device *device)
{
	const char *found = NULL;
	size_t found_n = 0;

	for (const char *p = device->path; *p;) {
		size_t n = strcspn(p, "/");

		if (p[n] == '/' && wb_is_pci_address(p, n)) {
			found = p;
			found_n = n;
		}
		p += n + (p[n] == '/');
	}
	return found ? strndup(found, found_n) : NULL;
}

/* What is on other buses moves data through another device, if at all. */
bool wb_judge_is_foreign(const struct wb_facts *facts, const struct wb_device *d)
{
	const struct wb_module *m =
		d->module ? wb_module_find(facts->modules, facts->n_modules, d->module)
			  : NULL;

	return m && m->out_of_tree &&
	       (strcmp(d->bus, "pci") == 0 || strcmp(d->bus, "platform") == 0);
}

static int judge_pci(const struct wb_device *d, struct wb_judgement *ret)
{
	if (!d->driver)
		return say_shutdown(
			ret,
			"no driver is bound, and the kernel clears its bus mastering");
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if ((d->class & classes[i].mask) == classes[i].value)
			return say_shutdown(ret, classes[i].because);
	return say(
		ret, WB_VERDICT_UNKNOWN,
		wb_format("only its bus mastering is cleared; nobody here knows whether "
			  "%s comes back",
			  d->driver));
}

static int judge_other(const struct wb_device *d, struct wb_judgement *ret)
{
	_cleanup_free_ char *master = master_of(d);

	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (strcmp(d->bus, buses[i].bus) == 0)
			return say_shutdown(ret, buses[i].because);
	if (master)
		return say(
			ret, WB_VERDICT_SHUTDOWN,
			wb_format(
				"it moves data through %s alone, which has a verdict of "
				"its own",
				master));
	return say_shutdown(ret,
			    "it is called to shut down where it can be, and has no bus "
			    "mastering that the kernel could clear");
}

int wb_judge_by_class(const struct wb_facts *facts, const struct wb_device *device,
		      struct wb_judgement *ret)
{
	int r;

	if (device->driver && wb_judge_is_foreign(facts, device))
		return say(ret, WB_VERDICT_UNKNOWN,
			   wb_format("the module %s is not of this kernel's tree, and no "
				     "hook or table knows it",
				     device->module));
	if (device->display && device->driver) {
		r = say(ret, WB_VERDICT_UNLOAD,
			wb_format("it drives the display device %s, and no hook names it",
				  device->id));
		ret->required = r >= 0;
		return r;
	}
	return strcmp(device->bus, "pci") == 0 ? judge_pci(device, ret)
					       : judge_other(device, ret);
}
