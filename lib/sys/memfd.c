/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

/* What one sendfile(2) may move; it also stops short by itself. */
#define CHUNK_BYTES ((size_t)1 << 30)

int wb_memfd_new(void)
{
	int fd = memfd_create("warmboot", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? -errno : fd;
}

int wb_memfd_append(int fd, int in, uint64_t offset, uint64_t size)
{
	uint64_t left = size ? size : UINT64_MAX;
	off_t at = (off_t)offset;

	if (offset > INT64_MAX || lseek(fd, 0, SEEK_END) < 0)
		return -EINVAL;
	while (left > 0) {
		ssize_t n =
			sendfile(fd, in, &at, left < CHUNK_BYTES ? left : CHUNK_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return size ? -ENODATA : 0;
		left -= (uint64_t)n;
	}
	return 0;
}

int wb_memfd_pad(int fd, uint64_t least, uint64_t align)
{
	off_t end = lseek(fd, 0, SEEK_END);
	uint64_t size;

	if (end < 0)
		return -errno;
	size = ((uint64_t)end + least + align - 1) / align * align;
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int wb_memfd_finish(int *fd)
{
	static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	int reading;

	if (fcntl(*fd, F_ADD_SEALS, seals) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	reading = open(path, O_RDONLY | O_CLOEXEC);
	if (reading < 0)
		return -errno;
	close(*fd);
	*fd = reading;
	return 0;
}
