/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/device.h"
#include "facts/use.h"
#include "plan/planner-part.h"

#define MODULE_TIMEOUT_USEC (30 * USEC_PER_SEC)

uint64_t wb_planner_module_timeout(const struct wb_planner *p)
{
	uint64_t asked = p->in->request->module_timeout_usec;

	return asked > 0 ? asked : MODULE_TIMEOUT_USEC;
}

char *wb_planner_describe_uses(const struct wb_device *device)
{
	_cleanup_strv_ char **shown = NULL;
	_cleanup_free_ char *list = NULL;

	for (size_t i = 0; i < device->n_uses; i++) {
		_cleanup_free_ char *text = wb_use_to_string(&device->uses[i]);

		if (!text || wb_strv_append(&shown, text) < 0)
			return NULL;
	}
	if (!shown)
		return strdup("");
	list = wb_strv_join(shown, ", ");
	return list ? wb_format("; %s", list) : NULL;
}

/* --- which devices ------------------------------------------------------------------ */

static const enum wb_phase phase_of[_WB_VERDICT_MAX] = {
	[WB_VERDICT_UNBIND] = WB_PHASE_QUIESCE,
	[WB_VERDICT_LATE] = WB_PHASE_LATE,
	[WB_VERDICT_EXITRD] = WB_PHASE_EXITRD,
};

static int compare(const void *a, const void *b)
{
	const struct wb_unbinding *x = a, *y = b;

	if (x->phase != y->phase)
		return x->phase < y->phase ? -1 : 1;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	/* Both are in one array, in the order in which they were found. */
	return x->device < y->device ? -1 : x->device > y->device;
}

/* What is inside another goes before it. They are few. */
static void set_levels(struct wb_planner *p)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < p->n_unbindings; i++)
			for (size_t j = 0; j < p->n_unbindings; j++) {
				struct wb_unbinding *outer = &p->unbindings[i];
				const struct wb_unbinding *inner = &p->unbindings[j];

				if (outer->phase != inner->phase ||
				    outer->level > inner->level ||
				    !wb_device_is_inside(inner->device, outer->device))
					continue;
				outer->level = inner->level + 1;
				changed = true;
			}
	}
}

int wb_planner_find_unbindings(struct wb_planner *p)
{
	p->unbindings = calloc(p->judgements.n + 1, sizeof(*p->unbindings));
	if (!p->unbindings)
		return -ENOMEM;
	for (size_t i = 0; i < p->judgements.n; i++) {
		const struct wb_judgement *j = &p->judgements.items[i];

		/* That it cannot be is a finding. */
		if (phase_of[j->verdict] != WB_PHASE_PREPARE &&
		    p->facts->devices[i].driver &&
		    !wb_judgement_obstacle(&p->judgements, p->facts, i))
			p->unbindings[p->n_unbindings++] = (struct wb_unbinding){
				.device = &p->facts->devices[i],
				.judgement = j,
				.phase = phase_of[j->verdict],
			};
	}
	set_levels(p);
	qsort(p->unbindings, p->n_unbindings, sizeof(*p->unbindings), compare);
	return 0;
}

/* --- steps -------------------------------------------------------------------------- */

/* Neighbours of one level go at the same time: give those added from @first on a number
 * of their own, where there are several. */
static void set_group(struct wb_planner *p, size_t first)
{
	if (p->plan->n_steps - first < 2)
		return;
	p->n_groups++;
	for (size_t i = first; i < p->plan->n_steps; i++)
		p->plan->steps[i].group = p->n_groups;
}

static int add_nodes(struct wb_step *s, const struct wb_device *d)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < d->n_nodes; i++) {
		_cleanup_free_ char *node = wb_node_to_string(&d->nodes[i]);

		r = node ? wb_strv_add(&s->devices, node) : -ENOMEM;
	}
	return r;
}

static int add_unbinding(struct wb_planner *p, const struct wb_unbinding *u)
{
	const struct wb_device *d = u->device;
	_cleanup_free_ char *target = wb_format("%s %s", d->bus, d->id);
	_cleanup_free_ char *uses = wb_planner_describe_uses(d);
	struct wb_step *s;
	int r = 0;

	if (!target || !uses)
		return -ENOMEM;
	s = wb_plan_add(p->plan, u->phase, WB_STEP_UNBIND_DEVICE, target,
			wb_planner_module_timeout(p), "%s lets go of it: %s%s", d->driver,
			u->judgement->because, uses);
	if (!s)
		return -ENOMEM;
	s->required = u->judgement->required;
	for (size_t i = 0; r >= 0 && i < p->facts->n_devices; i++)
		if (&p->facts->devices[i] == d ||
		    wb_device_is_inside(&p->facts->devices[i], d))
			r = add_nodes(s, &p->facts->devices[i]);
	return r;
}

int wb_planner_add_unbindings(struct wb_planner *p, enum wb_phase phase)
{
	size_t first = p->plan->n_steps;
	unsigned int level = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->n_unbindings; i++) {
		const struct wb_unbinding *u = &p->unbindings[i];

		if (u->phase != phase)
			continue;
		if (u->level != level) {
			set_group(p, first);
			first = p->plan->n_steps;
			level = u->level;
		}
		r = add_unbinding(p, u);
	}
	set_group(p, first);
	return r;
}

/* What hangs on the devices that the module drives; the caller's. */
static char *describe_module(const struct wb_planner *p, const char *module)
{
	_cleanup_free_ char *text = strdup("");

	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];
		_cleanup_free_ char *uses = NULL;

		if (!d->module || strcmp(d->module, module) != 0 || d->n_uses == 0)
			continue;
		uses = wb_planner_describe_uses(d);
		if (!uses || wb_set_format(&text, "%s%s", text, uses) < 0)
			return NULL;
	}
	return TAKE_PTR(text);
}

static int add_module(struct wb_planner *p, const struct wb_removal *removal)
{
	_cleanup_free_ char *uses = describe_module(p, removal->module);
	struct wb_step *s;

	if (!uses)
		return -ENOMEM;
	s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_REMOVE_MODULE, removal->module,
			wb_planner_module_timeout(p), "%s%s", removal->because, uses);
	if (!s)
		return -ENOMEM;
	s->required = removal->required;
	return wb_planner_name_nodes(p, removal->hook, s);
}

int wb_planner_add_modules(struct wb_planner *p)
{
	size_t first = p->plan->n_steps;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->removals.n; i++) {
		const struct wb_removal *removal = &p->removals.items[i];

		if (i > 0 && removal->level != removal[-1].level) {
			set_group(p, first);
			first = p->plan->n_steps;
		}
		r = add_module(p, removal);
	}
	set_group(p, first);
	return r;
}
