/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/module-state.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "run/bond.h"
#include "run/step.h"

/* --- parameters ------------------------------------------------------------------- */

static char *parameter_path(const char *module, const char *name)
{
	return wb_format("sys/module/%s/parameters/%s", module, name);
}

/* The value of a parameter; -EACCES for one that only takes, and never shows. */
static int read_parameter(struct wb_run *run, const char *module, const char *name,
			  char **ret)
{
	_cleanup_free_ char *path = parameter_path(module, name);
	struct stat st;
	int r = path ? wb_root_stat(&run->sys->root, path, &st) : -ENOMEM;

	if (r >= 0 && !(st.st_mode & 0444))
		return -EACCES;
	return r < 0 ? r : wb_root_read_line(&run->sys->root, path, ret);
}

static int save_parameters(struct wb_run *run, const char *module, char ***lines)
{
	_cleanup_free_ char *folder = parameter_path(module, "");
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(&run->sys->root, folder, &names) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++) {
		_cleanup_free_ char *value = NULL;

		r = read_parameter(run, module, *p, &value);
		if (r >= 0)
			r = wb_strv_appendf(lines, "option %s=%s", *p, value);
		else if (r != -ENOMEM)
			r = 0;
	}
	return r;
}

/* How the kernel takes it, lib/cmdline.c: quotes around a blank, and none inside. NULL
 * where it cannot be said, or where nothing was set: such a string shows "(null)". */
static char *as_option(const char *line)
{
	const char *value = strchr(line, '=') + 1;

	if (!*value || strcmp(value, "(null)") == 0 || strpbrk(value, "\"\n"))
		return NULL;
	if (!strpbrk(value, " \t"))
		return strdup(line);
	return wb_format("%.*s\"%s\"", (int)(value - line), line, value);
}

static const char *option_of(const char *line)
{
	const char *option = wb_startswith(line, "option ");

	return option && strchr(option, '=') ? option : NULL;
}

int wb_module_state_options(char *const *lines, char **ret)
{
	_cleanup_strv_ char **options = NULL;
	int r = 0;

	for (; r >= 0 && lines && *lines; lines++) {
		const char *line = option_of(*lines);
		_cleanup_free_ char *option = line ? as_option(line) : NULL;

		if (option)
			r = wb_strv_append(&options, option);
	}
	if (r < 0 || !options)
		return r;
	*ret = wb_strv_join(options, " ");
	return *ret ? 0 : -ENOMEM;
}

static int explain_stuck(struct wb_run *run, const char *name, const char *value,
			 pid_t stuck, char ***ret)
{
	_cleanup_free_ char *where = wb_step_where(run, stuck);

	return wb_strv_appendf(ret, "%s was '%s', and does not take that again in time%s",
			       name, value, where ? where : "");
}

/* It may be that the module was loaded by somebody else, or took another value. Not all
 * can be written: a failure shows when it is read again. */
static int settle_one(struct wb_run *run, const char *module, const char *option,
		      uint64_t timeout_usec, char ***ret)
{
	const char *value = strchr(option, '=') + 1;
	_cleanup_free_ char *name = strndup(option, (size_t)(value - option) - 1);
	_cleanup_free_ char *path = name ? parameter_path(module, name) : NULL;
	_cleanup_free_ char *now = NULL, *after = NULL;
	struct stat st;
	pid_t pid = 0;
	int r = path ? read_parameter(run, module, name, &now) : -ENOMEM;

	if (r < 0 || strcmp(now, value) == 0)
		return r == -ENOMEM ? r : 0;
	if (wb_root_stat(&run->sys->root, path, &st) >= 0 && (st.st_mode & 0222))
		r = run->sys->ops->write(run->sys, path, value, timeout_usec, &pid);
	/* Who hangs there holds the lock that a look at it takes, too. */
	if (r == -ETIMEDOUT)
		return explain_stuck(run, name, value, pid, ret);
	r = read_parameter(run, module, name, &after);
	if (r >= 0 && strcmp(after, value) == 0)
		return 0;
	return wb_strv_appendf(ret, "%s is '%s' and was '%s'", name, after ? after : now,
			       value);
}

int wb_module_state_settle(struct wb_run *run, const char *module, char *const *lines,
			   uint64_t timeout_usec, char ***ret)
{
	int r = 0;

	for (; r >= 0 && lines && *lines; lines++) {
		const char *option = option_of(*lines);

		if (option)
			r = settle_one(run, module, option, timeout_usec, ret);
	}
	return r;
}

/* --- devices ---------------------------------------------------------------------- */

/* What lines begin with. */
#define DEVICE   "device "
#define OVERRIDE "override "

/* What driver_override says, where the bus has it: a bind may go through it, and may be
 * killed in the middle. */
static int save_override(struct wb_run *run, const char *bus, const char *id,
			 char ***lines)
{
	_cleanup_free_ char *path = wb_bond_path(bus, id, "driver_override");
	_cleanup_free_ char *value = NULL;
	int r = path ? wb_root_read_line(&run->sys->root, path, &value) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return wb_strv_appendf(lines, OVERRIDE "%s %s %s", bus, id, value);
}

static int save_device(struct wb_run *run, const char *bus, const char *id,
		       const char *driver, char ***lines)
{
	int r = wb_strv_appendf(lines, DEVICE "%s %s %s", bus, id, driver);

	return r < 0 ? r : save_override(run, bus, id, lines);
}

/* What stands in the folder of a driver beside its devices are attributes, and the link
 * to its module. */
static int save_driver(struct wb_run *run, const char *bus, const char *driver,
		       char ***lines)
{
	_cleanup_free_ char *folder = wb_format("sys/bus/%s/drivers/%s", bus, driver);
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(&run->sys->root, folder, &names) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++) {
		_cleanup_free_ char *now = NULL;

		r = wb_bond_driver(run, bus, *p, &now);
		if (r >= 0 && strcmp(now, driver) == 0)
			r = save_device(run, bus, *p, driver, lines);
		else if (r != -ENOMEM)
			r = 0;
	}
	return r;
}

/* Drivers stand in a module's folder as "pci:nvidia": drivers/base/module.c. */
static int save_devices(struct wb_run *run, const char *module, char ***lines)
{
	_cleanup_free_ char *folder = wb_format("sys/module/%s/drivers", module);
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(&run->sys->root, folder, &names) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && p && *p; p++) {
		char *colon = strchr(*p, ':');

		if (!colon)
			continue;
		*colon = '\0';
		r = save_driver(run, *p, colon + 1, lines);
	}
	return r;
}

int wb_module_state_save(struct wb_run *run, const char *module, char ***lines)
{
	int r = save_parameters(run, module, lines);

	return r < 0 ? r : save_devices(run, module, lines);
}

static int explain(struct wb_run *run, const char *device, const char *driver, int error,
		   pid_t stuck, char ***ret)
{
	_cleanup_free_ char *where = wb_step_where(run, stuck);

	if (error == -ETIMEDOUT)
		return wb_strv_appendf(ret,
				       "%s to %s, which does not come back%s; only a "
				       "firmware reboot brings it",
				       device, driver, where ? where : "");
	return wb_strv_appendf(ret, "%s to %s: %s", device, driver, strerror(-error));
}

/* @line is "BUS ID REST", and is cut after the id; names of drivers may have blanks. */
static int parse_line(char *line, char **ret_bus, char **ret_id, const char **ret_rest)
{
	char *blank = strchr(line, ' ');

	blank = blank ? strchr(blank + 1, ' ') : NULL;
	if (!blank)
		return -EINVAL;
	*blank = '\0';
	*ret_rest = blank + 1;
	return wb_bond_parse(line, ret_bus, ret_id);
}

static int tie_one(struct wb_run *run, char *line, uint64_t timeout_usec, char ***ret)
{
	_cleanup_free_ char *bus = NULL, *id = NULL, *now = NULL;
	const char *driver;
	pid_t stuck = 0;
	int r = parse_line(line, &bus, &id, &driver);

	if (r < 0)
		return r;
	r = wb_bond_tie(run, bus, id, driver, timeout_usec, &stuck);
	/* Some get a new name each time that they are found: HID devices do. */
	if (r == -ENODEV && wb_bond_driver(run, bus, id, &now) == -ENODEV) {
		wb_warning("%s, which %s had, is not there any more, continuing", line,
			   driver);
		return 0;
	}
	return r == 0 || r == -ENOMEM ? r : explain(run, line, driver, r, stuck, ret);
}

/* Only where it differs: most have none, and a device may be gone. */
static int reset_override(struct wb_run *run, char *line, uint64_t timeout_usec,
			  char ***ret)
{
	_cleanup_free_ char *bus = NULL, *id = NULL, *path = NULL, *now = NULL;
	const char *before;
	pid_t stuck = 0;
	int r = parse_line(line, &bus, &id, &before);

	if (r < 0)
		return r;
	path = wb_bond_path(bus, id, "driver_override");
	r = path ? wb_root_read_line(&run->sys->root, path, &now) : -ENOMEM;
	if (r < 0 || strcmp(now, before) == 0)
		return r == -ENOMEM ? r : 0;
	/* An empty line takes it back. */
	r = run->sys->ops->write(run->sys, path,
				 strcmp(before, "(null)") == 0 ? "\n" : before,
				 timeout_usec, &stuck);
	return r == 0 || r == -ENOMEM
		       ? r
		       : explain(run, line, "its driver_override", r, stuck, ret);
}

typedef int (*for_line)(struct wb_run *run, char *line, uint64_t timeout_usec,
			char ***ret);

/* @act on what follows @key in each line that begins with it. */
static int for_each(struct wb_run *run, char *const *lines, const char *key, for_line act,
		    uint64_t timeout_usec, char ***ret)
{
	int r = 0;

	for (; r >= 0 && lines && *lines; lines++) {
		const char *rest = wb_startswith(*lines, key);
		_cleanup_free_ char *line = rest ? strdup(rest) : NULL;

		if (rest)
			r = line ? act(run, line, timeout_usec, ret) : -ENOMEM;
	}
	return r;
}

size_t wb_module_state_ties(char *const *lines)
{
	size_t n = 0;

	for (; lines && *lines; lines++)
		n += wb_startswith(*lines, OVERRIDE) || wb_startswith(*lines, DEVICE);
	return n;
}

int wb_module_state_tie(struct wb_run *run, char *const *lines, uint64_t timeout_usec,
			char ***ret)
{
	/* First, because a device that is meant for another driver takes none. */
	int r = for_each(run, lines, OVERRIDE, reset_override, timeout_usec, ret);

	return r < 0 ? r : for_each(run, lines, DEVICE, tie_one, timeout_usec, ret);
}
