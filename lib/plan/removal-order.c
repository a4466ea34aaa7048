/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "plan/driver-table.h"
#include "facts/hook-match.h"
#include "plan/removal-part.h"

static const struct wb_module *loaded(const struct wb_facts *facts, const char *name)
{
	return wb_module_find(facts->modules, facts->n_modules, name);
}

bool wb_removal_is_sound_of(const struct wb_device *device,
			    const struct wb_device *display)
{
	const struct wb_driver_row *row =
		display->driver ? wb_driver_find(display->driver, display->module) : NULL;

	if (!row || !(row->flags & WB_DRIVER_SOUND_FIRST))
		return false;
	for (size_t i = 0; i < display->n_uses; i++)
		if (display->uses[i].kind == WB_USE_SOUND &&
		    strcmp(display->uses[i].name, device->id) == 0)
			return true;
	return false;
}

static bool drives(const struct wb_device *d, const char *module)
{
	return d->module && strcmp(d->module, module) == 0;
}

/* sound/hda/hdac_component.c takes a reference that /proc/modules does not show. */
static bool is_held_by_sound(const struct wb_facts *facts, const struct wb_removals *list,
			     const char *module)
{
	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct wb_device *display = &facts->devices[i];

		for (size_t j = 0; drives(display, module) && j < facts->n_devices; j++) {
			const struct wb_device *d = &facts->devices[j];

			if (d->module && wb_removal_is_sound_of(d, display) &&
			    wb_removals_find(list, d->module))
				return true;
		}
	}
	return false;
}

/* More modules than any kernel has; of what is beyond nothing stands on anything. */
#define MODULES_MAX 8192

/* Each module once: where many use many the ways up are beyond number, and of a damaged
 * graph without end. */
static bool stands_on(const struct wb_facts *facts, const char *upper, const char *lower,
		      bool *seen)
{
	const struct wb_module *m = loaded(facts, lower);
	size_t i = m ? (size_t)(m - facts->modules) : MODULES_MAX;

	if (strcmp(upper, lower) == 0)
		return true;
	if (i >= MODULES_MAX || seen[i])
		return false;
	seen[i] = true;
	for (char **user = m->holders; user && *user; user++)
		if (stands_on(facts, upper, *user, seen))
			return true;
	return false;
}

bool wb_removal_stands_on(const struct wb_facts *facts, const char *upper,
			  const char *lower)
{
	bool seen[MODULES_MAX];

	memset(seen, 0, facts->n_modules < MODULES_MAX ? facts->n_modules : sizeof(seen));
	return stands_on(facts, upper, lower, seen);
}

static bool comes_behind(const struct wb_hook *hook, const char *module,
			 const struct wb_facts *facts, const struct wb_removals *list)
{
	for (char **name = hook->modules; name && *name; name++) {
		/* Those behind it wait for it, and it for none of them. */
		if (strcmp(*name, module) == 0)
			return false;
		if (wb_removals_find(list, *name) &&
		    !wb_removal_stands_on(facts, module, *name))
			return true;
	}
	return false;
}

/*
 * One that took the other with symbol_get(), as nvidia_fs does with nvidia and intel_ips
 * with i915, has no place in the graph: there the order in a hook counts.
 */
static bool waits_by_hook(const struct wb_facts *facts, const struct wb_removals *list,
			  const char *module)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && wb_strv_contains(h->modules, module) &&
		    h->used && comes_behind(h, module, facts, list))
			return true;
	}
	return false;
}

static bool has_user_in(const struct wb_facts *facts, const struct wb_removals *list,
			const char *module)
{
	const struct wb_module *m = loaded(facts, module);

	for (char **user = m ? m->holders : NULL; user && *user; user++)
		if (wb_removals_find(list, *user))
			return true;
	return is_held_by_sound(facts, list, module);
}

/* Those that have to wait for others in @list; the number of those that need not. */
static size_t find_waiting(const struct wb_removals *list, const struct wb_facts *facts,
			   bool with_hooks, bool *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		const char *module = list->items[i].module;

		ret[i] = has_user_in(facts, list, module) ||
			 (with_hooks && waits_by_hook(facts, list, module));
		n += !ret[i];
	}
	return n;
}

/* Move to @ordered what nobody in @list uses, which is one level. */
static int move_level(struct wb_removals *list, const struct wb_facts *facts,
		      struct wb_removals *ordered, unsigned int level)
{
	_cleanup_free_ bool *used = calloc(list->n, sizeof(*used));
	size_t n = 0;

	if (!used)
		return -ENOMEM;
	/* Two hooks may contradict each other; the kernel's graph decides then. */
	if (find_waiting(list, facts, true, used) == 0)
		(void)find_waiting(list, facts, false, used);
	for (size_t i = 0; i < list->n; i++) {
		if (used[i]) {
			list->items[n++] = list->items[i];
			continue;
		}
		list->items[i].level = level;
		ordered->items[ordered->n++] = list->items[i];
	}
	/* The kernel's graph has no circles; a damaged fixture might. */
	if (n == list->n)
		return -ELOOP;
	list->n = n;
	return 0;
}

int wb_removals_order(struct wb_removals *list, const struct wb_facts *facts,
		      struct wb_removals *ordered)
{
	int r = 0;

	ordered->items = calloc(list->n + 1, sizeof(ordered->items[0]));
	if (!ordered->items)
		return -ENOMEM;
	for (unsigned int level = 0; r >= 0 && list->n > 0; level++)
		r = move_level(list, facts, ordered, level);
	return r;
}
