/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Apart from console.c, which the late helper has, too: what unpacks a configuration is
 * not to go into its initramfs. */

#include "facts/console.h"
#include "facts/kernel-config.h"

int wb_console_binding_read(const struct wb_root *root, const char *release,
			    bool *ret_fixed)
{
	_cleanup_free_ char *config = NULL;
	int r = wb_kernel_config_read(root, release, /* running= */ true, &config);

	*ret_fixed =
		config && wb_kernel_config_lacks(config, "CONFIG_VT_HW_CONSOLE_BINDING");
	return r;
}
