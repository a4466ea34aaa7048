/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The console lets go of the frame buffer; it takes the frame buffer back. */

#include <string.h>

#include "base/text.h"
#include "base/time-util.h"
#include "facts/console.h"
#include "run/step.h"

#define PAUSE_USEC (100 * USEC_PER_MSEC)

static int set_bind(struct wb_run *run, const char *console, const char *value,
		    struct wb_result *result)
{
	_cleanup_free_ char *path = NULL, *now = NULL;
	int r;

	path = wb_format("sys/class/vtconsole/%s/bind", console);
	if (!path)
		return -ENOMEM;
	r = wb_root_write(&run->sys->root, path, value);
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

static int unbind(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	return set_bind(run, step->target, "0", result);
}

/* 1: bound, 0: there is none yet. */
static int bind_framebuffer(struct wb_run *run, struct wb_result *result)
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
			r = set_bind(run, consoles[i].name, "1", result);
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

	for (;;) {
		r = bind_framebuffer(run, result);
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
