/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/input.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/piece-file.h"
#include "sys/memfd.h"

/*
 * The kernel looks for the next part of an initramfs at multiples of 4 and skips zeros
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Four of them also end an
 * lz4 part, whose format has no end of its own.
 */
#define PART_ALIGN 4
#define PART_ZEROS 4

/* Keep a reason that is there already: it says more than the number. */
static int explain(const struct wb_piece *p, int error, const char *reason, char **why)
{
	if (!reason)
		reason = error == -ENODATA ? "it is shorter than it was"
					   : strerror(-error);
	*why = wb_format("%s cannot be used: %s", p->path, reason);
	return error;
}

static int assemble(const struct wb_root *root, int fd, const struct wb_input *input,
		    char **why)
{
	for (size_t i = 0; i < input->n_pieces; i++) {
		const struct wb_piece *p = &input->pieces[i];
		const char *reason = NULL;
		int r = i > 0 ? wb_memfd_pad(fd, PART_ZEROS, PART_ALIGN) : 0;

		if (r >= 0)
			r = wb_piece_write(root, p, fd, &reason);
		if (r < 0)
			return explain(p, r, reason, why);
	}
	return 0;
}

int wb_input_open(const struct wb_root *root, const struct wb_input *input,
		  char **ret_why)
{
	_cleanup_close_ int fd = wb_memfd_new();
	int r = fd < 0 ? fd : 0;

	*ret_why = NULL;
	if (r >= 0)
		r = assemble(root, fd, input, ret_why);
	if (r >= 0)
		r = wb_memfd_finish(&fd);
	if (r < 0 && !*ret_why)
		*ret_why = strdup(strerror(-r));
	return r < 0 ? r : TAKE_FD(fd);
}
