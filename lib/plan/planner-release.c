/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/device.h"
#include "plan/planner-part.h"

#define UNIT_TIMEOUT_USEC    (120 * USEC_PER_SEC)
#define RELEASE_TIMEOUT_USEC (120 * USEC_PER_SEC)

static uint64_t unit_timeout(const struct wb_planner *p, uint64_t otherwise_usec)
{
	uint64_t asked = p->in->request->unit_timeout_usec;

	return asked > 0 ? asked : otherwise_usec;
}

/* --- families ----------------------------------------------------------------------- */

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

static bool is_inside(const struct wb_device *inner, const struct wb_device *outer)
{
	const char *rest = wb_startswith(inner->path, outer->path);

	return rest && (*rest == '/' || *rest == '\0');
}

/* Of the device, and of all that is reached through it alone. */
static int add_nodes_of(const struct wb_planner *p, const struct wb_device *outer,
			struct wb_node **ret, size_t *ret_n)
{
	int r = 0;

	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (!is_inside(d, outer))
			continue;
		for (size_t j = 0; r >= 0 && j < d->n_nodes; j++)
			r = wb_nodes_add(ret, ret_n, &d->nodes[j]);
	}
	return r;
}

static int family_nodes(const struct wb_planner *p, const struct wb_hook *hook,
			struct wb_node **ret, size_t *ret_n)
{
	int r = 0;

	for (size_t i = 0; hook && r >= 0 && i < hook->n_nodes; i++)
		r = wb_nodes_add(ret, ret_n, &hook->nodes[i]);
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
	int r = family_nodes(p, hook, &nodes, &n);

	return r < 0 ? r : wb_planner_append_nodes(step, nodes, n);
}

/* --- holders ------------------------------------------------------------------------ */

/* "Xorg (pid 812, lightdm.service, /dev/dri/card0), ..." and the caller's. */
static char *describe_holders(const struct wb_facts *facts, const struct wb_node *nodes,
			      size_t n)
{
	_cleanup_strv_ char **shown = NULL;

	if (wb_planner_list_holders(facts, nodes, n, &shown) < 0)
		return NULL;
	if (!shown)
		return strdup("nobody holds them now");
	if (wb_set_format(&shown[0], "held now by %s", shown[0]) < 0)
		return NULL;
	return wb_strv_join(shown, ", ");
}

static int add_release(struct wb_planner *p, const struct wb_hook *hook, const char *name)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	_cleanup_free_ char *holders = NULL;
	bool look_only = hook && hook->refuse_holders;
	struct wb_step *s;
	size_t n = 0;
	int r = family_nodes(p, hook, &nodes, &n);

	if (r < 0 || n == 0)
		return r;
	holders = describe_holders(p->facts, nodes, n);
	if (!holders)
		return -ENOMEM;
	s = wb_plan_add(
		p->plan, WB_PHASE_QUIESCE, WB_STEP_RELEASE_DEVICES, name,
		unit_timeout(p, RELEASE_TIMEOUT_USEC), "%s; %s",
		look_only ? "nobody is stopped: whoever holds these devices by then "
			    "is a reason to go back"
			  : "the units of those who still hold these devices are "
			    "stopped",
		holders);
	if (!s)
		return -ENOMEM;
	s->required = !hook || hook->required || look_only;
	s->look_only = look_only;
	s->kill = p->in->request->kill && !look_only;
	return wb_planner_append_nodes(s, nodes, n);
}

/* --- units -------------------------------------------------------------------------- */

static int add_unit_stops(struct wb_planner *p, const struct wb_hook *hook)
{
	for (char **unit = hook->units; unit && *unit; unit++) {
		struct wb_step *s;

		if (!wb_strv_contains(p->facts->units, *unit))
			continue;
		s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_STOP_UNIT, *unit,
				unit_timeout(p, UNIT_TIMEOUT_USEC),
				"it runs, and the hook %s names it", hook->name);
		if (!s)
			return -ENOMEM;
		s->required = hook->required;
	}
	return 0;
}

/* A file system or swap on a device that goes. */
struct ending {
	const struct wb_device *device;
	const struct wb_use *use;
};

/* By the path from the end: what is mounted inside another goes before it. */
static int compare_endings(const void *a, const void *b)
{
	const struct ending *x = a, *y = b;

	return strcmp(y->use->name, x->use->name);
}

static size_t count_uses(const struct wb_planner *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->facts->n_devices; i++)
		n += p->facts->devices[i].n_uses;
	return n;
}

static size_t find_endings(const struct wb_planner *p, struct ending *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (d->carries_root || !wb_planner_goes(p, i))
			continue;
		for (size_t j = 0; j < d->n_uses; j++)
			if (d->uses[j].unit)
				ret[n++] = (struct ending){ d, &d->uses[j] };
	}
	qsort(ret, n, sizeof(*ret), compare_endings);
	return n;
}

static int add_endings(struct wb_planner *p)
{
	_cleanup_free_ struct ending *endings = NULL;
	size_t n;

	endings = calloc(count_uses(p) + 1, sizeof(*endings));
	if (!endings)
		return -ENOMEM;
	n = find_endings(p, endings);
	for (size_t i = 0; i < n; i++) {
		const struct ending *e = &endings[i];

		/* It may be on several devices that go. */
		if (i > 0 && strcmp(e->use->unit, endings[i - 1].use->unit) == 0)
			continue;
		if (!wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_STOP_UNIT,
				 e->use->unit, unit_timeout(p, UNIT_TIMEOUT_USEC),
				 "%s %s %s (%s), which has to go",
				 e->use->kind == WB_USE_SWAP ? "the swap"
							     : "the file system",
				 e->use->kind == WB_USE_SWAP ? "is on"
							     : "is mounted from",
				 e->device->id, e->device->driver))
			return -ENOMEM;
	}
	return 0;
}

int wb_planner_add_releases(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && h->used)
			r = add_unit_stops(p, h);
	}
	if (r >= 0)
		r = add_endings(p);
	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		/* Code, too, is promised that nobody holds the devices. */
		if (h->phase == WB_HOOK_QUIESCE && h->used &&
		    (wb_planner_family_goes(p, h) || (h->has_code && h->devices)))
			r = add_release(p, h, h->name);
	}
	if (r >= 0 && wb_planner_family_goes(p, NULL))
		r = add_release(p, NULL, "other modules");
	return r;
}
