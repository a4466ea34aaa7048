/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/initramfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/text.h"
#include "sys/archive.h"

/* --- which ------------------------------------------------------------------------ */

/* Each: how the name is made; %s is the version, or the image's name after "vmlinuz-",
 * which on Arch is not one ("linux"). */
static const struct naming {
	const char *before, *after;
} namings[] = {
	{ "initrd.img-", "" },    /* Debian, Ubuntu */
	{ "initramfs-", ".img" }, /* Fedora, RHEL, Arch */
	{ "initrd-", "" },        /* SUSE */
	{ "initramfs-", "" },     /* Gentoo, Alpine */
	{ "initrd-", ".img" },    /* older Fedora */
};

static int try_name(const struct wb_root *root, const char *folder, size_t folder_size,
		    const struct naming *naming, const char *middle, char **ret)
{
	_cleanup_free_ char *path = NULL;

	path = wb_format("%.*s/%s%s%s", (int)folder_size, folder, naming->before, middle,
			 naming->after);
	if (!path)
		return -ENOMEM;
	if (wb_root_exists(root, path))
		*ret = TAKE_PTR(path);
	return 0;
}

static int find_in(const struct wb_root *root, const char *folder, size_t folder_size,
		   const char *middle, char **ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && !*ret && i < ARRAY_SIZE(namings); i++)
		r = try_name(root, folder, folder_size, &namings[i], middle, ret);
	return r;
}

int wb_initramfs_find(const struct wb_root *root, const char *linux, const char *version,
		      char **ret)
{
	const char *name = wb_basename(linux);
	const char *suffix = strchr(name, '-');
	size_t folder_size = (size_t)(name - linux);
	int r = 0;

	*ret = NULL;
	if (folder_size > 0)
		folder_size--; /* the slash */
	if (suffix)
		r = find_in(root, linux, folder_size, suffix + 1, ret);
	if (r >= 0 && !*ret && version)
		r = find_in(root, linux, folder_size, version, ret);
	if (r >= 0 && !*ret && version)
		r = find_in(root, "/boot", strlen("/boot"), version, ret);
	return r;
}

/* --- whole ------------------------------------------------------------------------ */

/* cpio(5), "New ASCII Format" */
#define NEWC_HEADER   110
#define NEWC_FILESIZE 54
#define NEWC_NAMESIZE 94

static const char lzop_magic[] = { '\x89', 'L', 'Z', 'O' };

static bool is_newc(const char *p, size_t left)
{
	return left >= NEWC_HEADER &&
	       (memcmp(p, "070701", 6) == 0 || memcmp(p, "070702", 6) == 0);
}

static bool newc_field(const char *header, size_t offset, size_t *ret)
{
	char digits[9] = { 0 };
	uint64_t value;

	memcpy(digits, header + offset, 8);
	if (wb_parse_u64(digits, 16, &value) < 0)
		return false;
	*ret = (size_t)value;
	return true;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/*
 * The size of the uncompressed archive that begins at @data, up to and with its
 * trailer; 0 where it is cut short or damaged.
 */
static size_t newc_size(const char *data, size_t size)
{
	size_t offset = 0, name_size, file_size;

	while (is_newc(data + offset, size - offset)) {
		const char *header = data + offset;

		if (!newc_field(header, NEWC_NAMESIZE, &name_size) ||
		    !newc_field(header, NEWC_FILESIZE, &file_size))
			return 0;
		offset += align4(NEWC_HEADER + name_size);
		if (offset > size)
			return 0;
		if (name_size == sizeof("TRAILER!!!") &&
		    memcmp(header + NEWC_HEADER, "TRAILER!!!", name_size) == 0)
			return offset;
		offset += align4(file_size);
		if (offset > size)
			return 0;
	}
	return 0;
}

/* Skip uncompressed archives and the zeros between them. */
static int check_mapped(int fd, const char *data, size_t size, char **ret_problem)
{
	_cleanup_free_ char *why = NULL;
	size_t offset = 0, part, n_parts = 0;
	int r;

	for (;; n_parts++) {
		while (offset < size && data[offset] == '\0')
			offset++;
		if (offset == size)
			return n_parts > 0 ? 0
					   : wb_set_format(ret_problem,
							   "it holds no archive");
		if (!is_newc(data + offset, size - offset))
			break;
		part = newc_size(data + offset, size - offset);
		if (part == 0)
			return wb_set_format(ret_problem,
					     "it is cut short or damaged after byte %zu",
					     offset);
		offset += part;
	}
	/* lzop: only a program could look inside, and the kernel can. */
	if (size - offset >= sizeof(lzop_magic) &&
	    memcmp(data + offset, lzop_magic, sizeof(lzop_magic)) == 0)
		return 0;
	r = wb_archive_walk(fd, (off_t)offset, &why);
	if (r == -EBADMSG)
		return wb_set_format(ret_problem,
				     "it is cut short, damaged or no initramfs: %s", why);
	return r == -ENOENT ? wb_set_format(ret_problem, "it holds no file") : r;
}

static int check_file(const struct wb_root *root, const char *path, char **ret_problem)
{
	_cleanup_close_ int fd = wb_root_open_file(root, path);
	struct stat st;
	void *data;
	int r;

	if (fd == -EINVAL || fd == -EISDIR)
		return wb_set_format(ret_problem, "it is not a regular file");
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return wb_set_format(ret_problem, "it is empty");
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	r = check_mapped(fd, data, (size_t)st.st_size, ret_problem);
	munmap(data, (size_t)st.st_size);
	return r;
}

int wb_initramfs_check(const struct wb_root *root, const char *path, char **ret_problem,
		       bool *ret_unreadable)
{
	int r;

	*ret_problem = NULL;
	r = check_file(root, path, ret_problem);
	*ret_unreadable = r == -EACCES;
	if (r < 0 && r != -ENOMEM)
		r = wb_set_format(ret_problem, "it cannot be read: %s", strerror(-r));
	return r;
}
