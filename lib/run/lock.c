/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/lock.h"

#include <errno.h>
#include <fcntl.h>

#include "base/text.h"
#include "facts/state.h"

int wb_lock_take(const struct wb_root *root, const char *owner)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;
	int r;

	fd = wb_root_make_folder(root, WB_RUN_FOLDER);
	if (fd < 0)
		return fd;
	fd = openat(root->fd, WB_LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	text = wb_format("%d\n%s\n", getpid(), owner);
	r = text ? wb_root_replace(root, WB_OWNER_PATH, text) : -ENOMEM;
	return r < 0 ? r : TAKE_FD(fd);
}
