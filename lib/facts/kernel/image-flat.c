/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Image of arm64 and riscv64, which is to stand in memory as it is in the file:
 * Documentation/arch/arm64/booting.rst and
 * Documentation/arch/riscv/boot-image-header.rst.
 */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/image-part.h"
#include "facts/kernel/pe.h"

#define MAGIC       56
#define HEADER_SIZE 64

/* The header has no version: it is looked for in this much, text and read-only data of
 * any kernel. */
#define SEARCH_MAX (64 << 20)

/* --- the version ------------------------------------------------------------------ */

/* The banner that goes first into the log (init/version-timestamp.c). */
static const char banner[] = "Linux version ";
#define BANNER_SIZE (sizeof(banner) - 1)

struct search {
	size_t matched;   /* characters of the banner */
	char version[65]; /* __NEW_UTS_LEN and a NUL */
	size_t size;
	size_t done;
	bool found;
};

/* Of the first characters of the banner, none comes again in it. */
static void step(struct search *s, char c)
{
	if (s->matched < BANNER_SIZE) {
		s->matched = c == banner[s->matched] ? s->matched + 1 : c == banner[0];
		s->size = 0;
		return;
	}
	s->found = c == ' ' && s->size > 0;
	s->version[s->size] = '\0';
	/* The words stand in other texts, too: a version begins with a digit. */
	if (c <= ' ' || c > '~' || s->size + 1 == sizeof(s->version) ||
	    (s->size == 0 && (c < '0' || c > '9')))
		s->matched = c == banner[0];
	else
		s->version[s->size++] = c;
}

static int search_block(void *userdata, const void *data, size_t size)
{
	const char *p = data, *end = p + size;
	struct search *s = userdata;

	while (p < end && !s->found) {
		if (s->matched == 0)
			p = memchr(p, banner[0], (size_t)(end - p));
		if (!p)
			break;
		step(s, *p++);
	}
	s->done += size;
	return s->found || s->done >= SEARCH_MAX;
}

static int read_version(const struct wb_image_view *view, struct wb_image *image)
{
	const char *why = NULL;
	struct search s = { 0 };
	int r;

	if (image->version) /* the image around it has said so, for less */
		return 0;
	r = wb_image_stream(view, search_block, &s, &why);
	if (r == -EBADMSG)
		return wb_set_format(&image->problem, "it cannot be unpacked: %s", why);
	if (r < 0)
		return r;
	if (!s.found)
		return wb_set_format(&image->problem,
				     "it does not say which version it is");
	return wb_set_format(&image->version, "%s", s.version);
}

/* --- the header ------------------------------------------------------------------- */

static bool has_magic(const struct wb_image_view *view, const char *magic)
{
	return view->head_size >= HEADER_SIZE &&
	       memcmp(view->head + MAGIC, magic, 4) == 0;
}

/* Its own size counts memory; but the EFI stub's headers say what is in the file. */
static int check_size(const struct wb_image_view *view, struct wb_image *image)
{
	_cleanup_(wb_pe_done) struct wb_pe pe = { 0 };
	int r;

	if (view->compressed || !wb_pe_is(view->head, view->head_size))
		return 0;
	r = wb_pe_parse(view->head, view->head_size, view->size, &pe, &image->problem);
	return r == -EBADMSG ? 0 : r;
}

static int read_flat(const struct wb_image_job *job, const struct wb_image_view *view,
		     const char *machine, unsigned int cmdline_max)
{
	struct wb_image *image = job->image;
	int r = wb_image_for(job, machine);

	if (r >= 0 && !image->problem)
		r = check_size(view, image);
	if (r >= 0 && !image->problem)
		r = read_version(view, image);
	if (r < 0 || image->problem)
		return r;
	image->cmdline_max = cmdline_max;
	return wb_image_set_linux(job, view);
}

/* --- the machines: COMMAND_LINE_SIZE is in their asm/setup.h ---------------------- */

static bool is_arm64(const struct wb_image_view *view)
{
	return has_magic(view, "ARM\x64");
}

static int read_arm64(const struct wb_image_job *job, const struct wb_image_view *view)
{
	return read_flat(job, view, "aarch64", 2048 - 1);
}

static bool is_riscv64(const struct wb_image_view *view)
{
	return has_magic(view, "RSC\x05");
}

static int read_riscv64(const struct wb_image_job *job, const struct wb_image_view *view)
{
	return read_flat(job, view, "riscv64", 1024 - 1);
}

const struct wb_image_format wb_image_arm64 = { WB_IMAGE_KERNEL, is_arm64, read_arm64 };
const struct wb_image_format wb_image_riscv64 = { WB_IMAGE_KERNEL, is_riscv64,
						  read_riscv64 };
