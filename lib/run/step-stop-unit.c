/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Stop a unit; start it again. result->saved is the unit, where it ran, and behind it the
 * scopes of all containers: a manager of containers ends those itself, whatever becomes
 * of the stop, and not all of them come back with it.
 */

#include <string.h>

#include "base/strv.h"
#include "run/again.h"
#include "run/loss.h"
#include "run/step.h"

static int save(struct wb_run *run, char *const *active, const char *unit,
		struct wb_result *result)
{
	int r = wb_strv_append(&result->saved, unit);

	for (char *const *p = active; r >= 0 && p && *p; p++)
		if (wb_losses_is_work(*p))
			r = wb_strv_append(&result->saved, *p);
	return r < 0 ? r : wb_step_note(run, result);
}

static int stop(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	_cleanup_strv_ char **active = NULL;
	_cleanup_free_ char *why = NULL;
	int r = run->sys->ops->active_units(run->sys, &active);

	if (r < 0)
		return wb_step_fail(result, r, "cannot ask systemd about %s: %s",
				    step->target, strerror(-r));
	/* Isolating the target may have stopped it; the undo of that starts it. */
	if (!wb_strv_contains(active, step->target))
		return 1;
	r = save(run, active, step->target, result);
	if (r < 0)
		return r;
	r = run->sys->ops->unit_job(run->sys, WB_UNIT_STOP, step->target,
				    step->timeout_usec, &why);
	if (r < 0)
		return wb_step_fail(result, r, "cannot stop %s: %s", step->target,
				    why ? why : strerror(-r));
	return 0;
}

static const char *stayed(struct wb_run *run, const struct wb_step *step,
			  const struct wb_result *result)
{
	(void)run, (void)step;
	return result->saved ? NULL : "%s was not stopped";
}

static int start(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	(void)step;
	return result->saved ? wb_again_start_units(run, result->saved, result) : 1;
}

const struct wb_step_ops wb_step_stop_unit = {
	.doing = "stopping %s",
	.undoing = "starting %s again",
	.stayed = stayed,
	.run = stop,
	.undo = start,
};
