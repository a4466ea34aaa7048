/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/facts.h"

#include <errno.h>

#include "base/strv.h"
#include "facts/console.h"
#include "facts/device.h"
#include "facts/holder.h"
#include "facts/hook-match.h"
#include "facts/hook.h"
#include "facts/kernel/boot-place.h"
#include "facts/kernel/kernel.h"
#include "facts/module.h"
#include "facts/state.h"

struct nodes {
	struct wb_node *items;
	size_t n;
};

static void copy_nodes(struct nodes *to, const struct wb_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to->items[to->n++] = nodes[i];
}

/* The nodes that somebody may have to let go of: those of all devices, modules and hooks.
 */
static int collect_nodes(const struct wb_facts *facts, struct nodes *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_devices; i++)
		n += facts->devices[i].n_nodes;
	for (size_t i = 0; i < facts->n_modules; i++)
		n += facts->modules[i].n_nodes;
	for (size_t i = 0; i < facts->n_hooks; i++)
		n += facts->hooks[i].n_nodes;
	*ret = (struct nodes){ .items = calloc(n + 1, sizeof(*ret->items)) };
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < facts->n_devices; i++)
		copy_nodes(ret, facts->devices[i].nodes, facts->devices[i].n_nodes);
	for (size_t i = 0; i < facts->n_modules; i++)
		copy_nodes(ret, facts->modules[i].nodes, facts->modules[i].n_nodes);
	for (size_t i = 0; i < facts->n_hooks; i++)
		copy_nodes(ret, facts->hooks[i].nodes, facts->hooks[i].n_nodes);
	return 0;
}

static int read_holders(const struct wb_root *root, struct wb_facts *facts)
{
	struct nodes nodes;
	int r = collect_nodes(facts, &nodes);

	if (r < 0)
		return r;
	r = wb_holders_read(root, nodes.items, nodes.n, &facts->holders, &facts->units);
	free(nodes.items);
	return r < 0 ? r : wb_holders_find_sessions(root, &facts->holders);
}

static int read_kernels(const struct wb_root *root, const struct wb_facts_hint *hint,
			struct wb_facts *facts)
{
	struct wb_kernels list = { 0 };
	int r = wb_boot_places_unmounted(root, &facts->unlisted);

	if (r >= 0)
		r = wb_kernels_read(root, &facts->state, hint->kernel_path, &list);
	facts->kernels = TAKE_PTR(list.items);
	facts->n_kernels = list.n;
	for (char **p = list.unlisted; r >= 0 && p && *p; p++)
		r = wb_strv_append(&facts->unlisted, *p);
	wb_strv_free(list.unlisted);
	return r;
}

int wb_facts_gather(const struct wb_root *root, const struct wb_facts_hint *hint,
		    struct wb_facts *ret)
{
	struct wb_facts facts = { 0 };
	int r = wb_state_read(root, &facts.state);

	if (r >= 0 && !hint->without_kernels)
		r = read_kernels(root, hint, &facts);
	if (r >= 0)
		r = wb_modules_read(root, &facts.modules, &facts.n_modules);
	if (r >= 0)
		r = wb_modules_find_nodes(root, facts.modules, facts.n_modules);
	if (r >= 0)
		r = wb_module_index_read(root, facts.state.release, hint->unload,
					 &facts.known_modules, &facts.builtin_modules);
	if (r >= 0)
		r = wb_devices_read(root, &facts.devices, &facts.n_devices);
	if (r >= 0)
		r = wb_consoles_read(root, &facts.consoles, &facts.n_consoles);
	if (r >= 0)
		r = wb_console_binding_read(root, facts.state.release,
					    &facts.consoles_fixed);
	if (r >= 0)
		r = wb_hooks_read(root, &facts.hooks, &facts.n_hooks);
	if (r >= 0)
		r = read_holders(root, &facts);
	if (r >= 0)
		r = wb_ready_read(root, &facts.ready);
	if (r < 0) {
		wb_facts_done(&facts);
		return r;
	}
	wb_hooks_find_used(&facts);
	*ret = facts;
	return 0;
}

void wb_facts_done(struct wb_facts *facts)
{
	wb_state_done(&facts->state);
	wb_kernels_free(facts->kernels, facts->n_kernels);
	wb_strv_free(facts->unlisted);
	wb_modules_free(facts->modules, facts->n_modules);
	wb_devices_free(facts->devices, facts->n_devices);
	wb_consoles_free(facts->consoles, facts->n_consoles);
	wb_hooks_free(facts->hooks, facts->n_hooks);
	wb_holders_done(&facts->holders);
	wb_ready_done(&facts->ready);
	wb_strv_free(facts->units);
	wb_strv_free(facts->known_modules);
	wb_strv_free(facts->builtin_modules);
	*facts = (struct wb_facts){ 0 };
}
