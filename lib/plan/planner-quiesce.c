/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/console.h"
#include "facts/device.h"
#include "facts/holder.h"
#include "plan/planner-part.h"

#define ISOLATE_TIMEOUT_USEC (180 * USEC_PER_SEC)
#define UNIT_TIMEOUT_USEC    (120 * USEC_PER_SEC)
#define RELEASE_TIMEOUT_USEC (120 * USEC_PER_SEC)
#define CONSOLE_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define MODULE_TIMEOUT_USEC  (30 * USEC_PER_SEC)

/* More names than this make no sentence. */
#define HOLDERS_SHOWN 6

static uint64_t limit(uint64_t asked_usec, uint64_t otherwise_usec)
{
	return asked_usec > 0 ? asked_usec : otherwise_usec;
}

static bool runs_a_unit(const struct wb_planner *p, const struct wb_hook *hook)
{
	for (char **unit = hook->units; unit && *unit; unit++)
		if (wb_strv_contains(p->facts->units, *unit))
			return true;
	return false;
}

static bool has_quiesce_work(const struct wb_planner *p)
{
	if (p->removals.n > 0 || p->in->request->target)
		return true;
	for (size_t i = 0; i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && wb_hook_applies(h, p->facts) &&
		    (h->has_code || runs_a_unit(p, h)))
			return true;
	}
	return false;
}

static int add_isolate(struct wb_planner *p)
{
	const char *target = p->in->request->target;

	if (p->in->request->no_isolate)
		return 0;
	if (!has_quiesce_work(p))
		return wb_findings_add(
			&p->plan->findings, WB_INFO, "quiesce",
			"no driver here has to be put to rest, so nothing is "
			"isolated%s",
			p->in->request->force
				? ""
				: "; kexec.target stops everything in order");
	return wb_plan_add(
		       p->plan, WB_PHASE_QUIESCE, WB_STEP_ISOLATE,
		       target ? target : WB_TARGET_DEFAULT,
		       limit(p->in->request->isolate_timeout_usec, ISOLATE_TIMEOUT_USEC),
		       "graphical sessions, and all else that this target does not want, "
		       "let go of the devices")
		       ? 0
		       : -ENOMEM;
}

static int add_unit_stops(struct wb_planner *p, const struct wb_hook *hook)
{
	for (char **unit = hook->units; unit && *unit; unit++) {
		struct wb_step *s;

		if (!wb_strv_contains(p->facts->units, *unit))
			continue;
		s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_STOP_UNIT, *unit,
				limit(p->in->request->unit_timeout_usec,
				      UNIT_TIMEOUT_USEC),
				"it runs, and the hook %s names it", hook->name);
		if (!s)
			return -ENOMEM;
		s->required = hook->required;
	}
	return 0;
}

static int append_nodes(struct wb_step *s, const struct wb_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *text = wb_node_to_string(&nodes[i]);

		if (!text || wb_strv_add(&s->devices, text) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Is it a driver of a family: those that @hook names, or those that none does? */
static bool in_family(const struct wb_planner *p, const struct wb_device *d,
		      const struct wb_hook *hook)
{
	const struct wb_removal *r;

	r = d->module ? wb_removals_find(&p->removals, d->module) : NULL;
	return r && r->hook == hook;
}

static int family_nodes(const struct wb_planner *p, const struct wb_hook *hook,
			struct wb_node **ret, size_t *ret_n)
{
	int r = 0;

	for (size_t i = 0; hook && r >= 0 && i < hook->n_nodes; i++)
		r = wb_nodes_add(ret, ret_n, &hook->nodes[i]);
	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (!in_family(p, d, hook))
			continue;
		for (size_t j = 0; r >= 0 && j < d->n_nodes; j++)
			r = wb_nodes_add(ret, ret_n, &d->nodes[j]);
	}
	return r;
}

static bool holds_one_of(const struct wb_holder *h, const struct wb_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wb_node_matches(&nodes[i], &h->node))
			return true;
	return false;
}

/* "Xorg (pid 812, lightdm.service, /dev/dri/card0), ..." and the caller's. */
static char *describe_holders(const struct wb_facts *facts, const struct wb_node *nodes,
			      size_t n)
{
	_cleanup_strv_ char **shown = NULL;
	size_t more = 0;
	pid_t last = 0;

	for (size_t i = 0; i < facts->holders.n; i++) {
		const struct wb_holder *h = &facts->holders.items[i];
		_cleanup_free_ char *text = NULL;

		if (h->pid == last || !holds_one_of(h, nodes, n))
			continue;
		last = h->pid;
		if (wb_strv_length(shown) == HOLDERS_SHOWN) {
			more++;
			continue;
		}
		text = wb_holder_to_string(h);
		if (!text || wb_strv_append(&shown, text) < 0)
			return NULL;
	}
	if (!shown)
		return strdup("nobody holds them now");
	if (more > 0 && wb_strv_appendf(&shown, "%zu more", more) < 0)
		return NULL;
	if (wb_set_format(&shown[0], "held now by %s", shown[0]) < 0)
		return NULL;
	return wb_strv_join(shown, ", ");
}

static int add_release(struct wb_planner *p, const struct wb_hook *hook, const char *name)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	_cleanup_free_ char *holders = NULL;
	struct wb_step *s;
	size_t n = 0;
	int r = family_nodes(p, hook, &nodes, &n);

	if (r < 0 || n == 0)
		return r;
	holders = describe_holders(p->facts, nodes, n);
	if (!holders)
		return -ENOMEM;
	s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_RELEASE_DEVICES, name,
			limit(p->in->request->unit_timeout_usec, RELEASE_TIMEOUT_USEC),
			"the units of those who still hold these devices are stopped; %s",
			holders);
	if (!s)
		return -ENOMEM;
	s->required = !hook || hook->required;
	return append_nodes(s, nodes, n);
}

static bool family_is_removed(const struct wb_planner *p, const struct wb_hook *hook)
{
	for (size_t i = 0; i < p->removals.n; i++)
		if (p->removals.items[i].hook == hook)
			return true;
	return false;
}

static int add_families(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->phase != WB_HOOK_QUIESCE || !wb_hook_applies(h, p->facts))
			continue;
		r = add_unit_stops(p, h);
		/* Code, too, is promised that nobody holds the devices. */
		if (r >= 0 && (family_is_removed(p, h) || (h->has_code && h->devices)))
			r = add_release(p, h, h->name);
	}
	if (r >= 0 && family_is_removed(p, NULL))
		r = add_release(p, NULL, "other modules");
	return r;
}

/* The first display whose driver goes, or NULL. */
static const struct wb_device *removed_display(const struct wb_planner *p)
{
	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (d->display && d->module && wb_removals_find(&p->removals, d->module))
			return d;
	}
	return NULL;
}

static int add_consoles(struct wb_planner *p)
{
	const struct wb_device *display = removed_display(p);

	for (size_t i = 0; display && i < p->facts->n_consoles; i++) {
		const struct wb_console *c = &p->facts->consoles[i];

		if (c->bound && wb_console_is_framebuffer(c) &&
		    !wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_UNBIND_CONSOLE,
				 c->name, CONSOLE_TIMEOUT_USEC,
				 "the console draws into a frame buffer, and %s goes",
				 display->module))
			return -ENOMEM;
	}
	return 0;
}

/* Not to act on, but so that a refusal can name who holds the module. */
static int name_devices(const struct wb_planner *p, const struct wb_removal *removal,
			struct wb_step *s)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n = 0;
	int r = family_nodes(p, removal->hook, &nodes, &n);

	return r < 0 ? r : append_nodes(s, nodes, n);
}

static int add_modules(struct wb_planner *p)
{
	for (size_t i = 0; i < p->removals.n; i++) {
		const struct wb_removal *r = &p->removals.items[i];
		struct wb_step *s;

		s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_REMOVE_MODULE,
				r->module,
				limit(p->in->request->module_timeout_usec,
				      MODULE_TIMEOUT_USEC),
				"%s", r->because);
		if (!s)
			return -ENOMEM;
		s->required = r->required;
		if (name_devices(p, r, s) < 0)
			return -ENOMEM;
	}
	return 0;
}

int wb_planner_add_quiesce(struct wb_planner *p)
{
	int r = add_isolate(p);

	if (r >= 0)
		r = add_families(p);
	if (r >= 0)
		r = wb_planner_add_hooks(p, WB_PHASE_QUIESCE);
	if (r >= 0)
		r = add_consoles(p);
	return r < 0 ? r : add_modules(p);
}
