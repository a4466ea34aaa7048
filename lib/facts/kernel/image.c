/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/image-part.h"
#include "facts/kernel/piece-file.h"
#include "facts/kernel/piece.h"

/* uname(2): 64 bytes and what packagers put into it. */
#define VERSION_MAX 64
#define VERSION_CHARACTERS                                                               \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~-"

/* A kernel with an EFI stub is a PE as well: those come first. */
static const struct wb_image_format *const formats[] = {
	&wb_image_bzimage, &wb_image_arm64, &wb_image_riscv64, &wb_image_zboot,
	&wb_image_gzip,    &wb_image_efi,   &wb_image_elf,
};

int wb_image_parse(const struct wb_image_job *job, const struct wb_image_view *view)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i]->level >= view->level && formats[i]->is(view))
			return formats[i]->read(job, view);
	return wb_set_format(&job->image->problem, "it is not a kernel");
}

int wb_image_for(const struct wb_image_job *job, const char *machine)
{
	if (!job->machine || strcmp(job->machine, machine) == 0)
		return 0;
	return wb_set_format(&job->image->problem,
			     "it is a kernel for %s, and this machine is %s", machine,
			     job->machine);
}

int wb_image_set_linux(const struct wb_image_job *job, const struct wb_image_view *view)
{
	struct wb_piece *linux_piece = &job->image->linux;

	if (view->level == WB_IMAGE_PROGRAM)
		return 0;
	*linux_piece = (struct wb_piece){ strdup(job->path), view->offset, view->size,
					  view->compressed };
	return linux_piece->path ? 0 : -ENOMEM;
}

/* --- bytes ------------------------------------------------------------------------ */

ssize_t wb_image_pread(int fd, void *data, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)data + done, size - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int stream_plain(struct wb_source *source, wb_unpack_sink sink, void *userdata)
{
	int r = 0;

	while (r == 0) {
		r = wb_source_fill(source, 1);
		if (r < 0 || source->size == 0)
			return r;
		r = sink(userdata, source->data, source->size);
		wb_source_take(source, source->size);
	}
	return r < 0 ? r : 0;
}

int wb_image_stream(const struct wb_image_view *view, wb_unpack_sink sink, void *userdata,
		    const char **ret_why)
{
	struct wb_source source = wb_source_of(view->fd, view->offset, view->size);
	int r;

	*ret_why = NULL;
	r = view->compressed ? wb_unpack(&source, sink, userdata, ret_why)
			     : stream_plain(&source, sink, userdata);
	wb_source_done(&source);
	return r;
}

/* --- the file --------------------------------------------------------------------- */

static int read_fd(const struct wb_image_job *job, int fd)
{
	_cleanup_free_ unsigned char *head = malloc(WB_IMAGE_HEAD);
	struct wb_image_view view = { .fd = fd, .head = head };
	struct stat st;
	ssize_t n;

	if (!head)
		return -ENOMEM;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return wb_set_format(&job->image->problem, "it is empty");
	n = wb_image_pread(fd, head, WB_IMAGE_HEAD, 0);
	if (n < 0)
		return (int)n;
	view.size = (uint64_t)st.st_size;
	view.head_size = (size_t)n;
	return wb_image_parse(job, &view);
}

static int read_image(const struct wb_image_job *job)
{
	_cleanup_close_ int fd = wb_root_open_file(job->root, job->path);

	if (fd == -EINVAL)
		return wb_set_format(&job->image->problem, "it is not a regular file");
	return fd < 0 ? fd : read_fd(job, fd);
}

/* Paths are made of it, and it is printed: whatever an image claims, it has to look like
 * the release of a kernel. */
static int check_version(struct wb_image *image)
{
	size_t n = image->version ? strspn(image->version, VERSION_CHARACTERS) : 0;

	if (!image->version ||
	    (n > 0 && n <= VERSION_MAX && !image->version[n] && *image->version != '.'))
		return 0;
	free(TAKE_PTR(image->version));
	return image->problem ? 0
			      : wb_set_format(&image->problem,
					      "it does not say which version it is");
}

int wb_image_read(const struct wb_root *root, const char *path, const char *machine,
		  unsigned int profile, struct wb_image *ret)
{
	struct wb_image image = { 0 };
	const struct wb_image_job job = { root, path, machine, profile, &image };
	int r = read_image(&job);

	if (r >= 0)
		r = check_version(&image);
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

int wb_image_check(const struct wb_root *root, struct wb_image *image)
{
	const char *why = NULL;
	int r;

	if (image->problem || !image->linux.compressed)
		return 0;
	r = wb_piece_check(root, &image->linux, &why);
	if (r == -ENOMEM || r >= 0)
		return r;
	return wb_set_format(&image->problem, "it cannot be unpacked: %s",
			     why ? why : strerror(-r));
}

void wb_image_done(struct wb_image *image)
{
	free(image->version);
	free(image->problem);
	free(image->linux.path);
	wb_pieces_free(image->initrd, image->n_initrd);
	free(image->cmdline);
	free(image->title);
	wb_strv_free(image->lost);
	*image = (struct wb_image){ 0 };
}
