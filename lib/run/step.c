/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/step.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"

#define START_TIMEOUT_USEC (90 * USEC_PER_SEC)
/* What a talkative program may put into the log; the rest of it is counted. */
#define LOG_LINES_MAX 100

int wb_step_fail(struct wb_result *result, int error, const char *format, ...)
{
	char *detail = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&detail, format, ap);
	va_end(ap);
	result->error = error;
	if (r >= 0) {
		free(result->detail);
		result->detail = detail;
	}
	wb_error("%s", r < 0 ? "out of memory" : detail);
	return error;
}

char *wb_step_where(struct wb_run *run, pid_t stuck)
{
	_cleanup_free_ char *path = wb_format("proc/%d/wchan", stuck), *place = NULL;

	if (stuck == 0)
		return strdup("");
	/* "0" is what those get who may not know. */
	if (!path || wb_root_read_line(&run->sys->root, path, &place) < 0 ||
	    strcmp(place, "0") == 0)
		return wb_format(": its process %d hangs", stuck);
	return wb_format(": its process %d hangs in %s", stuck, place);
}

struct output {
	const char *prefix;
	unsigned int n;
};

static void log_line(const char *line, void *userdata)
{
	struct output *o = userdata;

	if (o->n++ < LOG_LINES_MAX)
		wb_info("%s: %s", o->prefix, line);
}

int wb_step_spawn(struct wb_run *run, const struct wb_step *step, char *const *argv,
		  const int *fds, const char *prefix, struct wb_spawn_result *ret)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C.UTF-8";
	static char *const plain[] = { path, locale, NULL };
	struct output output = { .prefix = prefix };
	struct wb_spawn what = {
		.argv = argv,
		.environment = step->environment ? step->environment : plain,
		.fds = fds,
		.n_fds = fds ? step->n_inputs : 0,
		.timeout_usec = step->timeout_usec,
		.line = log_line,
		.userdata = &output,
	};
	int r = run->sys->ops->spawn(run->sys, &what, ret);

	if (output.n > LOG_LINES_MAX)
		wb_info("%s: %u more lines are not shown", prefix,
			output.n - LOG_LINES_MAX);
	return r;
}

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
	 * container's manager, is back with its own unit. */
	if (wb_endswith(unit, ".scope")) {
		if (is_active(run, unit))
			return 0;
		wb_warning("%s has ended and cannot be started again, continuing", unit);
		return wb_strv_add(&result->lost, unit);
	}
	r = run->sys->ops->unit_job(run->sys, WB_UNIT_START, unit, START_TIMEOUT_USEC,
				    &why);
	if (r >= 0)
		return 0;
	/* Made by systemd-run or the like: nothing on disk describes it. */
	if (r == -ENOENT) {
		wb_warning("%s was made for once and cannot be started again, continuing",
			   unit);
		return wb_strv_add(&result->lost, unit);
	}
	return wb_strv_appendf(failed, "%s (%s)", unit, why ? why : strerror(-r));
}

int wb_step_start_units(struct wb_run *run, char *const *units, struct wb_result *result)
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
