/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What runs containers, and runs them again when they end: it goes before them. */

#include <fnmatch.h>
#include <string.h>

#include "base/strv.h"
#include "facts/holder.h"
#include "plan/planner-part.h"

/*
 * Scopes as the engines name them with systemd's driver of control groups: moby's
 * daemon/oci_linux.go, containerd's and cri-o's CRI. containerd and cri-o start nothing
 * by themselves, but those who use them do; podman's containers are units of their own.
 */
static const struct {
	const char *scope;
	const char *engines[8]; /* who orders before who obeys */
} rows[] = {
	{ "cri-containerd-*.scope",
	  { "kubelet.service", "k3s.service", "k3s-agent.service", "rke2-server.service",
	    "rke2-agent.service", "snap.microk8s.daemon-kubelite.service" } },
	{ "crio-*.scope", { "kubelet.service" } },
	{ "docker-*.scope", { "kubelet.service", "docker.service" } },
	{ "nerdctl-*.scope", { "containerd.service" } },
};

static struct wb_step *find_stop(struct wb_planner *p, const char *unit)
{
	for (size_t i = 0; i < p->plan->n_steps; i++)
		if (p->plan->steps[i].kind == WB_STEP_STOP_UNIT &&
		    strcmp(p->plan->steps[i].target, unit) == 0)
			return &p->plan->steps[i];
	return NULL;
}

static int add_stop(struct wb_planner *p, const struct wb_hook *hook, const char *engine,
		    const struct wb_holder *h)
{
	bool required = wb_planner_family_is_required(hook);
	struct wb_step *s = find_stop(p, engine);

	if (s) {
		s->required = s->required || required;
		return 0;
	}
	s = wb_planner_add_unit_stop(
		p, engine,
		"it starts containers again that end, and %s (pid %d) in %s holds %s",
		h->comm, h->pid, h->unit, h->path);
	if (!s)
		return -ENOMEM;
	s->required = required;
	return 0;
}

static int add_stops_for(struct wb_planner *p, const struct wb_hook *hook,
			 const struct wb_holder *h)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && h->unit && i < ARRAY_SIZE(rows); i++) {
		if (fnmatch(rows[i].scope, h->unit, 0) != 0)
			continue;
		for (const char *const *engine = rows[i].engines; r >= 0 && *engine;
		     engine++)
			if (wb_strv_contains(p->facts->units, *engine))
				r = add_stop(p, hook, *engine, h);
	}
	return r;
}

static int add_stops_of_family(struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n = 0;
	int r = wb_planner_family_nodes(p, hook, &nodes, &n);

	for (size_t i = 0; r >= 0 && i < p->facts->holders.n; i++) {
		const struct wb_holder *h = &p->facts->holders.items[i];

		for (size_t j = 0; j < n; j++)
			if (wb_node_matches(&nodes[j], &h->node)) {
				r = add_stops_for(p, hook, h);
				break;
			}
	}
	return r;
}

int wb_planner_add_engine_stops(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (!h->refuse_holders && wb_planner_family_releases(p, h))
			r = add_stops_of_family(p, h);
	}
	if (r >= 0 && wb_planner_family_releases(p, NULL))
		r = add_stops_of_family(p, NULL);
	return r;
}
