/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#ifndef MFD_NOEXEC_SEAL /* glibc before 2.38 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int wb_memfd_new(void)
{
	static const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	/* vm.memfd_noexec=2 refuses all others; before 6.3 nobody knows the flag. */
	int fd = memfd_create("warmboot", flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("warmboot", flags);
	return fd < 0 ? -errno : fd;
}

int wb_memfd_pad(int fd, uint64_t least, uint64_t align)
{
	off_t end = lseek(fd, 0, SEEK_END);
	uint64_t size;

	if (end < 0)
		return -errno;
	size = ((uint64_t)end + least + align - 1) / align * align;
	if (ftruncate(fd, (off_t)size) < 0 || lseek(fd, 0, SEEK_END) < 0)
		return -errno;
	return 0;
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
