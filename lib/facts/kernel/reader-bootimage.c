/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * BOOT_IMAGE= in /proc/cmdline: the path by which GRUB found the running kernel, on the
 * partition that it calls root. Here that may be mounted anywhere.
 */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/kernel/image.h"
#include "facts/kernel/kernel.h"

#define SOURCE "BOOT_IMAGE"

/* Is it the kernel that runs? Another distribution may have a file of this name. */
static int is_running(const struct wb_root *root, const struct wb_state *state,
		      const char *path, bool *ret)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	int r = wb_image_read(root, path, state->machine, /* profile= */ 0, &image);

	if (r < 0)
		return r;
	/* No such file is no candidate, whatever its name. */
	*ret = wb_root_exists(root, path) &&
	       wb_kernel_is_running(state, path, image.version);
	return 0;
}

/* As it is; with /boot before it, where that is a partition of its own; and by name. */
static char *candidate(int i, const char *path)
{
	switch (i) {
	case 0:
		return strdup(path);
	case 1:
		return wb_format("/boot%s", path);
	case 2:
		return wb_format("/boot/%s", wb_basename(path));
	default:
		return NULL;
	}
}

/* The path behind the name of GRUB's partition: "(hd0,msdos2)/vmlinuz-..."; or NULL. */
static const char *path_of(const char *value)
{
	const char *path = value && *value == '(' ? strchr(value, ')') : value;

	path = path && *path == ')' ? path + 1 : path;
	return path && *path == '/' ? path : NULL;
}

int wb_bootimage_find(const struct wb_root *root, const struct wb_state *state,
		      char **ret)
{
	_cleanup_free_ char *value = NULL;
	const char *path;

	*ret = NULL;
	value = wb_cmdline_get(state->cmdline ? state->cmdline : "", "BOOT_IMAGE");
	path = path_of(value);
	for (int i = 0; path && i < 3; i++) {
		_cleanup_free_ char *file = candidate(i, path);
		bool running = false;
		int r = file ? is_running(root, state, file, &running) : -ENOMEM;

		if (r < 0)
			return r;
		if (!running)
			continue;
		*ret = TAKE_PTR(file);
		return 0;
	}
	return 0;
}

static int read_bootimage(const struct wb_root *root, struct wb_kernels *list)
{
	_cleanup_free_ char *file = NULL;
	int r = wb_bootimage_find(root, list->state, &file);

	return r < 0 || !file ? r : wb_kernels_add(root, list, SOURCE, file);
}

const struct wb_kernel_reader wb_kernel_reader_bootimage = { SOURCE, read_bootimage };
