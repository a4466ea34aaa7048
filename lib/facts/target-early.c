/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"
#include "facts/module.h"
#include "facts/target-part.h"

static int add_asked_for(const struct wb_facts *facts, char ***ret)
{
	int r = 0;

	for (size_t i = 0; i < facts->n_hooks; i++)
		for (char **name = facts->hooks[i].early; r >= 0 && name && *name; name++)
			r = wb_strv_add(ret, *name);
	return r;
}

int wb_target_find_early(const struct wb_root *root, const struct wb_facts *facts,
			 const struct wb_target_spec *spec, struct wb_target *target)
{
	_cleanup_strv_ char **names = NULL, **files = NULL;
	struct wb_target_early *early = &target->early;
	int r = add_asked_for(facts, &names);

	if (r < 0 || !names || !spec->kernel->version)
		return r;
	r = wb_module_index_search(root, spec->kernel->version, names, &files,
				   &early->modules, &early->known);
	early->known = early->known && !target->initramfs.problem;
	for (char **name = names; r >= 0 && *name; name++)
		if (wb_initramfs_has_module(&target->initramfs, *name))
			r = wb_strv_add(&early->modules, *name);
	return r;
}
