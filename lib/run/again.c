/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/again.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/owner.h"
#include "run/step.h"

/* --- units of the system ---------------------------------------------------------- */

/* Whoever made it may have done so again by now, as a container's manager does. */
static bool is_active(struct wb_run *run, const char *unit)
{
	_cleanup_strv_ char **active = NULL;

	return run->sys->ops->active_units(run->sys, &active) >= 0 &&
	       wb_strv_contains(active, unit);
}

static int start_unit(struct wb_run *run, const char *unit, struct wb_result *result,
		      char ***failed)
{
	_cleanup_free_ char *why = NULL;
	int r;

	/* A scope is made by whoever is inside; what is behind it, a login screen or a
	 * container's manager, is back with its own unit, perhaps later than this: what
	 * is lost is judged at the end (wb_losses_settle()). */
	if (wb_endswith(unit, ".scope"))
		return is_active(run, unit) ? 0 : wb_strv_add(&result->lost, unit);
	r = run->sys->ops->unit_job(run->sys, WB_UNIT_START, unit, WB_AGAIN_TIMEOUT_USEC,
				    &why);
	if (r >= 0)
		return 0;
	/* "dbus-:1.2-org.example@0.service": dbus-broker makes it for whoever asks, and
	 * does so again. */
	if (r == -ENOENT && wb_startswith(unit, "dbus-:"))
		return 0;
	/* Made by systemd-run or the like: nothing on disk describes it. */
	if (r == -ENOENT) {
		wb_warning("%s was made for once and cannot be started again, continuing",
			   unit);
		return wb_strv_add(&result->lost, unit);
	}
	return wb_strv_appendf(failed, "%s (%s)", unit, why ? why : strerror(-r));
}

int wb_again_start_units(struct wb_run *run, char *const *units, struct wb_result *result)
{
	_cleanup_strv_ char **failed = NULL;
	_cleanup_free_ char *list = NULL;
	int r = 0;

	for (size_t n = wb_strv_length(units); r >= 0 && n > 0; n--)
		r = start_unit(run, units[n - 1], result, &failed);
	if (r < 0 || !failed)
		return r;
	list = wb_strv_join(failed, ", ");
	return wb_step_fail(result, -EIO, "cannot start again: %s",
			    list ? list : "some units");
}

/* --- all that held a device --------------------------------------------------------- */

/* Users' own units last: their manager may be one of the others. */
static int start_user_units(struct wb_run *run, struct wb_result *result)
{
	int r = 0;

	for (char **p = result->saved; r >= 0 && *p; p++)
		if (!wb_startswith(*p, WB_AGAIN_PROCESS) && strchr(*p, '/'))
			r = wb_owner_start_user_unit(run, *p, WB_AGAIN_TIMEOUT_USEC,
						     &result->lost);
	return r;
}

/* "process 812 bash": it was asked to end; has it? */
static bool has_ended(struct wb_run *run, const char *name)
{
	const char *pid = name + strlen(WB_AGAIN_PROCESS), *blank = strchr(pid, ' ');
	_cleanup_free_ char *path = NULL, *comm = NULL;

	path = wb_format("proc/%.*s/comm", blank ? (int)(blank - pid) : 0, pid);
	return !path || wb_root_read_line(&run->sys->root, path, &comm) < 0 ||
	       strcmp(wb_make_printable(comm), blank + 1) != 0;
}

static int tell_of_processes(struct wb_run *run, struct wb_result *result)
{
	int r = 0;

	for (char **p = result->saved; r >= 0 && *p; p++)
		if (wb_startswith(*p, WB_AGAIN_PROCESS) && has_ended(run, *p))
			r = wb_strv_add(&result->lost, *p);
	return r;
}

int wb_again_start(struct wb_run *run, struct wb_result *result)
{
	_cleanup_strv_ char **units = NULL;
	int r = 0, started;

	for (char **p = result->saved; r >= 0 && *p; p++)
		if (!wb_startswith(*p, WB_AGAIN_PROCESS) && !strchr(*p, '/'))
			r = wb_strv_append(&units, *p);
	if (r >= 0)
		r = tell_of_processes(run, result);
	if (r < 0)
		return r;
	started = wb_again_start_units(run, units, result);
	r = start_user_units(run, result);
	return started < 0 ? started : r;
}
