/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that a script asks for: which file system GRUB would look at. */

#include <errno.h>
#include <string.h>

#include "facts/grub/exec.h"

/* "$prefix/custom.cfg": variables of GRUB's own for the folder of the script. */
static bool is_beside(const struct wb_grub_arg *arg)
{
	return arg->n_unknown == 1 && (strcmp(arg->unknown, "prefix") == 0 ||
				       strcmp(arg->unknown, "config_directory") == 0);
}

int wb_grub_look(const struct wb_grub_exec *x, const struct wb_grub_arg *arg, char **ret)
{
	const char *uuid = wb_grub_env_get(&x->env, WB_GRUB_FS_UUID);
	const char *root = wb_grub_env_get(&x->env, "root");

	*ret = NULL;
	if (!x->input->look || *arg->text != '/')
		return -ENODATA;
	if (is_beside(arg))
		return x->input->look(x->input->userdata, NULL, arg->text, ret);
	/* A device that no search has found may be any. */
	if (arg->n_unknown > 0 || !uuid || (!*uuid && root))
		return -ENODATA;
	return x->input->look(x->input->userdata, uuid, arg->text, ret);
}
