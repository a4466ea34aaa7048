/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/trust.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

static int check_rights(const struct wb_root *root, const struct stat *st,
			const char *what, char **ret_problem)
{
	if (st->st_uid != root->owner && st->st_uid != 0)
		return wb_set_format(
			ret_problem,
			"%s is owned by user %u and not by root; chown root it", what,
			(unsigned int)st->st_uid);
	if (st->st_mode & 022)
		return wb_set_format(ret_problem,
				     "others than root may write to %s; chmod go-w it",
				     what);
	return 0;
}

/* The folder of @path, where a file can be put in the place of another. */
static int check_folder(const struct wb_root *root, const char *path, char **ret_problem)
{
	_cleanup_free_ char *folder = strndup(path, (size_t)(wb_basename(path) - path));
	struct stat st;
	int r = folder ? wb_root_stat(root, folder, &st) : -ENOMEM;

	return r < 0 ? r : check_rights(root, &st, "its folder", ret_problem);
}

/* A link may lead to a folder of somebody else's; a relative one stays where it is. */
static int check_link(const struct wb_root *root, const char *path, char **ret_problem)
{
	_cleanup_free_ char *target = NULL;
	int r = wb_root_readlink(root, path, &target);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (*target == '/')
		return check_folder(root, target, ret_problem);
	return strchr(target, '/')
		       ? wb_set_format(ret_problem, "it is a link out of its folder")
		       : 0;
}

int wb_trust_check(const struct wb_root *root, const char *path, char **ret_problem)
{
	struct stat st;
	int r = wb_root_stat(root, path, &st);

	*ret_problem = NULL;
	if (r < 0)
		return r;
	if (!S_ISREG(st.st_mode))
		return wb_set_format(ret_problem, "it is not a regular file");
	r = check_rights(root, &st, "it", ret_problem);
	if (r >= 0 && !*ret_problem)
		r = check_folder(root, path, ret_problem);
	if (r >= 0 && !*ret_problem)
		r = check_link(root, path, ret_problem);
	return r;
}
