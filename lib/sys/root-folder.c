/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "sys/root.h"

int wb_root_make_private_folder(const struct wb_root *root, const char *path)
{
	_cleanup_free_ char *part = strdup(path + strspn(path, "/"));
	_cleanup_close_ int fd = -1;
	int r = 0;

	if (!part)
		return -ENOMEM;
	for (char *slash = strchr(part, '/'); r >= 0 && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = wb_root_make_folder(root, part);
		*slash = '/';
	}
	if (r >= 0)
		r = wb_root_make_folder(root, part);
	if (r < 0)
		return r;
	fd = wb_root_openat(root, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	/* It may have been there already, or the mask of modes been odd. */
	return fchmod(fd, 0700) < 0 ? -errno : 0;
}
