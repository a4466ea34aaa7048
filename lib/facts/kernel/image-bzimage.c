/* SPDX-License-Identifier: GPL-2.0-or-later */

/* bzImage of x86: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/bytes.h"
#include "facts/kernel/image-part.h"

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

static bool is_bzimage(const struct wb_image_view *view)
{
	return !view->compressed && view->head_size >= HEADER_END &&
	       wb_get16(view->head + BOOT_FLAG) == 0xaa55 &&
	       memcmp(view->head + HEADER_MAGIC, "HdrS", 4) == 0;
}

/* In place of what the image around it says: this is the kernel's own word. */
static int read_version(const struct wb_image_view *view, struct wb_image *image)
{
	size_t offset = (size_t)wb_get16(view->head + KERNEL_VERSION) + 0x200;
	const char *text = (const char *)view->head + offset;

	if (offset == 0x200 || offset >= view->head_size || *text == '\0' ||
	    *text == ' ' || !memchr(text, '\0', view->head_size - offset))
		return image->version
			       ? 0
			       : wb_set_format(
					 &image->problem,
					 "its header does not say which version it is");
	return wb_set_format(&image->version, "%.*s", (int)strcspn(text, " "), text);
}

static int read_bzimage(const struct wb_image_job *job, const struct wb_image_view *view)
{
	struct wb_image *image = job->image;
	const unsigned char *head = view->head;
	unsigned int sectors;
	uint64_t needed;
	int r;

	/* 2.12 (kernel 3.8) is the first that tells 64 from 32 bits. */
	if (wb_get16(head + VERSION) < 0x020c)
		return wb_set_format(&image->problem,
				     "its boot protocol is older than 2.12");
	sectors = head[SETUP_SECTS] ? head[SETUP_SECTS] : 4;
	needed = (sectors + 1) * 512 + (uint64_t)wb_get32(head + SYSSIZE) * 16;
	if (view->size < needed)
		return wb_set_format(&image->problem, "it is cut short: %ju bytes of %ju",
				     (uintmax_t)view->size, (uintmax_t)needed);
	r = wb_image_for(job,
			 wb_get16(head + XLOADFLAGS) & XLF_KERNEL_64 ? "x86_64" : "i386");
	if (r < 0 || image->problem)
		return r;
	image->cmdline_max = wb_get32(head + CMDLINE_SIZE);
	r = read_version(view, image);
	return r < 0 || image->problem ? r : wb_image_set_linux(job, view);
}

const struct wb_image_format wb_image_bzimage = { WB_IMAGE_KERNEL, is_bzimage,
						  read_bzimage };
