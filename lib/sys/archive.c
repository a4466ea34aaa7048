/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

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

struct source {
	int fd;
	uint64_t offset;
	uint64_t left;
	char buffer[1 << 16];
};

static la_ssize_t read_source(struct archive *a, void *userdata, const void **ret)
{
	struct source *source = userdata;
	size_t size = sizeof(source->buffer);
	ssize_t n;

	if (size > source->left)
		size = (size_t)source->left;
	do
		n = pread(source->fd, source->buffer, size, (off_t)source->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		archive_set_error(a, errno, "it cannot be read: %s", strerror(errno));
		return -1;
	}
	source->offset += (uint64_t)n;
	source->left -= (uint64_t)n;
	*ret = source->buffer;
	return n;
}

static int open_raw(struct archive *a, struct source *source)
{
	struct archive_entry *entry;
	int r = support_filters(a);

	if (r == ARCHIVE_OK)
		r = archive_read_support_format_raw(a);
	if (r == ARCHIVE_OK)
		r = archive_read_open(a, source, NULL, read_source, NULL);
	if (r == ARCHIVE_OK)
		r = archive_read_next_header(a, &entry);
	if (r != ARCHIVE_OK)
		return r;
	if (archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE)
		return ARCHIVE_OK;
	archive_set_error(a, EINVAL, "it is compressed in a way that is not known here");
	return ARCHIVE_FATAL;
}

/* The library's result; the sink's own is in @ret_sink. */
static int pump(struct archive *a, wb_archive_sink sink, void *userdata, int *ret_sink)
{
	const void *data;
	la_int64_t offset;
	size_t n;
	int r;

	*ret_sink = 0;
	do {
		r = archive_read_data_block(a, &data, &n, &offset);
		if (r == ARCHIVE_OK && n > 0)
			*ret_sink = sink(userdata, data, n);
	} while (r == ARCHIVE_OK && *ret_sink == 0);
	return r == ARCHIVE_EOF ? ARCHIVE_OK : r;
}

int wb_archive_read(int fd, uint64_t offset, uint64_t size, wb_archive_sink sink,
		    void *userdata, char **ret_why)
{
	_cleanup_free_ struct source *source = malloc(sizeof(*source));
	struct archive *a = archive_read_new();
	int r, result = 0;

	*ret_why = NULL;
	if (!source || !a) {
		archive_read_free(a);
		return -ENOMEM;
	}
	source->fd = fd;
	source->offset = offset;
	source->left = size;
	r = open_raw(a, source);
	if (r == ARCHIVE_OK)
		r = pump(a, sink, userdata, &result);
	if (r != ARCHIVE_OK) {
		const char *why = archive_error_string(a);

		*ret_why = strdup(why ? why : "nothing is in it");
		result = *ret_why ? -EBADMSG : -ENOMEM;
	}
	archive_read_free(a);
	return result < 0 ? result : 0;
}

struct output {
	int fd;
	uint64_t size;
};

static int write_output(void *userdata, const void *data, size_t size)
{
	struct output *output = userdata;
	const char *p = data;

	if (size > WB_ARCHIVE_MAX - output->size)
		return -EFBIG;
	output->size += size;
	while (size > 0) {
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

int wb_archive_unpack(int fd, uint64_t offset, uint64_t size, int fd_out, char **ret_why)
{
	struct output output = { fd_out, 0 };

	return wb_archive_read(fd, offset, size, write_output, &output, ret_why);
}
