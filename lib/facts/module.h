/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Modules: those that are loaded, with who uses whom, and those that could be. */

#include "facts/facts.h"

/* The graph in /proc/modules, in its order. */
_must_check_ int wb_modules_read(const struct wb_root *root, struct wb_module **ret,
				 size_t *ret_n);
/* Fill in their nodes; 0 or -ENOMEM. */
_must_check_ int wb_modules_find_nodes(const struct wb_root *root,
				       struct wb_module *modules, size_t n);
void wb_modules_free(struct wb_module *modules, size_t n);
/* NULL where it is not loaded. */
const struct wb_module *wb_module_find(const struct wb_module *modules, size_t n,
				       const char *name);

/* Which of @names the kernel @release has as files, and which are part of it, by
 * modules.dep, modules.builtin and /sys/module. */
_must_check_ int wb_module_index_read(const struct wb_root *root, const char *release,
				      char *const *names, char ***ret_known,
				      char ***ret_builtin);
/* The same of any kernel that is installed, by its two files alone; false in @ret_there
 * where they are not both there, so that nothing is known. */
_must_check_ int wb_module_index_search(const struct wb_root *root, const char *release,
					char *const *names, char ***ret_known,
					char ***ret_builtin, bool *ret_there);
/* Which of @names dkms built for the kernel @release, where its folder tells; on Fedora
 * and its like it has none of its own. */
_must_check_ int wb_module_index_dkms(const struct wb_root *root, const char *release,
				      char *const *names, char ***ret);
