/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The driver lets go of a device; it takes it back. result->saved are "driver NAME" and,
 * on buses that have it, "override NAME": what driver_override said, "(null)" for
 * nothing.
 */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/bond.h"
#include "run/step.h"

/* No driver has this name, so that none takes the device until the undo:
 * Documentation/ABI/testing/sysfs-bus-pci. */
#define NOBODY "none"

struct device {
	char *bus;
	char *id;
	char *override; /* the path of the attribute; NULL: the bus has none */
};

static void device_done(struct device *d)
{
	free(d->bus);
	free(d->id);
	free(d->override);
}

static int device_init(struct wb_run *run, const struct wb_step *step, struct device *ret)
{
	int r = wb_bond_parse(step->target, &ret->bus, &ret->id);

	if (r < 0)
		return r;
	ret->override = wb_bond_path(ret->bus, ret->id, "driver_override");
	if (!ret->override)
		return -ENOMEM;
	if (!wb_root_exists(&run->sys->root, ret->override))
		free(TAKE_PTR(ret->override));
	return 0;
}

static int save(struct wb_run *run, const struct device *d, const char *driver,
		struct wb_result *result)
{
	_cleanup_free_ char *override = NULL;
	int r = wb_strv_appendf(&result->saved, "driver %s", driver);

	if (r >= 0 && d->override &&
	    wb_root_read_line(&run->sys->root, d->override, &override) >= 0)
		r = wb_strv_appendf(&result->saved, "override %s", override);
	return r < 0 ? r : wb_step_note(run, result);
}

static const char *saved_value(const struct wb_result *result, const char *key)
{
	const char *value = NULL;

	for (char **p = result->saved; !value && p && *p; p++)
		value = wb_startswith(*p, key);
	return value;
}

static int stuck(struct wb_run *run, const struct wb_step *step, const char *what,
		 pid_t pid, struct wb_result *result)
{
	_cleanup_free_ char *where = wb_step_where(run, pid);

	return wb_step_fail(result, -ETIMEDOUT,
			    "cannot %s %s: its driver has not come back after %u s%s; "
			    "the machine needs a firmware reboot",
			    what, step->target,
			    (unsigned int)(step->timeout_usec / USEC_PER_SEC),
			    where ? where : "");
}

/* Without it the device can be bound again behind our back; with it that takes a will. */
static int keep_free(struct wb_run *run, const struct wb_step *step,
		     const struct device *d, struct wb_result *result)
{
	pid_t pid;
	int r;

	if (!d->override || !saved_value(result, "override "))
		return 0;
	r = run->sys->ops->write(run->sys, d->override, NOBODY, step->timeout_usec, &pid);
	if (r == -ETIMEDOUT)
		return stuck(run, step, "unbind", pid, result);
	if (r < 0)
		wb_warning("cannot write to /%s: %s; a driver may take the device again, "
			   "continuing",
			   d->override, strerror(-r));
	return 0;
}

static int let_go(struct wb_run *run, const struct wb_step *step, const struct device *d,
		  struct wb_result *result)
{
	_cleanup_free_ char *driver = NULL;
	pid_t pid = 0;
	int r = wb_bond_driver(run, d->bus, d->id, &driver);

	/* Neither a device that is gone nor one without a driver has to be put to rest.
	 */
	if (r == -ENODEV || r == -ENOENT)
		return 1;
	if (r >= 0)
		r = save(run, d, driver, result);
	if (r < 0)
		return wb_step_fail(result, r, "cannot look at %s: %s", step->target,
				    strerror(-r));
	r = keep_free(run, step, d, result);
	if (r < 0)
		return r;
	r = wb_bond_break(run, d->bus, d->id, step->timeout_usec, &pid);
	if (r == -ETIMEDOUT)
		return stuck(run, step, "unbind", pid, result);
	if (r < 0)
		return wb_step_fail(result, r, "cannot unbind %s from %s: %s",
				    step->target, driver,
				    r == -EBUSY ? "its driver did not let go"
						: strerror(-r));
	return 0;
}

static int unbind(struct wb_run *run, const struct wb_step *step,
		  struct wb_result *result)
{
	_cleanup_(device_done) struct device d = { 0 };
	int r = device_init(run, step, &d);

	if (r < 0)
		return wb_step_fail(result, r, "the plan has a device that is none");
	return let_go(run, step, &d, result);
}

static int reset_override(struct wb_run *run, const struct wb_step *step,
			  const struct device *d, struct wb_result *result)
{
	const char *override = saved_value(result, "override ");
	pid_t pid = 0;
	int r;

	if (!d->override || !override)
		return 0;
	/* An empty line takes it back. */
	r = run->sys->ops->write(run->sys, d->override,
				 strcmp(override, "(null)") == 0 ? "\n" : override,
				 step->timeout_usec, &pid);
	if (r == -ETIMEDOUT)
		return stuck(run, step, "bind", pid, result);
	return r < 0 ? wb_step_fail(result, r, "cannot write %s to /%s: %s", override,
				    d->override, strerror(-r))
		     : 0;
}

static int take_back(struct wb_run *run, const struct wb_step *step,
		     const struct device *d, struct wb_result *result)
{
	const char *driver = saved_value(result, "driver ");
	pid_t pid = 0;
	int r = reset_override(run, step, d, result);

	if (r < 0)
		return r;
	r = wb_bond_tie(run, d->bus, d->id, driver, step->timeout_usec, &pid);
	if (r == -ETIMEDOUT)
		return stuck(run, step, "bind", pid, result);
	if (r < 0)
		return wb_step_fail(result, r, "cannot bind %s to %s again: %s",
				    step->target, driver,
				    r == -ENODEV ? "the device is gone, or the driver "
						   "does not want it"
						 : strerror(-r));
	return 0;
}

static int bind(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	_cleanup_(device_done) struct device d = { 0 };
	int r;

	if (!saved_value(result, "driver "))
		return 1;
	r = device_init(run, step, &d);
	if (r < 0)
		return wb_step_fail(result, r, "the record has a device that is none");
	return take_back(run, step, &d, result);
}

const struct wb_step_ops wb_step_unbind_device = {
	.doing = "unbinding the device %s",
	.undoing = "binding the device %s again",
	.may_freeze = true,
	.run = unbind,
	.undo = bind,
};
