/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Kernels that are compressed as a whole: through gzip, and EFI programs that unpack
 * themselves (drivers/firmware/efi/libstub/zboot-header.S). */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/bytes.h"
#include "facts/kernel/image-part.h"
#include "facts/kernel/pe.h"

/* --- what is inside --------------------------------------------------------------- */

static int fill_head(void *userdata, const void *data, size_t size)
{
	struct wb_image_view *inner = userdata;
	size_t left = WB_IMAGE_HEAD - inner->head_size;

	size = size < left ? size : left;
	memcpy(inner->head + inner->head_size, data, size);
	inner->head_size += size;
	return inner->head_size == WB_IMAGE_HEAD;
}

static int read_inside(const struct wb_image_job *job, const struct wb_image_view *outer,
		       uint64_t offset, uint64_t size)
{
	_cleanup_free_ unsigned char *head = malloc(WB_IMAGE_HEAD);
	const char *why = NULL;
	struct wb_image_view inner = { outer->fd, outer->offset + offset, size,
				       true,      WB_IMAGE_KERNEL,        head,
				       0 };
	int r;

	if (!head)
		return -ENOMEM;
	r = wb_image_stream(&inner, fill_head, &inner, &why);
	if (r == -EBADMSG)
		return wb_set_format(&job->image->problem, "it cannot be unpacked: %s",
				     why);
	return r < 0 ? r : wb_image_parse(job, &inner);
}

/* --- gzip ------------------------------------------------------------------------- */

static bool is_gzip(const struct wb_image_view *view)
{
	return view->head_size >= 3 && memcmp(view->head, "\x1f\x8b\x08", 3) == 0;
}

static int read_gzip(const struct wb_image_job *job, const struct wb_image_view *view)
{
	struct wb_image *image = job->image;
	int r = read_inside(job, view, 0, view->size);

	if (r < 0 || !image->problem)
		return r;
	return wb_set_format(&image->problem, "it is compressed with gzip: %s",
			     image->problem);
}

/* --- EFI zboot -------------------------------------------------------------------- */

#define ZBOOT_MAGIC   4
#define PAYLOAD       8
#define PAYLOAD_SIZE  12
#define COMPRESSION   24
#define COMPRESSION_N 32
#define ZBOOT_SIZE    64

static bool is_zboot(const struct wb_image_view *view)
{
	return view->head_size >= ZBOOT_SIZE && memcmp(view->head, "MZ", 2) == 0 &&
	       memcmp(view->head + ZBOOT_MAGIC, "zimg", 4) == 0;
}

/* Which way it is, its first bytes say; here only which are none of the known. */
static int check_compression(const unsigned char *head, struct wb_image *image)
{
	static const char *const known[] = { "gzip", "bzip2",  "lzma",   "xz", "lz4",
					     "zstd", "xzkern", "zstd22", "lzo" };
	char name[COMPRESSION_N + 1] = { 0 };

	memcpy(name, head + COMPRESSION, COMPRESSION_N);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(name, known[i]) == 0)
			return 0;
	return wb_set_format(&image->problem,
			     "it is compressed with '%s', which cannot be unpacked here",
			     wb_make_printable(name));
}

/* The program around it: for which machine, and is it all there? */
static int check_program(const struct wb_image_job *job, const struct wb_image_view *view)
{
	_cleanup_(wb_pe_done) struct wb_pe pe = { 0 };
	int r = wb_pe_parse(view->head, view->head_size, view->size, &pe,
			    &job->image->problem);

	return r >= 0 ? wb_image_for(job, wb_pe_machine(&pe)) : r == -EBADMSG ? 0 : r;
}

static int read_zboot(const struct wb_image_job *job, const struct wb_image_view *view)
{
	struct wb_image *image = job->image;
	uint32_t offset = wb_get32(view->head + PAYLOAD);
	uint32_t size = wb_get32(view->head + PAYLOAD_SIZE);
	int r = check_program(job, view);

	if (r >= 0 && !image->problem)
		r = check_compression(view->head, image);
	if (r < 0 || image->problem)
		return r;
	if (offset < ZBOOT_SIZE || size == 0 || (uint64_t)offset + size > view->size)
		return wb_set_format(&image->problem,
				     "it is cut short or damaged: the compressed kernel "
				     "in it is %u bytes at byte %u, of %ju",
				     size, offset, (uintmax_t)view->size);
	return read_inside(job, view, offset, size);
}

const struct wb_image_format wb_image_gzip = { WB_IMAGE_WRAPPER, is_gzip, read_gzip };
const struct wb_image_format wb_image_zboot = { WB_IMAGE_WRAPPER, is_zboot, read_zboot };
