/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/stamp-file.h"

#include <errno.h>
#include <string.h>

#include "facts/kernel/stamp.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

/* Without the time of its inode: a new link or other rights do not change what is in it.
 */
static int look(const struct wb_root *root, const char *path, struct wb_stamp *ret)
{
	struct stat st;
	int r = wb_root_stat(root, path, &st);

	if (r < 0)
		return r;
	*ret = (struct wb_stamp){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime_nsec = (uint64_t)st.st_mtim.tv_sec * NSEC_PER_SEC +
			      (uint64_t)st.st_mtim.tv_nsec,
	};
	return 0;
}

static bool has(const struct wb_stamp *items, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(items[i].path, path) == 0)
			return true;
	return false;
}

int wb_stamps_look(const struct wb_root *root, const char *path, struct wb_stamp **items,
		   size_t *n)
{
	struct wb_stamp stamp;

	if (has(*items, *n, path) || look(root, path, &stamp) < 0)
		return 0;
	stamp.path = (char *)(uintptr_t)path; /* it is copied */
	return wb_stamps_add(items, n, &stamp);
}

int wb_stamp_compare(const struct wb_root *root, const struct wb_stamp *stamp)
{
	struct wb_stamp now;
	int r = look(root, stamp->path, &now);

	if (r < 0)
		return r;
	return now.device != stamp->device || now.inode != stamp->inode ||
	       now.size != stamp->size || now.mtime_nsec != stamp->mtime_nsec;
}
