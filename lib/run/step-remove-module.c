/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Take a module out; load it again, with the parameters that it had, and give its
 * drivers the devices that they had. result->saved is the module, then the lines of
 * run/module-state.h.
 */

#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/holder.h"
#include "facts/module.h"
#include "run/module-state.h"
#include "run/step.h"

/* The last reference may go a moment after its holder; nothing tells when. */
#define PAUSE_USEC     (250 * USEC_PER_MSEC)
#define PAUSE_MAX_USEC (2 * USEC_PER_SEC)
/* How much longer the undo waits for an exit function that took too long. */
#define LATE_EXIT_USEC (10 * USEC_PER_SEC)

static int describe_processes(struct wb_run *run, const struct wb_step *step, char **ret)
{
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	_cleanup_free_ struct wb_node *nodes = NULL;
	size_t n;
	int r = wb_step_nodes(step, &nodes, &n);

	if (r < 0)
		return r;
	r = wb_holders_read(&run->sys->root, nodes, n, &holders, NULL);
	if (r < 0 || holders.n == 0)
		return r;
	*ret = wb_holder_to_string(&holders.items[0]);
	return *ret ? 0 : -ENOMEM;
}

/* What the module graph says: @ret_permanent, too, is no matter of patience. */
static int describe_modules(struct wb_run *run, const struct wb_step *step, char **ret,
			    bool *ret_permanent)
{
	struct wb_module *modules = NULL;
	const struct wb_module *m;
	size_t n = 0;
	int r = wb_modules_read(&run->sys->root, &modules, &n);

	if (r < 0)
		return r;
	m = wb_module_find(modules, n, step->target);
	*ret_permanent = m && m->permanent;
	if (m && m->permanent) {
		*ret = strdup("it has no exit function and stays for ever");
	} else if (m && m->holders) {
		_cleanup_free_ char *list = wb_strv_join(m->holders, ", ");

		*ret = list ? wb_format("the modules %s", list) : NULL;
	} else if (m) {
		*ret = wb_format("%u user%s that the kernel does not name", m->refcnt,
				 m->refcnt == 1 ? "" : "s");
	}
	wb_modules_free(modules, n);
	return 0;
}

/* Who holds it now. To be able to say less is no reason to fail otherwise. */
static char *describe(struct wb_run *run, const struct wb_step *step, bool *ret_permanent)
{
	char *who = NULL, *graph = NULL;

	*ret_permanent = false;
	(void)describe_modules(run, step, &graph, ret_permanent);
	if (*ret_permanent || describe_processes(run, step, &who) < 0 || !who)
		return graph;
	free(graph);
	return who;
}

static int blame(struct wb_run *run, const struct wb_step *step, int error,
		 struct wb_result *result)
{
	bool permanent;
	_cleanup_free_ char *who = describe(run, step, &permanent);

	return wb_step_fail(result, error, "cannot remove %s: %s%s", step->target,
			    permanent ? "" : "in use by ",
			    who ? who : "somebody whom the kernel does not name");
}

static int stuck(struct wb_run *run, const struct wb_step *step, pid_t pid,
		 struct wb_result *result)
{
	_cleanup_free_ char *where = wb_step_where(run, pid);

	return wb_step_fail(
		result, -ETIMEDOUT,
		"cannot remove %s: its exit function has not come back after %u "
		"s%s; this machine needs a firmware reboot",
		step->target, (unsigned int)(step->timeout_usec / USEC_PER_SEC),
		where ? where : "");
}

/* 0 when it is gone, 1 when it was not loaded, -EAGAIN when to try again. */
static int try(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	pid_t pid = 0;
	int r = run->sys->ops->module_remove(run->sys, step->target, step->timeout_usec,
					     &pid);

	switch (r) {
	case 0:
		return 0;
	case -ENOENT:
		return 1;
	case -EAGAIN:
	case -EBUSY:
		return -EAGAIN;
	case -ETIMEDOUT:
		return stuck(run, step, pid, result);
	default:
		return wb_step_fail(result, r, "cannot remove %s: %s", step->target,
				    strerror(-r));
	}
}

/* Look at it again after a refusal; the look at all processes has its price, so once.
 * -EBUSY where no patience helps. */
static int look(struct wb_run *run, const struct wb_step *step)
{
	bool permanent;
	_cleanup_free_ char *who = describe(run, step, &permanent);

	if (permanent)
		return -EBUSY;
	wb_info("%s is in use by %s; trying again for up to %u s", step->target,
		who ? who : "somebody whom the kernel does not name",
		(unsigned int)(step->timeout_usec / USEC_PER_SEC));
	return 0;
}

static int try_until_gone(struct wb_run *run, const struct wb_step *step,
			  struct wb_result *result)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + step->timeout_usec;
	uint64_t pause = PAUSE_USEC;
	int r = try(run, step, result);

	if (r == -EAGAIN && look(run, step) < 0)
		return blame(run, step, -EBUSY, result);
	while (r == -EAGAIN) {
		if (wb_now_usec(CLOCK_BOOTTIME) >= deadline)
			return blame(run, step, -EBUSY, result);
		r = run->sys->ops->pause(run->sys, pause);
		if (r < 0)
			return blame(run, step, r, result);
		pause = pause < PAUSE_MAX_USEC ? 2 * pause : pause;
		r = try(run, step, result);
	}
	return r;
}

/* "live", "coming" or "going"; NULL: it is not loaded. */
static char *read_state(struct wb_run *run, const char *module)
{
	_cleanup_free_ char *path = wb_format("sys/module/%s/initstate", module);
	char *state = NULL;

	return path && wb_root_read_line(&run->sys->root, path, &state) >= 0 ? state
									     : NULL;
}

static int remove_module(struct wb_run *run, const struct wb_step *step,
			 struct wb_result *result)
{
	int r = wb_strv_append(&result->saved, step->target);

	if (r >= 0)
		r = wb_module_state_save(run, step->target, &result->saved);
	if (r < 0)
		return wb_step_fail(result, r, "cannot look at %s: %s", step->target,
				    strerror(-r));
	r = wb_step_note(run, result);
	return r < 0 ? r : try_until_gone(run, step, result);
}

/*
 * A slow exit is over some time, and one that a run left behind in the middle; one that
 * hangs is not. 1: it is loaded, 0: it is not, -ETIMEDOUT.
 */
static int wait_for_exit(struct wb_run *run, const char *module)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + LATE_EXIT_USEC;

	for (;;) {
		_cleanup_free_ char *state = read_state(run, module);

		if (!state)
			return 0;
		if (strcmp(state, "live") == 0)
			return 1;
		if (wb_now_usec(CLOCK_BOOTTIME) >= deadline ||
		    run->sys->ops->pause(run->sys, PAUSE_USEC) < 0)
			return -ETIMEDOUT;
	}
}

/* A parameter that shows what it does not take would cost the whole module. */
static int insert(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	_cleanup_free_ char *options = NULL;
	int r = wb_module_state_options(result->saved, &options);

	if (r >= 0)
		r = run->sys->ops->module_insert(run->sys, step->target, options,
						 step->timeout_usec);
	if (r < 0 && options && r != -ETIMEDOUT) {
		wb_warning("cannot load %s with the parameters that it had: %s; loading "
			   "it without",
			   step->target, strerror(-r));
		r = run->sys->ops->module_insert(run->sys, step->target, NULL,
						 step->timeout_usec);
	}
	run->put_back_usec = wb_now_usec(CLOCK_BOOTTIME);
	return r < 0 ? wb_step_fail(result, r, "cannot load %s again: %s", step->target,
				    strerror(-r))
		     : 0;
}

static int settle(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	_cleanup_strv_ char **differ = NULL, **lost = NULL;
	_cleanup_free_ char *list = NULL;
	int r = wb_module_state_settle(run, step->target, result->saved,
				       step->timeout_usec, &differ);

	for (char **p = differ; r >= 0 && p && *p; p++)
		wb_warning("%s is loaded again, but its parameter %s", step->target, *p);
	if (r >= 0)
		r = wb_module_state_tie(run, result->saved, step->timeout_usec, &lost);
	if (r < 0 || !lost)
		return r;
	list = wb_strv_join(lost, ", ");
	return wb_step_fail(result, -EIO,
			    "%s is loaded again, but cannot be bound to its devices: %s",
			    step->target, list ? list : "out of memory");
}

static const char *stayed(struct wb_run *run, const struct wb_step *step,
			  const struct wb_result *result)
{
	_cleanup_free_ char *state = read_state(run, step->target);

	if (!result->saved)
		return "nothing was done to the module %s";
	return state && strcmp(state, "live") == 0 ? "the module %s has stayed loaded"
						   : NULL;
}

static int put_back(struct wb_run *run, const struct wb_step *step,
		    struct wb_result *result)
{
	int r;

	if (!result->saved)
		return 1;
	r = wait_for_exit(run, step->target);
	if (r < 0)
		return wb_step_fail(
			result, r,
			"cannot load %s again: its exit function still hangs; "
			"only a firmware reboot brings it back",
			step->target);
	if (r == 0)
		r = insert(run, step, result);
	return r < 0 ? r : settle(run, step, result);
}

/* Each device has the whole limit, as a probe may be slow. The parameters have not: there
 * may be hundreds, and a write to one takes no time unless it hangs. */
static uint64_t undo_usec(const struct wb_step *step, const struct wb_result *result)
{
	return wb_module_state_ties(result->saved) * step->timeout_usec;
}

const struct wb_step_ops wb_step_remove_module = {
	.doing = "removing the module %s",
	.undoing = "loading the module %s again",
	.stayed = stayed,
	.may_freeze = true,
	.undo_usec = undo_usec,
	.run = remove_module,
	.undo = put_back,
};
