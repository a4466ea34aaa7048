/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>

#include "sys/spawn.h"

struct question {
	const struct wb_root *root;
	const char *path;
};

/* statfs(2) asks the server each time; stat(2) may be answered from memory. */
static int ask(const void *data)
{
	const struct question *q = data;
	_cleanup_close_ int fd = wb_root_openat(q->root, q->path, O_PATH);
	struct statfs st;

	if (fd >= 0)
		(void)fstatfs(fd, &st);
	return 0;
}

int wb_root_answers(const struct wb_root *root, const char *path, uint64_t timeout_usec)
{
	int r = wb_call_in_child(ask, &(struct question){ root, path }, timeout_usec,
				 /* ret_stuck= */ NULL);

	/* Where nobody can be asked, nothing is known to hang. */
	return r == -ETIMEDOUT ? r : 0;
}
