/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/dtb.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* Devicetree Specification 0.4, 5.2: ten numbers of 32 bits, big endian. */
#define HEADER_SIZE 40
#define MAGIC       0xd00dfeed

/* Documentation/arch/arm64/booting.rst, 2; kexec-tools refuses more as well. */
#define SIZE_MAX_BYTES ((uint32_t)2 << 20)

static int check_header(const uint32_t *header, size_t n, off_t size, char **ret_problem)
{
	uint32_t total = be32toh(header[1]);

	if (size == 0)
		return wb_set_format(ret_problem, "it is empty");
	if (n < sizeof(header[0]) || be32toh(header[0]) != MAGIC)
		return wb_set_format(ret_problem, "it is no device tree");
	if (n < HEADER_SIZE || (off_t)total > size)
		return wb_set_format(ret_problem, "it is cut short");
	if (total < HEADER_SIZE)
		return wb_set_format(ret_problem, "its header is damaged");
	if (total > SIZE_MAX_BYTES)
		return wb_set_format(ret_problem,
				     "it has %u bytes, and a kernel takes 2 MiB", total);
	return 0;
}

static int check_file(const struct wb_root *root, const char *path, char **ret_problem)
{
	uint32_t header[HEADER_SIZE / sizeof(uint32_t)] = { 0 };
	_cleanup_close_ int fd = wb_root_open_file(root, path);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, header, sizeof(header), 0);
	if (n < 0 || fstat(fd, &st) < 0)
		return -errno;
	return check_header(header, (size_t)n, st.st_size, ret_problem);
}

int wb_dtb_check(const struct wb_root *root, const char *path, char **ret_problem,
		 bool *ret_unreadable)
{
	int r;

	*ret_problem = NULL;
	r = check_file(root, path, ret_problem);
	*ret_unreadable = r == -EACCES;
	if (r == -EINVAL)
		return wb_set_format(ret_problem, "it is not a regular file");
	if (r < 0 && r != -ENOMEM)
		r = wb_set_format(ret_problem, "it cannot be read: %s", strerror(-r));
	return r;
}
