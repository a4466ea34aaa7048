/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/facts.h"

#include <errno.h>

#include "base/strv.h"
#include "facts/console.h"
#include "facts/device.h"
#include "facts/holder.h"
#include "facts/hook.h"
#include "facts/kernel/boot-place.h"
#include "facts/kernel/kernel.h"
#include "facts/module.h"
#include "facts/state.h"

/* The nodes that somebody may have to let go of: those of all devices and all hooks. */
static int collect_nodes(const struct wb_facts *facts, struct wb_node **ret,
			 size_t *ret_n)
{
	struct wb_node *nodes;
	size_t n = 0;

	for (size_t i = 0; i < facts->n_devices; i++)
		n += facts->devices[i].n_nodes;
	for (size_t i = 0; i < facts->n_hooks; i++)
		n += facts->hooks[i].n_nodes;
	nodes = calloc(n + 1, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < facts->n_devices; i++)
		for (size_t j = 0; j < facts->devices[i].n_nodes; j++)
			nodes[n++] = facts->devices[i].nodes[j];
	for (size_t i = 0; i < facts->n_hooks; i++)
		for (size_t j = 0; j < facts->hooks[i].n_nodes; j++)
			nodes[n++] = facts->hooks[i].nodes[j];
	*ret = nodes;
	*ret_n = n;
	return 0;
}

static int read_holders(const struct wb_root *root, struct wb_facts *facts)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n;
	int r = collect_nodes(facts, &nodes, &n);

	if (r < 0)
		return r;
	return wb_holders_read(root, nodes, n, &facts->holders, &facts->units);
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

	if (r >= 0)
		r = read_kernels(root, hint, &facts);
	if (r >= 0)
		r = wb_modules_read(root, &facts.modules, &facts.n_modules);
	if (r >= 0)
		r = wb_module_index_read(root, facts.state.release, hint->unload,
					 &facts.known_modules, &facts.builtin_modules);
	if (r >= 0)
		r = wb_devices_read(root, &facts.devices, &facts.n_devices);
	if (r >= 0)
		r = wb_consoles_read(root, &facts.consoles, &facts.n_consoles);
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
