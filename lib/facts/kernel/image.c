/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"

/* Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header" */
#define SETUP_SECTS    0x1f1
#define SYSSIZE        0x1f4
#define BOOT_FLAG      0x1fe
#define HEADER_MAGIC   0x202
#define VERSION        0x206
#define KERNEL_VERSION 0x20e
#define XLOADFLAGS     0x236
#define CMDLINE_SIZE   0x238
#define HEADER_END     0x268

#define XLF_KERNEL_64 0x1

/* The version string is in the setup part, which has at most 64 sectors. */
#define READ_SIZE (65 * 512)

static uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* The machines of ELF and PE that one meets; the names are those of uname(1). */
static const struct machine {
	uint16_t elf, pe;
	const char *name;
} machines[] = {
	{ 62, 0x8664, "x86_64" },   { 3, 0x014c, "i386" },
	{ 183, 0xaa64, "aarch64" }, { 40, 0x01c4, "arm" },
	{ 243, 0x5064, "riscv64" }, { 258, 0x6264, "loongarch64" },
	{ 21, 0, "ppc64" },         { 22, 0, "s390x" },
};

static const char *machine_name(uint16_t number, bool pe)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if ((pe ? machines[i].pe : machines[i].elf) == number)
			return machines[i].name;
	return "another architecture";
}

/* What a file is that is no bzImage; NULL where nobody can tell. */
static char *describe_foreign(const unsigned char *data, size_t size)
{
	size_t pe; /* as wide as what is added to it */

	if (size >= 64 && memcmp(data + 56, "ARM\x64", 4) == 0)
		return wb_format(
			"it is a kernel for aarch64, and this machine is x86_64");
	if (size >= 64 && memcmp(data, "\177ELF", 4) == 0)
		return wb_format("it is an ELF file for %s and not a bzImage",
				 machine_name(get16(data + 18), false));
	if (size >= 64 && memcmp(data, "MZ", 2) == 0) {
		pe = get32(data + 0x3c);
		if (pe + 6 <= size && memcmp(data + pe, "PE\0\0", 4) == 0)
			return wb_format("it is an EFI program for %s without the header "
					 "of a bzImage",
					 machine_name(get16(data + pe + 4), true));
	}
	if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		return wb_format("it is compressed with gzip and not a bzImage");
	return NULL;
}

static int read_version(const unsigned char *data, size_t size, struct wb_image *image)
{
	size_t offset = (size_t)get16(data + KERNEL_VERSION) + 0x200;
	const char *text = (const char *)data + offset;

	if (offset == 0x200 || offset >= size || *text == '\0' || *text == ' ' ||
	    !memchr(text, '\0', size - offset))
		return wb_set_format(&image->problem,
				     "its header does not say which version it is");
	image->version = strndup(text, strcspn(text, " "));
	return image->version ? 0 : -ENOMEM;
}

/* @file_size is that of the whole file, @size what was read of it. */
static int parse(const unsigned char *data, size_t size, uint64_t file_size,
		 struct wb_image *image)
{
	unsigned int sectors;
	uint64_t needed;

	if (size < HEADER_END || get16(data + BOOT_FLAG) != 0xaa55 ||
	    memcmp(data + HEADER_MAGIC, "HdrS", 4) != 0) {
		image->problem = describe_foreign(data, size);
		return image->problem
			       ? 0
			       : wb_set_format(&image->problem, "it is not a kernel");
	}
	/* 2.12 (kernel 3.8) is the first that tells 64 from 32 bits. */
	if (get16(data + VERSION) < 0x020c)
		return wb_set_format(&image->problem,
				     "its boot protocol is older than 2.12");
	sectors = data[SETUP_SECTS] ? data[SETUP_SECTS] : 4;
	needed = (sectors + 1) * 512 + (uint64_t)get32(data + SYSSIZE) * 16;
	if (file_size < needed)
		return wb_set_format(&image->problem, "it is cut short: %ju bytes of %ju",
				     (uintmax_t)file_size, (uintmax_t)needed);
	if (!(get16(data + XLOADFLAGS) & XLF_KERNEL_64))
		return wb_set_format(
			&image->problem,
			"it is a kernel for i386, and this machine is x86_64");
	image->cmdline_max = get32(data + CMDLINE_SIZE);
	return read_version(data, size, image);
}

static ssize_t read_start(int fd, unsigned char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, data + done, size - done);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int read_image(const struct wb_root *root, const char *path,
		      struct wb_image *image)
{
	_cleanup_close_ int fd = wb_root_open_file(root, path);
	_cleanup_free_ unsigned char *data = malloc(READ_SIZE);
	struct stat st;
	ssize_t n;

	if (!data)
		return -ENOMEM;
	if (fd == -EINVAL)
		return wb_set_format(&image->problem, "it is not a regular file");
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return wb_set_format(&image->problem, "it is empty");
	n = read_start(fd, data, READ_SIZE);
	if (n < 0)
		return (int)n;
	return parse(data, (size_t)n, (uint64_t)st.st_size, image);
}

int wb_image_read(const struct wb_root *root, const char *path, struct wb_image *ret)
{
	struct wb_image image = { 0 };
	int r = read_image(root, path, &image);

	if (r < 0 && r != -ENOMEM) {
		image.unreadable = r == -EACCES;
		r = wb_set_format(&image.problem, "it cannot be read: %s", strerror(-r));
	}
	if (r < 0) {
		wb_image_done(&image);
		return r;
	}
	*ret = image;
	return 0;
}

void wb_image_done(struct wb_image *image)
{
	free(image->version);
	free(image->problem);
	*image = (struct wb_image){ 0 };
}
