/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Families: what goes for the sake of one hook, or of none, and the device nodes of it.
 */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/device.h"
#include "facts/module.h"
#include "plan/planner-part.h"

/* Does it go for the sake of @hook, or where that is NULL, of none? */
static bool in_family(const struct wb_planner *p, size_t device,
		      const struct wb_hook *hook)
{
	const struct wb_device *d = &p->facts->devices[device];
	const struct wb_removal *r =
		d->module ? wb_removals_find(&p->removals, d->module) : NULL;

	if (r && r->hook == hook)
		return true;
	return p->judgements.items[device].verdict == WB_VERDICT_UNBIND &&
	       p->judgements.items[device].hook == hook;
}

bool wb_planner_goes(const struct wb_planner *p, size_t device)
{
	const struct wb_device *d = &p->facts->devices[device];

	return p->judgements.items[device].verdict == WB_VERDICT_UNBIND ||
	       (d->module && wb_removals_find(&p->removals, d->module));
}

bool wb_planner_family_goes(const struct wb_planner *p, const struct wb_hook *hook)
{
	for (size_t i = 0; i < p->removals.n; i++)
		if (p->removals.items[i].hook == hook)
			return true;
	for (size_t i = 0; i < p->facts->n_devices; i++)
		if (in_family(p, i, hook))
			return true;
	return false;
}

/* Of the device, and of all that is reached through it alone. */
static int add_nodes_of(const struct wb_planner *p, const struct wb_device *outer,
			struct wb_node **ret, size_t *ret_n)
{
	int r = 0;

	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (strcmp(d->path, outer->path) != 0 && !wb_device_is_inside(d, outer))
			continue;
		for (size_t j = 0; r >= 0 && j < d->n_nodes; j++)
			r = wb_nodes_add(ret, ret_n, &d->nodes[j]);
	}
	return r;
}

static int add_nodes_of_module(const struct wb_planner *p, const char *module,
			       struct wb_node **ret, size_t *ret_n)
{
	const struct wb_module *m =
		wb_module_find(p->facts->modules, p->facts->n_modules, module);
	int r = 0;

	for (size_t i = 0; m && r >= 0 && i < m->n_nodes; i++)
		r = wb_nodes_add(ret, ret_n, &m->nodes[i]);
	return r;
}

int wb_planner_family_nodes(const struct wb_planner *p, const struct wb_hook *hook,
			    struct wb_node **ret, size_t *ret_n)
{
	int r = 0;

	for (size_t i = 0; hook && r >= 0 && i < hook->n_nodes; i++)
		r = wb_nodes_add(ret, ret_n, &hook->nodes[i]);
	for (size_t i = 0; r >= 0 && i < p->removals.n; i++)
		if (p->removals.items[i].hook == hook)
			r = add_nodes_of_module(p, p->removals.items[i].module, ret,
						ret_n);
	for (size_t i = 0; r >= 0 && i < p->facts->n_devices; i++)
		if (in_family(p, i, hook))
			r = add_nodes_of(p, &p->facts->devices[i], ret, ret_n);
	return r;
}

int wb_planner_append_nodes(struct wb_step *s, const struct wb_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *text = wb_node_to_string(&nodes[i]);

		if (!text || wb_strv_append(&s->devices, text) < 0)
			return -ENOMEM;
	}
	return 0;
}

int wb_planner_name_nodes(const struct wb_planner *p, const struct wb_hook *hook,
			  struct wb_step *step)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n = 0;
	int r = wb_planner_family_nodes(p, hook, &nodes, &n);

	return r < 0 ? r : wb_planner_append_nodes(step, nodes, n);
}

bool wb_planner_family_releases(const struct wb_planner *p, const struct wb_hook *hook)
{
	if (!hook)
		return wb_planner_family_goes(p, NULL);
	/* Code, too, is promised that nobody holds the devices. */
	return hook->phase == WB_HOOK_QUIESCE && hook->used &&
	       (wb_planner_family_goes(p, hook) || (hook->has_code && hook->devices));
}

bool wb_planner_family_is_required(const struct wb_hook *hook)
{
	return !hook || hook->required || hook->refuse_holders;
}
