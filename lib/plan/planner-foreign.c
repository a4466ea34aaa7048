/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Modules that are not of this kernel's tree: what nobody here knows of them is said. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "plan/driver-table.h"
#include "plan/planner-part.h"

/* More names than this make no sentence. */
#define MODULES_SHOWN 8

static bool has_device(const struct wb_facts *facts, const char *module)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (facts->devices[i].module &&
		    strcmp(facts->devices[i].module, module) == 0)
			return true;
	return false;
}

/* Whether that hook has something to do here or not. */
static bool is_named(const struct wb_facts *facts, const char *module)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (!h->problem && (wb_strv_contains(h->modules, module) ||
				    wb_strv_contains(h->block, module)))
			return true;
	}
	return false;
}

/*
 * A device has a verdict, which speaks for its module; a module that others use is a
 * library of theirs; and what the operator names is known to the operator.
 */
static bool is_unknown(const struct wb_planner *p, const struct wb_module *m)
{
	return m->out_of_tree && !m->holders && !has_device(p->facts, m->name) &&
	       !is_named(p->facts, m->name) && !wb_driver_find(NULL, m->name) &&
	       !wb_removals_find(&p->removals, m->name) &&
	       !wb_strv_contains(p->in->request->keep, m->name);
}

static int check_unknown(struct wb_planner *p)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *list = NULL;
	size_t more = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_modules; i++) {
		const struct wb_module *m = &p->facts->modules[i];

		if (!is_unknown(p, m))
			continue;
		if (wb_strv_length(names) < MODULES_SHOWN)
			r = wb_strv_append(&names, m->name);
		else
			more++;
	}
	if (r >= 0 && more > 0)
		r = wb_strv_appendf(&names, "%zu more", more);
	if (r < 0 || !names)
		return r;
	list = wb_strv_join(names, ", ");
	if (!list)
		return -ENOMEM;
	return wb_findings_add(
		&p->plan->findings, WB_WARNING, "modules",
		"%s: not of this kernel's tree, without a device that could be looked at, "
		"and named by no hook, so that nobody here knows whether hardware is in "
		"use through it; --unload=MODULE takes one away before the jump, and "
		"Keep=MODULE in the configuration says that it may stay",
		list);
}

/* What has been seen to go wrong with a build from elsewhere. */
static const struct {
	const char *module;
	const char *trouble;
} troubles[] = {
	/* github.com/ROCm/gpu-operator, internal/utils.go: "6.2 unload + load back may
	 * cause system reboot". */
	{ "amdgpu", "that of ROCm 6.2 has restarted machines when it was removed and "
		    "loaded again, so that a failure may not be undone but end in an "
		    "ordinary reboot" },
};

static int check_troubles(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(troubles); i++) {
		const struct wb_module *m =
			wb_module_find(p->facts->modules, p->facts->n_modules,
				       troubles[i].module);

		if (m && m->out_of_tree && wb_removals_find(&p->removals, m->name))
			r = wb_findings_add(&p->plan->findings, WB_WARNING, m->name,
					    "it is not of this kernel's tree, and %s; "
					    "--keep=%s leaves it to its own shutdown",
					    troubles[i].trouble, m->name);
	}
	return r;
}

int wb_planner_check_foreign(struct wb_planner *p)
{
	int r = check_unknown(p);

	return r < 0 ? r : check_troubles(p);
}
