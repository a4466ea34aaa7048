/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/piece-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sys/unpack/unpack.h"

/* More than any kernel has, and less than what a few bytes can be made to claim. */
#define UNPACKED_MAX ((uint64_t)512 << 20)

struct output {
	int fd; /* -1: nowhere */
	uint64_t done;
	uint64_t max;
};

static int write_output(void *userdata, const void *data, size_t size)
{
	struct output *output = userdata;
	const char *p = data;

	if (size > output->max - output->done)
		return -EFBIG;
	output->done += size;
	while (output->fd >= 0 && size > 0) {
		ssize_t n = write(output->fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static int copy_plain(struct wb_source *source, uint64_t size, struct output *output)
{
	int r = 0;

	while (r >= 0 && source->taken < size) {
		r = wb_source_fill(source, 1);
		if (r >= 0 && source->size == 0)
			return -ENODATA;
		if (r >= 0)
			r = write_output(output, source->data, source->size);
		wb_source_take(source, source->size);
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

static int unpack(int fd, const struct wb_piece *piece, uint64_t size, int fd_out,
		  const char **ret_why)
{
	struct output output = { .fd = fd_out, .max = UNPACKED_MAX };
	struct wb_source source = wb_source_of(fd, piece->offset, size);
	int r = wb_unpack(&source, write_output, &output, ret_why);

	wb_source_done(&source);
	return r;
}

int wb_piece_write(const struct wb_root *root, const struct wb_piece *piece, int fd_out,
		   const char **ret_why)
{
	struct output output = { .fd = fd_out, .max = UINT64_MAX };
	uint64_t size;
	_cleanup_close_ int fd = open_piece(root, piece, &size);
	struct wb_source source;
	int r;

	*ret_why = NULL;
	if (fd < 0)
		return fd;
	if (piece->compressed)
		return unpack(fd, piece, size, fd_out, ret_why);
	source = wb_source_of(fd, piece->offset, size);
	r = copy_plain(&source, size, &output);
	wb_source_done(&source);
	return r;
}

int wb_piece_check(const struct wb_root *root, const struct wb_piece *piece,
		   const char **ret_why)
{
	uint64_t size;
	_cleanup_close_ int fd = open_piece(root, piece, &size);

	*ret_why = NULL;
	if (fd < 0 || !piece->compressed)
		return fd < 0 ? fd : 0;
	return unpack(fd, piece, size, /* fd_out= */ -1, ret_why);
}
