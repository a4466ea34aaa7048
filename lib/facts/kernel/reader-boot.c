/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Plain images in /boot. */

#include <errno.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/kernel.h"

#define SOURCE "boot"

static int read_boot(const struct wb_root *root, struct wb_kernels *list)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "boot", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *path = NULL;

		if (!wb_startswith(*name, "vmlinuz-"))
			continue;
		path = wb_format("/boot/%s", *name);
		r = path ? wb_kernels_add(root, list, SOURCE, path) : -ENOMEM;
		if (r < 0)
			return r;
	}
	return 0;
}

const struct wb_kernel_reader wb_kernel_reader_boot = { SOURCE, read_boot };
