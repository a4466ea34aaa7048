/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who holds devices now, and those that nobody is to be sent away from. */

#include <string.h>

#include "base/strv.h"
#include "base/time-util.h"
#include "facts/holder.h"
#include "facts/hook.h"
#include "plan/planner-part.h"

#define LOOK_TIMEOUT_USEC (30 * USEC_PER_SEC)
/* More names than this make no sentence. */
#define HOLDERS_SHOWN 6

static bool holds_one_of(const struct wb_holder *h, const struct wb_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wb_node_matches(&nodes[i], &h->node))
			return true;
	return false;
}

int wb_planner_list_holders(const struct wb_facts *facts, const struct wb_node *nodes,
			    size_t n, char ***ret)
{
	size_t more = 0;
	pid_t last = 0;

	for (size_t i = 0; i < facts->holders.n; i++) {
		const struct wb_holder *h = &facts->holders.items[i];
		_cleanup_free_ char *text = NULL;

		if (h->pid == last || !holds_one_of(h, nodes, n))
			continue;
		last = h->pid;
		if (wb_strv_length(*ret) == HOLDERS_SHOWN) {
			more++;
			continue;
		}
		text = wb_holder_to_string(h);
		if (!text || wb_strv_append(ret, text) < 0)
			return -ENOMEM;
	}
	return more > 0 ? wb_strv_appendf(ret, "%zu more", more) : 0;
}

static int refuse_holders(struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_strv_ char **holders = NULL;
	_cleanup_free_ char *list = NULL;
	int r = wb_planner_list_holders(p->facts, hook->nodes, hook->n_nodes, &holders);

	if (r < 0 || !holders)
		return r;
	list = wb_strv_join(holders, ", ");
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

int wb_planner_check_holders(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->refuse_holders && wb_hook_applies(h, p->facts))
			r = refuse_holders(p, h);
	}
	return r;
}

static int add_look(struct wb_planner *p, const struct wb_hook *hook)
{
	struct wb_step *s;

	s = wb_plan_add(p->plan, WB_PHASE_PREPARE, WB_STEP_RELEASE_DEVICES, hook->name,
			LOOK_TIMEOUT_USEC,
			"nobody is stopped: whoever has begun to hold these devices by "
			"then is a reason not to begin");
	if (!s)
		return -ENOMEM;
	s->look_only = true;
	return wb_planner_append_nodes(s, hook->nodes, hook->n_nodes);
}

int wb_planner_add_looks(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->refuse_holders && h->n_nodes > 0 && wb_hook_applies(h, p->facts) &&
		    !wb_check_is_ignored(p->in->request, "holders", h->name))
			r = add_look(p, h);
	}
	return r;
}
