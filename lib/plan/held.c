/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/held.h"

#include <string.h>

#include "base/strv.h"
#include "facts/module.h"
#include "facts/hook-match.h"

static bool is_among(const struct wb_node *nodes, size_t n, const struct wb_node *node)
{
	for (size_t i = 0; i < n; i++)
		if (wb_node_matches(&nodes[i], node))
			return true;
	return false;
}

/* A hook may name more than is its own, as /dev/dri/. */
static bool is_of_other(const struct wb_facts *facts, const struct wb_device *device,
			const struct wb_node *node)
{
	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if (d != device && is_among(d->nodes, d->n_nodes, node))
			return true;
	}
	return false;
}

static bool is_about(const struct wb_hook *hook, const struct wb_device *d)
{
	return ((d->module && wb_strv_contains(hook->modules, d->module)) ||
		wb_hook_judges(hook, d)) &&
	       hook->used;
}

static bool is_named_by_hook(const struct wb_facts *facts, const struct wb_device *d,
			     const struct wb_node *node)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (is_among(h->nodes, h->n_nodes, node) && is_about(h, d))
			return true;
	}
	return false;
}

bool wb_device_is_held(const struct wb_facts *facts, const struct wb_device *device,
		       const struct wb_holder *holder)
{
	const struct wb_node *node = &holder->node;
	const struct wb_module *m;

	if (is_among(device->nodes, device->n_nodes, node))
		return true;
	if (!device->driver || is_of_other(facts, device, node))
		return false;
	m = device->module
		    ? wb_module_find(facts->modules, facts->n_modules, device->module)
		    : NULL;
	return (m && is_among(m->nodes, m->n_nodes, node)) ||
	       is_named_by_hook(facts, device, node);
}
