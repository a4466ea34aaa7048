/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whoever still has one of the devices open loses it: the unit that the process belongs
 * to is stopped. result->saved are the units that were stopped.
 */

#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/time-util.h"
#include "facts/holder.h"
#include "run/step.h"

/* How long those who let go by themselves may take: a session that ends, a display
 * server on its way out. There is no event for the last close of a device. */
#define PATIENCE_USEC (20 * USEC_PER_SEC)
#define PAUSE_USEC    (200 * USEC_PER_MSEC)

/* What keeps the machine and this run going. logind holds the devices of sessions for
 * them and closes them when they end. */
static const char *const protected_units[] = {
	"init.scope",
	"dbus.service",
	"dbus-broker.service",
	"systemd-journald.service",
	"systemd-logind.service",
	"systemd-udevd.service",
	WB_BUS_SERVICE,
};

static bool may_stop(const char *unit)
{
	for (size_t i = 0; unit && i < ARRAY_SIZE(protected_units); i++)
		if (strcmp(unit, protected_units[i]) == 0)
			return false;
	return unit != NULL;
}

static int parse_devices(const struct wb_step *step, struct wb_node **ret, size_t *ret_n)
{
	size_t n = wb_strv_length(step->devices);
	struct wb_node *nodes = calloc(n + 1, sizeof(*nodes));

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (wb_node_from_string(step->devices[i], &nodes[i]) < 0) {
			free(nodes);
			return -EINVAL;
		}
	*ret = nodes;
	*ret_n = n;
	return 0;
}

/* The first holder whose unit can be stopped and has not been yet, or NULL. */
static const struct wb_holder *next_to_stop(const struct wb_holders *holders,
					    char *const *stopped)
{
	for (size_t i = 0; i < holders->n; i++) {
		const struct wb_holder *h = &holders->items[i];

		if (may_stop(h->unit) && !wb_strv_contains(stopped, h->unit))
			return h;
	}
	return NULL;
}

static int stop_unit_of(struct wb_run *run, const struct wb_step *step,
			const struct wb_holder *h, struct wb_result *result)
{
	_cleanup_free_ char *why = NULL;
	int r = wb_strv_append(&result->saved, h->unit);

	if (r < 0)
		return r;
	wb_info("stopping %s: %s (pid %d) holds %s", h->unit, h->comm, h->pid, h->path);
	r = run->sys->ops->unit_job(run->sys, WB_UNIT_STOP, h->unit, step->timeout_usec,
				    &why);
	if (r < 0)
		return wb_step_fail(result, r,
				    "cannot stop %s, in which %s (pid %d) holds %s: %s",
				    h->unit, h->comm, h->pid, h->path,
				    why ? why : strerror(-r));
	return 0;
}

static int blame(const struct wb_step *step, const struct wb_holders *holders,
		 struct wb_result *result)
{
	_cleanup_free_ char *who = wb_holder_to_string(&holders->items[0]);

	return wb_step_fail(result, -EBUSY,
			    "cannot release the devices of %s: they are held by %s%s",
			    step->target, who ? who : "a process",
			    holders->n > 1 ? " and others" : "");
}

/* One look and one act: 0 when nobody holds them any more, 1 when to look again. */
static int turn(struct wb_run *run, const struct wb_step *step,
		const struct wb_node *nodes, size_t n, uint64_t *deadline,
		struct wb_result *result)
{
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	const struct wb_holder *h;
	int r = wb_holders_read(&run->sys->root, nodes, n, &holders, NULL);

	if (r < 0)
		return wb_step_fail(result, r, "cannot look into /proc: %s",
				    strerror(-r));
	if (holders.n == 0)
		return 0;
	h = next_to_stop(&holders, result->saved);
	if (h) {
		r = stop_unit_of(run, step, h, result);
		*deadline = wb_now_usec(CLOCK_BOOTTIME) + PATIENCE_USEC;
		return r < 0 ? r : 1;
	}
	if (wb_now_usec(CLOCK_BOOTTIME) >= *deadline)
		return blame(step, &holders, result);
	r = run->sys->ops->pause(run->sys, PAUSE_USEC);
	return r < 0 ? wb_step_fail(result, r, "interrupted while %s (pid %d) holds %s",
				    holders.items[0].comm, holders.items[0].pid,
				    holders.items[0].path)
		     : 1;
}

static int release(struct wb_run *run, const struct wb_step *step,
		   struct wb_result *result)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + PATIENCE_USEC;
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n;
	int r = parse_devices(step, &nodes, &n);

	if (r < 0)
		return wb_step_fail(result, r, "the plan has a device that is none");
	do
		r = turn(run, step, nodes, n, &deadline, result);
	while (r > 0);
	return r < 0 ? r : result->saved ? 0 : 1;
}

static int start_again(struct wb_run *run, const struct wb_step *step,
		       struct wb_result *result)
{
	(void)step;
	return result->saved ? wb_step_start_units(run, result->saved, result) : 1;
}

const struct wb_step_ops wb_step_release_devices = {
	.doing = "releasing the devices of %s",
	.undoing = "starting what held the devices of %s",
	.run = release,
	.undo = start_again,
};
