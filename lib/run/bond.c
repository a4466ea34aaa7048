/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/bond.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/time-util.h"

#define PAUSE_USEC (250 * USEC_PER_MSEC)
/* How long a device may take to appear, or a driver to want it, after a module has been
 * loaded: probes go on behind its back, and may be deferred. */
#define SETTLE_USEC (5 * USEC_PER_SEC)

static bool is_name(const char *s)
{
	return *s && !strchr(s, '/') && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

int wb_bond_parse(const char *text, char **ret_bus, char **ret_id)
{
	_cleanup_free_ char *bus = NULL, *id = NULL;
	const char *space = strchr(text, ' ');

	if (!space)
		return -EINVAL;
	bus = strndup(text, (size_t)(space - text));
	id = strdup(space + 1);
	if (!bus || !id)
		return -ENOMEM;
	if (!is_name(bus) || !is_name(id))
		return -EINVAL;
	*ret_bus = TAKE_PTR(bus);
	*ret_id = TAKE_PTR(id);
	return 0;
}

char *wb_bond_path(const char *bus, const char *id, const char *attribute)
{
	return wb_format("sys/bus/%s/devices/%s/%s", bus, id, attribute);
}

int wb_bond_driver(struct wb_run *run, const char *bus, const char *id, char **ret)
{
	_cleanup_free_ char *path = wb_bond_path(bus, id, "driver");
	_cleanup_free_ char *device = wb_bond_path(bus, id, "");
	int r;

	if (!path || !device)
		return -ENOMEM;
	r = wb_root_link_name(&run->sys->root, path, ret);
	if (r != -ENOENT)
		return r;
	return wb_root_exists(&run->sys->root, device) ? -ENOENT : -ENODEV;
}

static int tell_driver(struct wb_run *run, const char *bus, const char *driver,
		       const char *verb, const char *id, uint64_t timeout_usec,
		       pid_t *ret_stuck)
{
	_cleanup_free_ char *path =
		wb_format("sys/bus/%s/drivers/%s/%s", bus, driver, verb);

	if (!path)
		return -ENOMEM;
	return run->sys->ops->write(run->sys, path, id, timeout_usec, ret_stuck);
}

int wb_bond_break(struct wb_run *run, const char *bus, const char *id,
		  uint64_t timeout_usec, pid_t *ret_stuck)
{
	_cleanup_free_ char *driver = NULL, *after = NULL;
	int r = wb_bond_driver(run, bus, id, &driver), told;

	if (r == -ENOENT || r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	told = tell_driver(run, bus, driver, "unbind", id, timeout_usec, ret_stuck);
	/* The link goes before the driver's remove function runs, so that it proves
	 * nothing while that hangs: drivers/base/dd.c, __device_release_driver(). */
	if (told == -ETIMEDOUT)
		return told;
	r = wb_bond_driver(run, bus, id, &after);
	if (r == -ENOENT || r == -ENODEV)
		return 0;
	return r < 0 ? r : told < 0 ? told : -EBUSY;
}

/*
 * A driver that was taught the device by new_id has forgotten it when it was loaded anew.
 * With an override of its own it takes any: pci_match_device().
 */
static int tie_by_override(struct wb_run *run, const char *bus, const char *id,
			   const char *driver, uint64_t timeout_usec, pid_t *ret_stuck)
{
	_cleanup_free_ char *path = wb_bond_path(bus, id, "driver_override");
	_cleanup_free_ char *before = NULL;
	int r, reset;

	if (!path)
		return -ENOMEM;
	r = wb_root_read_line(&run->sys->root, path, &before);
	if (r < 0)
		return -ENODEV;
	r = run->sys->ops->write(run->sys, path, driver, timeout_usec, ret_stuck);
	if (r < 0)
		return r;
	r = tell_driver(run, bus, driver, "bind", id, timeout_usec, ret_stuck);
	reset = r == -ETIMEDOUT
			? r
			: run->sys->ops->write(run->sys, path,
					       strcmp(before, "(null)") == 0 ? "\n"
									     : before,
					       timeout_usec, ret_stuck);
	return r < 0 ? r : reset;
}

/* One look and one try: 0 when it has the driver, 1 when it has it now, else why not. */
static int try_to_tie(struct wb_run *run, const char *bus, const char *id,
		      const char *driver, uint64_t timeout_usec, pid_t *ret_stuck)
{
	_cleanup_free_ char *now = NULL, *after = NULL;
	int r = wb_bond_driver(run, bus, id, &now), told;

	if (r >= 0 && strcmp(now, driver) == 0)
		return 0;
	if (r >= 0)
		r = wb_bond_break(run, bus, id, timeout_usec, ret_stuck);
	if (r < 0 && r != -ENOENT)
		return r;
	told = tell_driver(run, bus, driver, "bind", id, timeout_usec, ret_stuck);
	if (told == -ENODEV)
		told = tie_by_override(run, bus, id, driver, timeout_usec, ret_stuck);
	if (told == -ETIMEDOUT)
		return told;
	r = wb_bond_driver(run, bus, id, &after);
	if (r >= 0 && strcmp(after, driver) == 0)
		return 1;
	return told < 0 ? told : -EIO;
}

int wb_bond_tie(struct wb_run *run, const char *bus, const char *id, const char *driver,
		uint64_t timeout_usec, pid_t *ret_stuck)
{
	uint64_t wait = timeout_usec < SETTLE_USEC ? timeout_usec : SETTLE_USEC;
	/* One wait for all: those that are gone for good would each cost as much. */
	uint64_t deadline = run->put_back_usec + wait;
	int r;

	*ret_stuck = 0;
	for (;;) {
		r = try_to_tie(run, bus, id, driver, timeout_usec, ret_stuck);
		if (r > 0)
			run->put_back_usec = wb_now_usec(CLOCK_BOOTTIME);
		if (r >= 0)
			return 0;
		if (r == -ETIMEDOUT || r == -ENOMEM ||
		    wb_now_usec(CLOCK_BOOTTIME) >= deadline)
			return r;
		if (run->sys->ops->pause(run->sys, PAUSE_USEC) < 0)
			return r;
	}
}
