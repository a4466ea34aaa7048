/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/piece-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sys/archive.h"

static int write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

static int copy_plain(int fd, uint64_t offset, uint64_t left, int fd_out)
{
	_cleanup_free_ char *block = malloc(1 << 16);
	int r = block ? 0 : -ENOMEM;

	while (r >= 0 && left > 0) {
		ssize_t n = pread(fd, block, left < 1 << 16 ? (size_t)left : 1 << 16,
				  (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		offset += (uint64_t)n;
		left -= (uint64_t)n;
		r = write_all(fd_out, block, (size_t)n);
	}
	return r;
}

/* The file of @piece, and how many bytes of it are meant. */
static int open_piece(const struct wb_root *root, const struct wb_piece *piece,
		      uint64_t *ret_size)
{
	_cleanup_close_ int fd = wb_root_open_file(root, piece->path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (piece->offset > (uint64_t)st.st_size ||
	    piece->size > (uint64_t)st.st_size - piece->offset)
		return -ENODATA;
	*ret_size = piece->size ? piece->size : (uint64_t)st.st_size - piece->offset;
	return TAKE_FD(fd);
}

int wb_piece_write(const struct wb_root *root, const struct wb_piece *piece, int fd_out,
		   char **ret_why)
{
	uint64_t size;
	_cleanup_close_ int fd = open_piece(root, piece, &size);

	*ret_why = NULL;
	if (fd < 0)
		return fd;
	if (piece->compressed)
		return wb_archive_unpack(fd, piece->offset, size, fd_out, ret_why);
	return copy_plain(fd, piece->offset, size, fd_out);
}

static int count(void *userdata, const void *data, size_t size)
{
	uint64_t *done = userdata;

	(void)data;
	*done += size;
	return *done > WB_ARCHIVE_MAX ? -EFBIG : 0;
}

int wb_piece_check(const struct wb_root *root, const struct wb_piece *piece,
		   char **ret_why)
{
	uint64_t size, done = 0;
	_cleanup_close_ int fd = open_piece(root, piece, &size);

	*ret_why = NULL;
	if (fd < 0 || !piece->compressed)
		return fd < 0 ? fd : 0;
	return wb_archive_read(fd, piece->offset, size, count, &done, ret_why);
}
