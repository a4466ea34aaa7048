/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/deployment.h"

#include <errno.h>

#include "base/text.h"
#include "facts/cmdline.h"

/* The name is a path on the root file system. From inside of a deployment that one is
 * seen at /sysroot; where no deployment runs, it is the root itself. */
static const char *const places[] = { "/sysroot", "" };

/* One that may not be looked at is taken for one that is there. */
static bool is_folder(const struct wb_root *root, const char *path)
{
	struct stat st;
	int r = wb_root_stat(root, path, &st);

	return r == -EACCES || (r >= 0 && S_ISDIR(st.st_mode));
}

int wb_deployment_find(const struct wb_root *root, const char *options, char **ret_named,
		       char **ret)
{
	_cleanup_free_ char *named = wb_cmdline_get(options, "ostree");

	*ret = *ret_named = NULL;
	/* "aboot" is a word of Android's boot loader, and no path. */
	if (!named || *named != '/')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *path = wb_format("%s%s", places[i], named);

		if (!path)
			return -ENOMEM;
		if (!is_folder(root, path))
			continue;
		*ret = TAKE_PTR(path);
		break;
	}
	*ret_named = TAKE_PTR(named);
	return 0;
}
