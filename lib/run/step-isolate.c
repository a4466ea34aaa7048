/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Isolate a target; back to the one before, with every unit that ran then. result->saved
 * is that target, then those units.
 */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "run/again.h"
#include "run/loss.h"
#include "run/step.h"

static int save(struct wb_run *run, struct wb_result *result)
{
	_cleanup_strv_ char **units = NULL;
	_cleanup_free_ char *target = NULL;
	int r = run->sys->ops->current_target(run->sys, &target);

	if (r < 0)
		return wb_step_fail(result, r,
				    "cannot ask systemd which target is active: %s",
				    strerror(-r));
	r = run->sys->ops->active_units(run->sys, &units);
	if (r < 0)
		return wb_step_fail(result, r,
				    "cannot ask systemd which units are active: %s",
				    strerror(-r));
	r = wb_strv_append(&result->saved, target);
	for (char **p = units; r >= 0 && p && *p; p++)
		r = wb_strv_append(&result->saved, *p);
	return r < 0 ? r : wb_step_note(run, result);
}

static int isolate(struct wb_run *run, const struct wb_step *step,
		   struct wb_result *result)
{
	_cleanup_free_ char *why = NULL;
	int r = save(run, result);

	if (r < 0)
		return r;
	r = run->sys->ops->unit_job(run->sys, WB_UNIT_ISOLATE, step->target,
				    step->timeout_usec, &why);
	if (r < 0)
		return wb_step_fail(result, r, "cannot isolate %s: %s", step->target,
				    why ? why : strerror(-r));
	return 0;
}

/* Kinds of units that an isolate stops and that start by asking for them: it leaves
 * mounts, slices and scopes alone. We ourselves are running, though perhaps not for long.
 */
static bool can_start(const char *unit)
{
	static const char *const suffixes[] = {
		".service", ".socket", ".timer", ".path", ".target",
	};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (wb_endswith(unit, suffixes[i]))
			return strcmp(unit, WB_BUS_SERVICE) != 0;
	return false;
}

static bool is_missed(const char *unit)
{
	return can_start(unit) || wb_losses_is_work(unit);
}

/* Those that ran before and do not now, in the reverse of their order; and containers,
 * which end with their engine where the target does without it. */
static int find_missing(struct wb_run *run, char *const *before, char ***ret)
{
	_cleanup_strv_ char **now = NULL;
	int r = run->sys->ops->active_units(run->sys, &now);

	for (size_t n = wb_strv_length(before); r >= 0 && n > 0; n--)
		if (is_missed(before[n - 1]) && !wb_strv_contains(now, before[n - 1]))
			r = wb_strv_append(ret, before[n - 1]);
	return r;
}

/* Whatever the target did not bring back is started one by one. */
static int start_missing(struct wb_run *run, struct wb_result *result)
{
	_cleanup_strv_ char **missing = NULL;
	int r = find_missing(run, result->saved + 1, &missing);

	if (r < 0)
		return wb_step_fail(result, r,
				    "cannot ask systemd which units are active: %s",
				    strerror(-r));
	return wb_again_start_units(run, missing, result);
}

static int go_back(struct wb_run *run, const struct wb_step *step,
		   struct wb_result *result)
{
	_cleanup_free_ char *why = NULL;
	int r, isolated;

	if (!result->saved)
		return 1;
	isolated = run->sys->ops->unit_job(run->sys, WB_UNIT_ISOLATE, result->saved[0],
					   step->timeout_usec, &why);
	r = start_missing(run, result);
	if (isolated < 0)
		return wb_step_fail(result, isolated, "cannot isolate %s again: %s",
				    result->saved[0], why ? why : strerror(-isolated));
	return r;
}

const struct wb_step_ops wb_step_isolate = {
	.doing = "isolating %s",
	.undoing = "going back to the target before %s",
	.run = isolate,
	.undo = go_back,
};
