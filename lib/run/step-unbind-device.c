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
#include "facts/mount.h"
#include "run/bond.h"
#include "run/step.h"
#include "sys/node.h"

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
			    "this machine needs a firmware reboot",
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

/* --- what is in use after all ------------------------------------------------------- */

static bool is_same_disk(struct wb_run *run, const char *path, const struct wb_node *node)
{
	struct wb_node other;

	return wb_root_node(&run->sys->root, path, &other) >= 0 &&
	       wb_node_matches(node, &other);
}

static int find_mount(struct wb_run *run, const struct wb_node *node, char **ret)
{
	struct wb_mounts mounts = { 0 };
	int r = wb_mounts_read(&run->sys->root, &mounts);

	for (size_t i = 0; r >= 0 && !*ret && i < mounts.n; i++) {
		const struct wb_mount *m = &mounts.items[i];

		/* With btrfs only the source says it. */
		if ((m->node.major != 0 && wb_node_matches(node, &m->node)) ||
		    is_same_disk(run, m->source, node)) {
			*ret = wb_format("%s is still mounted from it", m->path);
			r = *ret ? 0 : -ENOMEM;
		}
	}
	wb_mounts_done(&mounts);
	return r;
}

/* proc(5): the path ends at the first white space. */
static int find_swap(struct wb_run *run, const struct wb_node *node, char **ret)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;

	if (wb_root_read(&run->sys->root, "proc/swaps", &text, NULL) < 0)
		return 0;
	rest = text;
	while (!*ret && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, " \t")] = '\0';
		if (*line != '/' || !is_same_disk(run, wb_mount_unescape(line), node))
			continue;
		*ret = wb_format("the swap %s is still in use", line);
		return *ret ? 0 : -ENOMEM;
	}
	return 0;
}

static int find_stack(struct wb_run *run, const struct wb_node *node, char **ret)
{
	_cleanup_free_ char *path =
		wb_format("sys/dev/block/%u:%u/holders", node->major, node->minor);
	_cleanup_strv_ char **holders = NULL;

	if (!path)
		return -ENOMEM;
	if (wb_root_list(&run->sys->root, path, &holders) < 0 || !holders)
		return 0;
	*ret = wb_format("%s is still made of it", holders[0]);
	return *ret ? 0 : -ENOMEM;
}

/*
 * systemd gives up on what it cannot unmount, and goes on. With a file system on it a
 * disk is better left to its shutdown than torn away. *@ret is a part of a sentence of
 * the caller's, NULL where nothing is in use.
 */
static int find_user(struct wb_run *run, const struct wb_step *step, char **ret)
{
	static int (*const finders[])(struct wb_run *, const struct wb_node *,
				      char **) = { find_mount, find_swap, find_stack };
	int r = 0;

	for (char **text = step->devices; r >= 0 && text && *text; text++) {
		struct wb_node node;

		if (wb_node_from_string(*text, &node) < 0 || !node.block)
			continue;
		for (size_t i = 0; r >= 0 && !*ret && i < ARRAY_SIZE(finders); i++)
			r = finders[i](run, &node, ret);
	}
	return r;
}

/* Earlier that is part of the plan: it stops the mounts, or refuses to begin. */
static int check_users(struct wb_run *run, const struct wb_step *step,
		       struct wb_result *result)
{
	_cleanup_free_ char *user = NULL;
	int r;

	if (step->phase != WB_PHASE_LATE && step->phase != WB_PHASE_EXITRD)
		return 0;
	r = find_user(run, step, &user);
	if (r < 0)
		return wb_step_fail(result, r, "cannot look at %s: %s", step->target,
				    strerror(-r));
	return user ? wb_step_fail(result, -EBUSY, "%s is left to its shutdown: %s",
				   step->target, user)
		    : 0;
}

/* --- down --------------------------------------------------------------------------- */

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
	r = check_users(run, step, result);
	return r < 0 ? r : let_go(run, step, &d, result);
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
