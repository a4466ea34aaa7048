/* SPDX-License-Identifier: GPL-2.0-or-later */

/* /usr/lib/modules/VERSION/vmlinuz, where Fedora and Arch put a copy. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/kernel.h"

#define SOURCE "modules"
#define FOLDER "/usr/lib/modules"

/* The copy of an image that stands in /boot, where its initramfs is, adds nothing. */
static bool has_version(const struct wb_kernels *list, const char *version)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].version &&
		    strcmp(list->items[i].version, version) == 0)
			return true;
	return false;
}

static int read_modules(const struct wb_root *root, struct wb_kernels *list)
{
	_cleanup_strv_ char **versions = NULL;
	int r = wb_root_list(root, FOLDER, &versions);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **version = versions; version && *version; version++) {
		_cleanup_free_ char *path = wb_format(FOLDER "/%s/vmlinuz", *version);

		if (!path)
			return -ENOMEM;
		if (has_version(list, *version) || !wb_root_exists(root, path))
			continue;
		r = wb_kernels_add(root, list, SOURCE, path);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct wb_kernel_reader wb_kernel_reader_modules = { SOURCE, read_modules };
