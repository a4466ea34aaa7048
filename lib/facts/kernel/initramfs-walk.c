/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/initramfs.h"
#include "facts/kernel/newc.h"
#include "sys/unpack/unpack.h"

#define RELEASES_MAX 64
/* A file of zeros may claim any size, and each would be looked at. */
#define FILE_MAX ((uint64_t)16 << 30)

struct walk {
	struct wb_initramfs *io;
	const char *release;
	size_t n_space; /* of io->modules */
	struct wb_source source;
	struct wb_newc newc;
};

#define MODULES_MAX 65536

/* --- what is in it ---------------------------------------------------------------- */

/* "nvme.ko.zst" into "nvme"; false where it is no module. In place. */
static bool cut_module_name(char *name)
{
	char *dot = strstr(name, ".ko");

	if (!dot || (dot[3] != '\0' && dot[3] != '.'))
		return false;
	*dot = '\0';
	wb_module_name(name);
	return true;
}

/* Thousands: no time to count them anew for each. */
static int add_module(struct walk *w, const char *file)
{
	struct wb_initramfs *io = w->io;
	_cleanup_free_ char *name = strdup(file);
	char **grown;

	if (!name)
		return -ENOMEM;
	/* No kernel has so many: only a hostile archive does. */
	if (!cut_module_name(name) || io->n_modules >= MODULES_MAX)
		return 0;
	if (io->n_modules == w->n_space) {
		w->n_space = 2 * w->n_space + 64;
		grown = reallocarray(io->modules, w->n_space, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		io->modules = grown;
	}
	io->modules[io->n_modules++] = TAKE_PTR(name);
	return 0;
}

/* @rest: "6.1.0/kernel/drivers/nvme/host/nvme.ko" */
static int note_module(struct walk *w, const char *rest)
{
	size_t n = strcspn(rest, "/");
	_cleanup_free_ char *release = strndup(rest, n);
	int r = 0;

	if (!release)
		return -ENOMEM;
	if (n == 0 || rest[n] == '\0')
		return 0;
	/* It may come up in a sentence. */
	if (wb_strv_length(w->io->releases) < RELEASES_MAX)
		r = wb_strv_add(&w->io->releases, wb_make_printable(release));
	if (r < 0 || !w->release || strcmp(release, w->release) != 0)
		return r;
	return add_module(w, wb_basename(rest));
}

static const char *after(const char *name, const char *prefix)
{
	const char *rest = wb_startswith(name, prefix);

	return rest ? rest : name;
}

/* Called for each entry, whatever the archive it is in. */
static int note_entry(void *userdata, const char *name)
{
	struct walk *w = userdata;
	const char *rest = after(after(name, "./"), "/");

	w->io->n_files++;
	/* find_cpio_data() of the kernel looks for it in what is not compressed, and
	 * stops at the first part that is. */
	if (w->io->packed && wb_startswith(rest, "kernel/x86/microcode/"))
		w->io->late_microcode = true;
	rest = wb_startswith(after(rest, "usr/"), "lib/modules/");
	return rest ? note_module(w, rest) : 0;
}

/* --- its parts -------------------------------------------------------------------- */

static int complain(struct walk *w, const char *why)
{
	int r = wb_set_format(&w->io->problem,
			      "it is cut short, damaged or no initramfs, at byte %ju: %s",
			      (uintmax_t)w->source.taken, why);

	return r < 0 ? r : -EBADMSG;
}

/* All of it, up to what is none. */
static int feed_plain(struct walk *w)
{
	for (;;) {
		size_t size, used;
		int r = wb_source_fill(&w->source, 1);

		size = w->source.size;
		if (r < 0 || size == 0)
			return r;
		r = wb_newc_feed(&w->newc, w->source.data, size, note_entry, w, &used);
		wb_source_take(&w->source, used);
		if (r < 0 || used < size)
			return r;
	}
}

/* A part that is not compressed. */
static int walk_plain(struct walk *w)
{
	int r;

	w->newc = (struct wb_newc){ .offset = w->source.taken };
	r = feed_plain(w);
	if (r == -EBADMSG)
		return complain(w, "a header in its archive is none");
	if (r < 0)
		return r;
	if (!wb_newc_is_whole(&w->newc))
		return complain(w, "its archive has no end");
	if (w->source.size > 0 && w->source.taken % 4 != 0)
		return complain(w,
				"what follows an archive must begin at a multiple of 4");
	return 0;
}

static int feed_unpacked(void *userdata, const void *data, size_t size)
{
	struct walk *w = userdata;
	size_t used;
	int r = wb_newc_feed(&w->newc, data, size, note_entry, w, &used);

	return r >= 0 && used < size ? -EBADMSG : r;
}

static int walk_packed(struct walk *w)
{
	const char *why = NULL;
	int r;

	w->io->packed = true;
	w->newc = (struct wb_newc){ 0 };
	r = wb_unpack(&w->source, feed_unpacked, w, &why);
	if (r == -EBADMSG)
		return complain(w, why ? why : "a header in its archive is none");
	if (r < 0)
		return r;
	return wb_newc_is_whole(&w->newc) ? 0 : complain(w, "its archive has no end");
}

static int walk_part(struct walk *w)
{
	int r = wb_source_fill(&w->source, 4);

	if (r < 0)
		return r;
	/* lz4 -9 without -l, a classic mistake: the kernel only knows the old format. */
	if (w->source.size >= 4 && memcmp(w->source.data, "\x04\x22\x4d\x18", 4) == 0)
		return complain(
			w, "the kernel cannot unpack its lz4 data, which must be made "
			   "with lz4 -l");
	if (*w->source.data == '0' && w->source.taken % 4 == 0)
		return walk_plain(w);
	return walk_packed(w);
}

/* Up to the next part; false in @ret: there is none. */
static int skip_zeros(struct walk *w, bool *ret)
{
	for (;;) {
		size_t n = 0;
		int r = wb_source_fill(&w->source, 1);

		*ret = w->source.size > 0;
		if (r < 0 || !*ret)
			return r;
		while (n < w->source.size && w->source.data[n] == '\0')
			n++;
		wb_source_take(&w->source, n);
		if (w->source.size > 0)
			return 0;
	}
}

static int walk_parts(struct walk *w)
{
	bool more;
	int r = skip_zeros(w, &more);

	if (r >= 0 && !more)
		return wb_set_format(&w->io->problem, "it holds no archive");
	while (r >= 0 && more) {
		r = walk_part(w);
		if (r >= 0)
			r = skip_zeros(w, &more);
	}
	/* That is said already. */
	return r == -EBADMSG ? 0 : r;
}

/* --- the file --------------------------------------------------------------------- */

static int walk_fd(struct walk *w, int fd, const struct wb_piece *piece,
		   uint64_t file_size)
{
	uint64_t size = piece->size;
	int r;

	if (file_size == 0)
		return wb_set_format(&w->io->problem, "it is empty");
	if (file_size > FILE_MAX)
		return wb_set_format(&w->io->problem, "it is larger than 16 GiB");
	if (piece->offset >= file_size || size > file_size - piece->offset)
		return wb_set_format(&w->io->problem,
				     "the file that it is a part of is cut short");
	if (size == 0)
		size = file_size - piece->offset;
	w->source = wb_source_of(fd, piece->offset, size);
	r = walk_parts(w);
	wb_source_done(&w->source);
	return r;
}

static int walk_file(struct walk *w, const struct wb_root *root,
		     const struct wb_piece *piece)
{
	_cleanup_close_ int fd = wb_root_open_file(root, piece->path);
	struct stat st;

	if (fd == -EINVAL || fd == -EISDIR)
		return wb_set_format(&w->io->problem, "it is not a regular file");
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return walk_fd(w, fd, piece, (uint64_t)st.st_size);
}

int wb_initramfs_walk(const struct wb_root *root, const struct wb_piece *piece,
		      const char *release, struct wb_initramfs *io)
{
	_cleanup_free_ struct walk *w = calloc(1, sizeof(*w));
	int r;

	if (io->problem)
		return 0;
	if (!w)
		return -ENOMEM;
	w->io = io;
	w->release = release;
	w->n_space = io->n_modules;
	r = walk_file(w, root, piece);
	if (r < 0 && r != -ENOMEM) {
		io->unreadable = r == -EACCES;
		r = wb_set_format(&io->problem, "it cannot be read: %s", strerror(-r));
	}
	if (r >= 0 && io->problem)
		r = wb_set_format(&io->problem_path, "%s", piece->path);
	return r;
}

bool wb_initramfs_has_module(const struct wb_initramfs *initramfs, const char *name)
{
	for (size_t i = 0; i < initramfs->n_modules; i++)
		if (strcmp(initramfs->modules[i], name) == 0)
			return true;
	return false;
}

void wb_initramfs_done(struct wb_initramfs *initramfs)
{
	for (size_t i = 0; i < initramfs->n_modules; i++)
		free(initramfs->modules[i]);
	free(initramfs->modules);
	wb_strv_free(initramfs->releases);
	free(initramfs->problem);
	free(initramfs->problem_path);
	*initramfs = (struct wb_initramfs){ 0 };
}
