/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who holds devices now, and those that nobody is to be sent away from. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/holder.h"
#include "facts/hook.h"
#include "facts/protected.h"
#include "facts/session.h"
#include "plan/planner-part.h"

#define LOOK_TIMEOUT_USEC (30 * USEC_PER_SEC)

static bool holds_one_of(const struct wb_holder *h, const struct wb_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wb_node_matches(&nodes[i], &h->node))
			return true;
	return false;
}

static bool is_of(const struct wb_holder *h, char *const *units)
{
	return h->unit && wb_strv_contains(units, h->unit);
}

/* --- all of them -------------------------------------------------------------------- */

/* Those that @is_meant says, each process once. */
static int list_some(const struct wb_facts *facts, const struct wb_node *nodes, size_t n,
		     bool (*is_meant)(const struct wb_holder *h, const void *userdata),
		     const void *userdata, char ***ret)
{
	pid_t last = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->holders.n; i++) {
		const struct wb_holder *h = &facts->holders.items[i];
		_cleanup_free_ char *text = NULL;

		if (h->pid == last || !holds_one_of(h, nodes, n) ||
		    !is_meant(h, userdata))
			continue;
		last = h->pid;
		text = wb_holder_to_string(h);
		r = text ? wb_strv_append(ret, text) : -ENOMEM;
	}
	return r;
}

struct units {
	char *const *only, *const *except;
};

static bool is_of_units(const struct wb_holder *h, const void *userdata)
{
	const struct units *u = userdata;

	return !is_of(h, u->except) && (!u->only || is_of(h, u->only));
}

int wb_planner_list_holders(const struct wb_facts *facts, const struct wb_node *nodes,
			    size_t n, char *const *only, char *const *except, char ***ret)
{
	return list_some(facts, nodes, n, is_of_units, &(struct units){ only, except },
			 ret);
}

static int add_owner(const struct wb_holder *h, char ***ret)
{
	_cleanup_free_ char *name = NULL;
	int r = 0;

	for (char **id = h->sessions; r >= 0 && id && *id; id++) {
		_cleanup_free_ char *session = wb_format("session-%s.scope", *id);

		r = session ? wb_strv_add(ret, session) : -ENOMEM;
	}
	if (h->sessions)
		return r;
	if (!h->unit)
		name = wb_format("process %d", h->pid);
	else if (h->inner)
		name = wb_format("%s/%s", h->unit, h->inner);
	else
		name = strdup(h->unit);
	return name ? wb_strv_add(ret, name) : -ENOMEM;
}

int wb_planner_list_owners(const struct wb_facts *facts, const struct wb_node *nodes,
			   size_t n, char *const *except, char ***ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->holders.n; i++) {
		const struct wb_holder *h = &facts->holders.items[i];

		if (holds_one_of(h, nodes, n) && !is_of(h, except))
			r = add_owner(h, ret);
	}
	return r;
}

/* --- those that a hook lets nobody end ---------------------------------------------- */

static int refuse_holders(struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_strv_ char **holders = NULL;
	_cleanup_free_ char *list = NULL;
	int r = wb_planner_list_holders(p->facts, hook->nodes, hook->n_nodes, NULL, NULL,
					&holders);

	if (r < 0 || !holders)
		return r;
	list = wb_strv_join_some(holders);
	if (!list)
		return -ENOMEM;
	/* An ordinary reboot would end it just the same. */
	r = wb_findings_add_veto(
		&p->plan->findings, hook->name,
		"%s: in use by %s, and the hook does not let that be stopped",
		hook->description ? hook->description : hook->name, list);
	return wb_findings_advise(&p->plan->findings, r,
				  "end it first, in the way that it should end");
}

/* --- those that are never ended ----------------------------------------------------- */

static bool is_own_session(const struct wb_planner *p, const char *unit)
{
	_cleanup_free_ char *id = wb_session_of_unit(unit);

	return id && p->in->request->session && strcmp(id, p->in->request->session) == 0;
}

static bool is_never_ended(const struct wb_holder *h, const void *planner)
{
	if (!h->unit || h->sessions)
		return false;
	/* It opens each device that comes, and closes it at once. */
	if (strcmp(h->unit, "systemd-udevd.service") == 0)
		return false;
	return wb_unit_is_protected(h->unit) || is_own_session(planner, h->unit);
}

/* " with --keep=nvidia_drm --keep=nvidia_uvm": those that nobody uses keep what they use.
 * The caller's. */
static char *how_to_keep(const struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_strv_ char **words = NULL;

	for (size_t i = 0; i < p->removals.n; i++) {
		const struct wb_removal *removal = &p->removals.items[i];

		if (removal->hook == hook && removal->level == 0 &&
		    wb_strv_appendf(&words, "--keep=%s", removal->module) < 0)
			return NULL;
	}
	if (!words)
		return strdup("a line Verdict=DEVICE shutdown in the configuration");
	return wb_strv_join(words, " ");
}

/* Found when the desktop is down it would be too late. */
static int check_never_ended(struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	_cleanup_strv_ char **holders = NULL;
	_cleanup_free_ char *list = NULL, *keep = NULL;
	const char *name = hook ? hook->name : WB_FAMILY_OF_NONE;
	size_t n = 0, first = p->plan->findings.n;
	int r = wb_planner_family_nodes(p, hook, &nodes, &n);

	if (r >= 0)
		r = list_some(p->facts, nodes, n, is_never_ended, p, &holders);
	if (r < 0 || !holders)
		return r;
	list = wb_strv_join_some(holders);
	keep = how_to_keep(p, hook);
	if (!list || !keep)
		return -ENOMEM;
	r = wb_findings_add(
		&p->plan->findings,
		wb_planner_family_is_required(hook) ? WB_BLOCKER : WB_WARNING, name,
		"devices that have to be let go of are held by %s, which is never ended, "
		"since the machine or its operator hangs on it",
		list);
	r = wb_findings_advise(&p->plan->findings, r,
			       "end that by hand, or leave the devices alone with %s",
			       keep);
	/* To ignore it would end nobody, and fail when the desktop is down. */
	return r < 0 ? r : wb_findings_name(&p->plan->findings, first, "uses");
}

/* They may be what hangs on the device, too. */
static int say_stuck(struct wb_planner *p)
{
	char *const *stuck = p->facts->holders.stuck;
	_cleanup_free_ char *list = stuck ? wb_strv_join_some(stuck) : NULL;

	if (!stuck)
		return 0;
	if (!list)
		return -ENOMEM;
	return wb_findings_add(
		&p->plan->findings, WB_WARNING, "holders",
		"the kernel does not say what is mapped by %s, which seems "
		"to hang in it: should that be a device, its driver may "
		"not go",
		list);
}

int wb_planner_check_holders(struct wb_planner *p)
{
	int r = say_stuck(p);

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->refuse_holders && h->used)
			r = refuse_holders(p, h);
		else if (wb_planner_family_releases(p, h))
			r = check_never_ended(p, h);
	}
	if (r >= 0 && wb_planner_family_releases(p, NULL))
		r = check_never_ended(p, NULL);
	return r;
}

/* --- a last look -------------------------------------------------------------------- */

static int add_look(struct wb_planner *p, const struct wb_hook *hook)
{
	struct wb_step *s;
	int r;

	s = wb_plan_add(p->plan, WB_PHASE_PREPARE, WB_STEP_RELEASE_DEVICES, hook->name,
			LOOK_TIMEOUT_USEC,
			"nobody is stopped: whoever has begun to hold these devices by "
			"then is a reason not to begin");
	if (!s)
		return -ENOMEM;
	s->look_only = true;
	r = wb_planner_append_nodes(s, hook->nodes, hook->n_nodes);
	return r < 0 ? r
		     : wb_planner_list_holders(p->facts, hook->nodes, hook->n_nodes, NULL,
					       NULL, &s->held_by);
}

int wb_planner_add_looks(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->refuse_holders && h->n_nodes > 0 && h->used &&
		    !wb_check_is_ignored(p->in->request, "holders", h->name))
			r = add_look(p, h);
	}
	return r;
}
