/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

/*
 * What the kernel unpacks (CONFIG_RD_*) and the library does itself. Never "all": among
 * those are filters that run programs from $PATH.
 */
static int support_filters(struct archive *a)
{
	static int (*const filters[])(struct archive * a) = {
		archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
		archive_read_support_filter_lzma, archive_read_support_filter_xz,
		archive_read_support_filter_lz4,  archive_read_support_filter_zstd,
	};
	int r = ARCHIVE_OK;

	/* A warning is a filter that would run a program. */
	for (size_t i = 0; r == ARCHIVE_OK && i < ARRAY_SIZE(filters); i++)
		r = filters[i](a);
	return r == ARCHIVE_WARN ? ARCHIVE_FATAL : r;
}

static int walk(struct archive *a, int fd, size_t *ret_entries)
{
	struct archive_entry *entry;
	int r;

	r = support_filters(a);
	if (r == ARCHIVE_OK)
		r = archive_read_support_format_cpio(a);
	if (r == ARCHIVE_OK)
		r = archive_read_open_fd(a, fd, 1 << 16);
	while (r == ARCHIVE_OK) {
		r = archive_read_next_header(a, &entry);
		if (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
			(*ret_entries)++;
			/* The kernel knows no other cpio. */
			if (archive_format(a) != ARCHIVE_FORMAT_CPIO_SVR4_NOCRC &&
			    archive_format(a) != ARCHIVE_FORMAT_CPIO_SVR4_CRC) {
				archive_set_error(a, EINVAL, "it is no newc archive");
				return ARCHIVE_FATAL;
			}
			r = archive_read_data_skip(a);
		}
	}
	return r;
}

int wb_archive_walk(int fd, off_t offset, char **ret_why)
{
	struct archive *a;
	size_t entries = 0;
	int r;

	if (lseek(fd, offset, SEEK_SET) < 0)
		return -errno;
	a = archive_read_new();
	if (!a)
		return -ENOMEM;
	r = walk(a, fd, &entries);
	if (r != ARCHIVE_EOF) {
		const char *why = archive_error_string(a);

		*ret_why = strdup(why ? why : "it cannot be read");
	}
	archive_read_free(a);
	if (r != ARCHIVE_EOF)
		return *ret_why ? -EBADMSG : -ENOMEM;
	return entries > 0 ? 0 : -ENOENT;
}
