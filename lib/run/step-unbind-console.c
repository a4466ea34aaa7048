/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The console lets go of the frame buffer; it takes the frame buffer back, where it had
 * it. result->saved is "bound" then.
 */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/console.h"
#include "run/step.h"

#define PAUSE_USEC (100 * USEC_PER_MSEC)

static char *bind_path(const char *console)
{
	return wb_format("sys/class/vtconsole/%s/bind", console);
}

static int stuck(struct wb_run *run, const struct wb_step *step, const char *path,
		 pid_t pid, struct wb_result *result)
{
	_cleanup_free_ char *where = wb_step_where(run, pid);

	return wb_step_fail(result, -ETIMEDOUT,
			    "writing to /%s has not come back after %u s%s; this machine "
			    "needs a firmware reboot",
			    path, (unsigned int)(step->timeout_usec / USEC_PER_SEC),
			    where ? where : "");
}

/* Behind it stands the lock of the console, which a driver may hold for ever. */
static int set_bind(struct wb_run *run, const struct wb_step *step, const char *console,
		    const char *value, struct wb_result *result)
{
	_cleanup_free_ char *path = bind_path(console), *now = NULL;
	pid_t pid = 0;
	int r = path ? run->sys->ops->write(run->sys, path, value, step->timeout_usec,
					    &pid)
		     : -ENOMEM;

	if (r == -ETIMEDOUT)
		return stuck(run, step, path, pid, result);
	/* vt.c, store_bind(): the write never fails, whatever came of it. */
	if (r >= 0)
		r = wb_root_read_line(&run->sys->root, path, &now);
	if (r < 0)
		return wb_step_fail(result, r, "cannot write %s to /%s: %s", value, path,
				    strerror(-r));
	if (strcmp(now, value) != 0)
		return wb_step_fail(result, -EBUSY,
				    "the kernel did not take the %s written to /%s",
				    value, path);
	return 0;
}

/* 0: it is bound, and that is noted; 1: it is not. */
static int save(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	_cleanup_free_ char *path = bind_path(step->target), *now = NULL;
	int r = path ? wb_root_read_line(&run->sys->root, path, &now) : -ENOMEM;

	if (r < 0)
		return wb_step_fail(result, r, "cannot read /%s: %s", path ? path : "",
				    strerror(-r));
	if (strcmp(now, "0") == 0)
		return 1;
	r = wb_strv_append(&result->saved, "bound");
	return r < 0 ? r : wb_step_note(run, result);
}

static int unbind(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	int r = save(run, step, result);

	return r != 0 ? r : set_bind(run, step, step->target, "0", result);
}

/* 1: bound, 0: there is none yet. */
static int bind_framebuffer(struct wb_run *run, const struct wb_step *step,
			    struct wb_result *result)
{
	struct wb_console *consoles = NULL;
	size_t n = 0;
	int r = wb_consoles_read(&run->sys->root, &consoles, &n);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!wb_console_is_framebuffer(&consoles[i]))
			continue;
		if (!consoles[i].bound)
			r = set_bind(run, step, consoles[i].name, "1", result);
		r = r < 0 ? r : 1;
	}
	wb_consoles_free(consoles, n);
	return r;
}

/* Its number may be another one now: names are given when a driver comes. */
static int rebind(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + step->timeout_usec;
	int r;

	if (!result->saved)
		return 1;
	for (;;) {
		r = bind_framebuffer(run, step, result);
		if (r != 0)
			return r < 0 ? r : 0;
		if (wb_now_usec(CLOCK_BOOTTIME) >= deadline)
			return wb_step_fail(
				result, -ENODEV,
				"no frame buffer console came back to be bound");
		r = run->sys->ops->pause(run->sys, PAUSE_USEC);
		if (r < 0)
			return r;
	}
}

const struct wb_step_ops wb_step_unbind_console = {
	.doing = "unbinding the console %s",
	.undoing = "binding the console %s again",
	.may_freeze = true,
	.run = unbind,
	.undo = rebind,
};
