/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/conf-files.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* Lowest rank first. */
static const char *const tops[] = {
	"/usr/lib",
	"/usr/local/lib",
	"/run",
	"/etc",
};

static bool is_leftover(const char *name)
{
	static const char *const suffixes[] = {
		"~",          ".bak",      ".swp",      ".rpmnew",
		".rpmsave",   ".rpmorig",  ".dpkg-new", ".dpkg-old",
		".dpkg-dist", ".dpkg-tmp", ".pacnew",   ".pacsave",
	};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (wb_endswith(name, suffixes[i]))
			return true;
	return *name == '.';
}

/* Is there anything of that name? A link to nowhere counts; one to /dev/null masks. */
static bool decides(const struct wb_root *root, const char *path, bool *ret_masked)
{
	_cleanup_free_ char *target = NULL;

	*ret_masked = false;
	if (wb_root_readlink(root, path, &target) < 0)
		return wb_root_exists(root, path);
	*ret_masked = strcmp(target, "/dev/null") == 0;
	return true;
}

int wb_conf_file(const struct wb_root *root, const char *name, char **ret)
{
	*ret = NULL;
	for (size_t i = ARRAY_SIZE(tops); i-- > 0;) {
		_cleanup_free_ char *path = wb_format("%s/%s", tops[i], name);
		bool masked;

		if (!path)
			return -ENOMEM;
		if (!decides(root, path, &masked))
			continue;
		*ret = masked ? NULL : TAKE_PTR(path);
		return 0;
	}
	return 0;
}

static int list_names(const struct wb_root *root, const char *folder, const char *suffix,
		      char ***ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(tops); i++) {
		_cleanup_free_ char *path = wb_format("%s/%s", tops[i], folder);
		_cleanup_strv_ char **names = NULL;

		if (!path)
			return -ENOMEM;
		if (wb_root_list(root, path, &names) < 0)
			continue;
		for (char **name = names; r >= 0 && name && *name; name++)
			if (wb_endswith(*name, suffix) && !is_leftover(*name))
				r = wb_strv_add(ret, *name);
	}
	wb_strv_sort(*ret);
	return r;
}

int wb_conf_files(const struct wb_root *root, const char *folder, const char *suffix,
		  char ***ret)
{
	_cleanup_strv_ char **names = NULL, **paths = NULL;
	int r = list_names(root, folder, suffix, &names);

	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *part = wb_format("%s/%s", folder, *name);
		_cleanup_free_ char *path = NULL;

		r = part ? wb_conf_file(root, part, &path) : -ENOMEM;
		if (r >= 0 && path)
			r = wb_strv_append(&paths, path);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(paths);
	return 0;
}
