/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Stands in for plan/hook-match.c, which is written elsewhere: goes when that is here. */

#include <fnmatch.h>
#include <string.h>

#include "base/strv.h"
#include "facts/module.h"
#include "plan/hook-match.h"

__attribute__((weak)) bool wb_hook_matches(const struct wb_hook *hook,
					   const struct wb_facts *facts)
{
	(void)hook;
	(void)facts;
	return true;
}

__attribute__((weak)) bool wb_hook_judges(const struct wb_hook *hook,
					  const struct wb_device *device)
{
	for (char **glob = hook->drivers; device->driver && glob && *glob; glob++)
		if (fnmatch(*glob, device->driver, 0) == 0)
			return true;
	return false;
}

__attribute__((weak)) bool wb_hook_unbinds(const struct wb_hook *hook,
					   const struct wb_device *device)
{
	return device->driver && wb_strv_contains(hook->unbind, device->id);
}

__attribute__((weak)) bool wb_hook_applies(const struct wb_hook *hook,
					   const struct wb_facts *facts)
{
	if (hook->problem || !wb_hook_matches(hook, facts))
		return false;
	if (!hook->modules && !hook->units && !hook->drivers && !hook->unbind)
		return true;
	for (size_t i = 0; i < facts->n_devices; i++)
		if (wb_hook_judges(hook, &facts->devices[i]) ||
		    wb_hook_unbinds(hook, &facts->devices[i]))
			return true;
	for (char **p = hook->modules; p && *p; p++)
		if (wb_module_find(facts->modules, facts->n_modules, *p))
			return true;
	for (char **p = hook->units; p && *p; p++)
		if (wb_strv_contains(facts->units, *p))
			return true;
	return false;
}
