/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/use.h"
#include "plan/planner-part.h"

/* Is the same to be said of both? */
static bool is_alike(const struct wb_planner *p, size_t one, size_t other)
{
	const struct wb_device *a = &p->facts->devices[one],
			       *b = &p->facts->devices[other];
	const struct wb_judgement *x = &p->judgements.items[one],
				  *y = &p->judgements.items[other];

	return a->driver && b->driver && strcmp(a->driver, b->driver) == 0 &&
	       x->verdict == y->verdict && x->wanted == y->wanted;
}

/* The addresses of all devices that are like device @first, from that one on; the
 * caller's. */
static char *list_devices(const struct wb_planner *p, size_t first)
{
	_cleanup_strv_ char **ids = NULL;

	for (size_t i = first; i < p->facts->n_devices; i++)
		if (is_alike(p, first, i) &&
		    wb_strv_append(&ids, p->facts->devices[i].id) < 0)
			return NULL;
	return wb_strv_join(ids, ", ");
}

/* Is it the first of its like? The others are named with it. */
static bool is_first(const struct wb_planner *p, size_t device)
{
	for (size_t i = 0; i < device; i++)
		if (is_alike(p, i, device))
			return false;
	return true;
}

static int report(struct wb_planner *p, size_t i, enum wb_severity severity,
		  const char *what)
{
	const struct wb_device *d = &p->facts->devices[i];
	_cleanup_free_ char *ids = NULL;

	if (!is_first(p, i))
		return 0;
	ids = list_devices(p, i);
	if (!ids)
		return -ENOMEM;
	return wb_findings_add(&p->plan->findings, severity, d->driver, "%s %s: %s", ids,
			       what, p->judgements.items[i].because);
}

static int report_unknown(struct wb_planner *p, size_t i)
{
	const struct wb_device *d = &p->facts->devices[i];
	_cleanup_free_ char *ids = NULL;

	if (!is_first(p, i))
		return 0;
	ids = list_devices(p, i);
	if (!ids)
		return -ENOMEM;
	return wb_findings_add(&p->plan->findings, WB_WARNING, d->driver,
			       "%s may not work after a warm boot: %s; where it does, a "
			       "line Verdict=%s shutdown in the configuration says so",
			       ids, p->judgements.items[i].because, d->driver);
}

static int check_verdict(struct wb_planner *p, size_t i)
{
	switch (p->judgements.items[i].verdict) {
	case WB_VERDICT_BAD:
		return report(
			p, i, WB_BLOCKER,
			"will not work after a warm boot, so use an ordinary reboot");
	case WB_VERDICT_UNKNOWN:
		return report_unknown(p, i);
	default:
		return 0;
	}
}

/* What somebody asked for, and does not get; and what would have been better. */
static int check_change(struct wb_planner *p, size_t i)
{
	const struct wb_judgement *j = &p->judgements.items[i];

	if (j->wanted == WB_VERDICT_NONE)
		return 0;
	if (j->wanted == WB_VERDICT_EXITRD && j->verdict == WB_VERDICT_SHUTDOWN)
		return report(p, i, WB_WARNING, "cannot be put to rest at the very end");
	if (j->verdict == WB_VERDICT_KEEP &&
	    (strcmp(j->origin, "option") == 0 || strcmp(j->origin, "configuration") == 0))
		return report(p, i, WB_WARNING, "cannot be taken from its driver");
	/* Nobody asked for it now, and what is done instead is right. */
	if (j->verdict == WB_VERDICT_LATE)
		return report(p, i, WB_INFO,
			      "is put to rest when every service has stopped");
	return report(p, i, WB_INFO, "is left to its own shutdown");
}

static int check_obstacle(struct wb_planner *p, size_t i)
{
	const struct wb_judgement *j = &p->judgements.items[i];
	const char *obstacle = wb_judgement_obstacle(&p->judgements, p->facts, i);
	_cleanup_free_ char *ids = NULL;

	if (!obstacle || !is_first(p, i))
		return 0;
	ids = list_devices(p, i);
	if (!ids)
		return -ENOMEM;
	return wb_findings_add(&p->plan->findings, j->required ? WB_BLOCKER : WB_WARNING,
			       p->facts->devices[i].driver,
			       "%s has to be put to rest (%s), and cannot be: %s", ids,
			       j->because, obstacle);
}

/* What nothing here can end. */
static int check_uses(struct wb_planner *p, size_t i)
{
	const struct wb_device *d = &p->facts->devices[i];
	int r = 0;

	for (size_t j = 0; r >= 0 && j < d->n_uses; j++) {
		const struct wb_use *u = &d->uses[j];
		_cleanup_free_ char *text = NULL;

		if (u->kind != WB_USE_STACK &&
		    (u->unit || (u->kind != WB_USE_MOUNT && u->kind != WB_USE_SWAP)))
			continue;
		text = wb_use_to_string(u);
		if (!text)
			return -ENOMEM;
		r = wb_findings_add(&p->plan->findings, WB_BLOCKER, d->driver,
				    "%s has to be put to rest (%s), and %s", d->id,
				    p->judgements.items[i].because, text);
		r = wb_findings_advise(&p->plan->findings, r,
				       "end that first, or leave the device alone with a "
				       "line Verdict=%s shutdown in the configuration",
				       d->id);
		/* To go on would take the disk from under it. */
		if (r >= 0)
			r = wb_findings_name(&p->plan->findings, p->plan->findings.n - 1,
					     "uses");
	}
	return r;
}

/* Nobody can keep it from its shutdown, but whoever starts from behind it should know. */
static int check_tunnel(struct wb_planner *p, size_t i)
{
	const struct wb_device *d = &p->facts->devices[i];

	if (!d->carries_root || !d->driver || strcmp(d->driver, "thunderbolt") != 0)
		return 0;
	return report(p, i, WB_WARNING,
		      "is on the way to the system's own file systems, and its shutdown "
		      "cuts them off: the next kernel finds its root only where the "
		      "driver is in its initramfs and nothing has to authorize the disk");
}

/* With --force systemd stops nothing, and calls nobody when it has. */
static int check_force(struct wb_planner *p, size_t i)
{
	enum wb_verdict verdict = p->judgements.items[i].verdict;

	if (!p->in->request->force ||
	    (verdict != WB_VERDICT_LATE && verdict != WB_VERDICT_EXITRD))
		return 0;
	return report(p, i, WB_WARNING,
		      "would be put to rest late, which --force leaves out");
}

int wb_planner_check_verdicts(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_devices; i++) {
		r = check_verdict(p, i);
		if (r >= 0)
			r = check_force(p, i);
		if (r >= 0)
			r = check_change(p, i);
		if (r >= 0)
			r = check_tunnel(p, i);
		if (r >= 0 && !p->facts->devices[i].carries_root)
			r = check_obstacle(p, i);
		if (r >= 0 && !p->facts->devices[i].carries_root && wb_planner_goes(p, i))
			r = check_uses(p, i);
	}
	return r;
}
