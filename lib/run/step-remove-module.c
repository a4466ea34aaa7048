/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Take a module out; load it again. result->saved is the module once it is out, or
 * once its exit function hangs, after which it can be neither removed nor loaded.
 */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/holder.h"
#include "facts/module.h"
#include "run/step.h"

/* The last reference may go a moment after its holder; nothing tells when. */
#define PAUSE_USEC (250 * USEC_PER_MSEC)
/* How much longer the undo waits for an exit function that took too long. */
#define LATE_EXIT_USEC (10 * USEC_PER_SEC)

static int describe_processes(struct wb_run *run, const struct wb_step *step, char **ret)
{
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n = wb_strv_length(step->devices);
	int r;

	nodes = calloc(n + 1, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (wb_node_from_string(step->devices[i], &nodes[i]) < 0)
			return -EINVAL;
	r = wb_holders_read(&run->sys->root, nodes, n, &holders, NULL);
	if (r < 0 || holders.n == 0)
		return r;
	*ret = wb_holder_to_string(&holders.items[0]);
	return *ret ? 0 : -ENOMEM;
}

static int describe_modules(struct wb_run *run, const struct wb_step *step, char **ret)
{
	struct wb_module *modules = NULL;
	const struct wb_module *m;
	size_t n = 0;
	int r = wb_modules_read(&run->sys->root, &modules, &n);

	if (r < 0)
		return r;
	m = wb_module_find(modules, n, step->target);
	if (m && m->permanent) {
		*ret = strdup("nothing: it has no exit function and stays for ever");
	} else if (m && m->holders) {
		_cleanup_free_ char *list = wb_strv_join(m->holders, ", ");

		*ret = list ? wb_format("the modules %s", list) : NULL;
	} else if (m) {
		*ret = wb_format("%u users that the kernel does not name", m->refcnt);
	}
	wb_modules_free(modules, n);
	return 0;
}

static int blame(struct wb_run *run, const struct wb_step *step, int error,
		 struct wb_result *result)
{
	_cleanup_free_ char *who = NULL;

	/* To say less is no reason to fail otherwise. */
	if (describe_processes(run, step, &who) < 0 || !who)
		(void)describe_modules(run, step, &who);
	return wb_step_fail(result, error, "cannot remove %s: in use by %s", step->target,
			    who ? who : "somebody whom the kernel does not name");
}

static int stuck(const struct wb_step *step, struct wb_result *result)
{
	int r = wb_strv_append(&result->saved, step->target);

	if (r < 0)
		return r;
	return wb_step_fail(
		result, -ETIMEDOUT,
		"cannot remove %s: its exit function has not come back after %u "
		"s; it is lost until the next boot",
		step->target, (unsigned int)(step->timeout_usec / USEC_PER_SEC));
}

/* 0 when it is gone, 1 when it was not loaded, -EAGAIN when to try again. */
static int try(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	int r = run->sys->ops->module_remove(run->sys, step->target, step->timeout_usec);

	switch (r) {
	case 0:
		return wb_strv_append(&result->saved, step->target);
	case -ENOENT:
		return 1;
	case -EAGAIN:
	case -EBUSY:
		return -EAGAIN;
	case -ETIMEDOUT:
		return stuck(step, result);
	default:
		return wb_step_fail(result, r, "cannot remove %s: %s", step->target,
				    strerror(-r));
	}
}

static int remove_module(struct wb_run *run, const struct wb_step *step,
			 struct wb_result *result)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + step->timeout_usec;
	int r;

	for (;;) {
		r = try(run, step, result);
		if (r != -EAGAIN)
			return r;
		if (wb_now_usec(CLOCK_BOOTTIME) >= deadline)
			return blame(run, step, -EBUSY, result);
		r = run->sys->ops->pause(run->sys, PAUSE_USEC);
		if (r < 0)
			return blame(run, step, r, result);
	}
}

/* A slow exit is over some time; one that hangs is not. */
static bool is_gone(struct wb_run *run, const char *module)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + LATE_EXIT_USEC;
	_cleanup_free_ char *path = wb_format("sys/module/%s", module);

	while (path && wb_root_exists(&run->sys->root, path)) {
		if (wb_now_usec(CLOCK_BOOTTIME) >= deadline ||
		    run->sys->ops->pause(run->sys, PAUSE_USEC) < 0)
			return false;
	}
	return path;
}

static int insert(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	int r;

	if (!result->saved)
		return 1;
	if (result->error == -ETIMEDOUT && !is_gone(run, step->target))
		return wb_step_fail(
			result, -ETIMEDOUT,
			"cannot load %s again: its exit function still hangs; "
			"only a firmware reboot brings it back",
			step->target);
	r = run->sys->ops->module_insert(run->sys, step->target, step->timeout_usec);
	if (r < 0)
		return wb_step_fail(result, r, "cannot load %s again: %s", step->target,
				    strerror(-r));
	return 0;
}

const struct wb_step_ops wb_step_remove_module = {
	.doing = "removing the module %s",
	.undoing = "loading the module %s again",
	.may_freeze = true,
	.run = remove_module,
	.undo = insert,
};
