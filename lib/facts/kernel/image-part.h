/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files that know one format each share. */

#include "facts/kernel/image.h"
#include "sys/unpack/unpack.h"

/* The version string of a bzImage is in its setup part, which has at most 64 sectors. */
#define WB_IMAGE_HEAD (65 * 512)

/* What may hold what: a format is looked for inside those of lower levels. */
enum wb_image_level {
	WB_IMAGE_PROGRAM, /* of EFI, with a kernel as a section */
	WB_IMAGE_WRAPPER, /* what unpacks to a kernel */
	WB_IMAGE_KERNEL,
};

/* Bytes that may be a kernel: a file, a part of it, or what comes out of such a part. */
struct wb_image_view {
	int fd;
	uint64_t offset;
	uint64_t size;
	bool compressed; /* @head is unpacked, @size is not */
	enum wb_image_level level;
	unsigned char *head; /* the beginning; the caller's */
	size_t head_size;
};

struct wb_image_job {
	const struct wb_root *root;
	const char *path;
	const char *machine;
	unsigned int profile;
	struct wb_image *image;
};

struct wb_image_format {
	enum wb_image_level level;
	bool (*is)(const struct wb_image_view *view);
	/* Fill the image, or its problem. */
	int (*read)(const struct wb_image_job *job, const struct wb_image_view *view);
};

extern const struct wb_image_format wb_image_bzimage;
extern const struct wb_image_format wb_image_arm64;
extern const struct wb_image_format wb_image_riscv64;
extern const struct wb_image_format wb_image_zboot;
extern const struct wb_image_format wb_image_gzip;
extern const struct wb_image_format wb_image_efi;
extern const struct wb_image_format wb_image_elf;

/* Read what is at @view by the format that knows it. */
_must_check_ int wb_image_parse(const struct wb_image_job *job,
				const struct wb_image_view *view);
/* Set the problem where it is for another machine than the job's. */
_must_check_ int wb_image_for(const struct wb_image_job *job, const char *machine);
/* @view is what kexec is to be given. */
_must_check_ int wb_image_set_linux(const struct wb_image_job *job,
				    const struct wb_image_view *view);
/* Read up to @size bytes at @offset of @fd; how many there were, or negative errno. */
_must_check_ ssize_t wb_image_pread(int fd, void *data, size_t size, uint64_t offset);
/* The bytes of @view, unpacked: as wb_unpack(). */
_must_check_ int wb_image_stream(const struct wb_image_view *view, wb_unpack_sink sink,
				 void *userdata, const char **ret_why);
