/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "plan/check.h"
#include "plan/planner-part.h"

#define UNIT_TIMEOUT_USEC    (120 * USEC_PER_SEC)
#define RELEASE_TIMEOUT_USEC (120 * USEC_PER_SEC)

static uint64_t unit_timeout(const struct wb_planner *p, uint64_t otherwise_usec)
{
	uint64_t asked = p->in->request->unit_timeout_usec;

	return asked > 0 ? asked : otherwise_usec;
}

/* --- holders ------------------------------------------------------------------------ */

/* "...: gpu-job.service, session-3.scope"; the caller's. */
static char *explain(const char *what, char *const *owners, const char *nobody)
{
	_cleanup_free_ char *list = owners ? wb_strv_join(owners, ", ") : NULL;

	if (owners && !list)
		return NULL;
	return owners ? wb_format("%s: %s", what, list) : wb_format("%s", nobody);
}

/* Of the units that go later, those that hold the devices; the caller's. */
static char *name_servants(const struct wb_planner *p, char *const *spare,
			   const struct wb_node *nodes, size_t n)
{
	_cleanup_strv_ char **owners = NULL, **servants = NULL;
	_cleanup_free_ char *list = NULL;
	int r = wb_planner_list_owners(p->facts, nodes, n, NULL, &owners);

	for (char **o = owners; r >= 0 && o && *o; o++)
		if (wb_strv_contains(spare, *o))
			r = wb_strv_append(&servants, *o);
	if (r < 0)
		return NULL;
	if (!servants)
		return strdup("");
	list = wb_strv_join(servants, ", ");
	return list ? wb_format("; after that %s", list) : NULL;
}

/* Whoever works with the devices, before what serves him: the units @spare. */
static int add_jobs(struct wb_planner *p, const struct wb_hook *hook, char *const *spare)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	_cleanup_strv_ char **owners = NULL;
	_cleanup_free_ char *text = NULL, *servants = NULL;
	struct wb_step *s;
	size_t n = 0;
	int r = wb_planner_family_nodes(p, hook, &nodes, &n);

	if (r < 0 || n == 0)
		return r;
	r = wb_planner_list_owners(p->facts, nodes, n, spare, &owners);
	if (r < 0)
		return r;
	text = explain(
		"what works with these devices is ended before what serves them", owners,
		"what works with these devices by then is ended before what serves "
		"them; nothing does now");
	servants = name_servants(p, spare, nodes, n);
	if (!text || !servants)
		return -ENOMEM;
	s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_RELEASE_DEVICES, hook->name,
			unit_timeout(p, RELEASE_TIMEOUT_USEC), "%s%s", text, servants);
	if (!s)
		return -ENOMEM;
	s->required = hook->required;
	s->kill = p->in->request->kill;
	r = wb_strv_copy(&s->spare, spare);
	if (r >= 0)
		r = wb_planner_append_nodes(s, nodes, n);
	return r < 0 ? r
		     : wb_planner_list_holders(p->facts, nodes, n, NULL, spare,
					       &s->held_by);
}

/* Everybody else; @spare are gone by then, and those that hold the devices now are gone
 * with what was done before. */
static int add_release(struct wb_planner *p, const struct wb_hook *hook, const char *name,
		       bool jobs_gone)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	_cleanup_strv_ char **owners = NULL;
	_cleanup_free_ char *text = NULL;
	/* Whoever ignores that they are there has them ended, as all others. */
	bool look_only = hook && hook->refuse_holders &&
			 !wb_check_is_ignored(p->in->request, "holders", hook->name);
	struct wb_step *s;
	size_t n = 0;
	int r = wb_planner_family_nodes(p, hook, &nodes, &n);

	if (r < 0 || n == 0)
		return r;
	if (!look_only && !jobs_gone)
		r = wb_planner_list_owners(p->facts, nodes, n, NULL, &owners);
	if (r < 0)
		return r;
	text = look_only   ? strdup("nobody is stopped: whoever holds these devices by "
				      "then is a reason to go back")
	       : jobs_gone ? strdup("what is left on these devices by then is ended")
			   : explain("what still holds these devices is ended", owners,
				     "what still holds these devices by then is ended; "
				     "nothing does now");
	if (!text)
		return -ENOMEM;
	s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_RELEASE_DEVICES, name,
			unit_timeout(p, RELEASE_TIMEOUT_USEC), "%s", text);
	if (!s)
		return -ENOMEM;
	s->required = wb_planner_family_is_required(hook);
	s->look_only = look_only;
	s->kill = p->in->request->kill && !look_only;
	r = wb_planner_append_nodes(s, nodes, n);
	return r < 0 || jobs_gone ? r
				  : wb_planner_list_holders(p->facts, nodes, n, NULL,
							    NULL, &s->held_by);
}

/* --- units -------------------------------------------------------------------------- */

struct wb_step *wb_planner_add_unit_stop(struct wb_planner *p, const char *unit,
					 const char *because, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, because);
	n = vasprintf(&text, because, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return NULL;
	}
	return wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_STOP_UNIT, unit,
			   unit_timeout(p, UNIT_TIMEOUT_USEC), "%s", text);
}

/* The units of the hook that run, in its order; the caller's. */
static int find_units(const struct wb_planner *p, const struct wb_hook *hook, char ***ret)
{
	int r = 0;

	for (char **unit = hook->units; r >= 0 && unit && *unit; unit++)
		if (wb_strv_contains(p->facts->units, *unit))
			r = wb_strv_append(ret, *unit);
	return r;
}

/* Who it is that holds something in the unit. */
static int name_holders(const struct wb_planner *p, const struct wb_hook *hook,
			struct wb_step *s)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n = 0;
	int r = wb_planner_family_nodes(p, hook, &nodes, &n);

	return r < 0 ? r
		     : wb_planner_list_holders(p->facts, nodes, n,
					       (char *[]){ s->target, NULL }, NULL,
					       &s->held_by);
}

static int add_unit_stops(struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_strv_ char **units = NULL;
	int r = find_units(p, hook, &units);

	if (r >= 0 && units && !hook->refuse_holders &&
	    wb_planner_family_releases(p, hook))
		r = add_jobs(p, hook, units);
	for (char **unit = units; r >= 0 && unit && *unit; unit++) {
		struct wb_step *s =
			wb_planner_add_unit_stop(p, *unit,
						 "it runs, and the hook %s names it",
						 hook->name);

		if (!s)
			return -ENOMEM;
		s->required = hook->required;
		r = name_holders(p, hook, s);
	}
	return r;
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
		if (!wb_planner_add_unit_stop(p, e->use->unit,
					      "%s %s %s (%s), which has to go",
					      e->use->kind == WB_USE_SWAP
						      ? "the swap"
						      : "the file system",
					      e->use->kind == WB_USE_SWAP
						      ? "is on"
						      : "is mounted from",
					      e->device->id, e->device->driver))
			return -ENOMEM;
	}
	return 0;
}

/* Did those who work with its devices go already? */
static int has_units(const struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_strv_ char **units = NULL;
	int r = hook->refuse_holders ? 0 : find_units(p, hook, &units);

	return r < 0 ? r : units != NULL;
}

static int add_last(struct wb_planner *p, const struct wb_hook *hook)
{
	int r = has_units(p, hook);

	return r < 0 ? r : add_release(p, hook, hook->name, r > 0);
}

int wb_planner_add_releases(struct wb_planner *p)
{
	int r = wb_planner_add_engine_stops(p);

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && h->used)
			r = add_unit_stops(p, h);
	}
	if (r >= 0)
		r = add_endings(p);
	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++)
		if (wb_planner_family_releases(p, &p->facts->hooks[i]))
			r = add_last(p, &p->facts->hooks[i]);
	if (r >= 0 && wb_planner_family_releases(p, NULL))
		r = add_release(p, NULL, WB_FAMILY_OF_NONE, false);
	return r;
}
