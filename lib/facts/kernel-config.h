/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* With what a kernel was built: where distributions put its configuration. */

#include "sys/root.h"

/* That of the kernel @release (NULL: none is asked for); the running one may bring its
 * own in /proc. NULL in @ret where none is found. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_kernel_config_read(const struct wb_root *root, const char *release,
				       bool running, char **ret);
/* Is there a line "OPTION=y", or "# OPTION is not set"? */
bool wb_kernel_config_has(const char *config, const char *option);
bool wb_kernel_config_lacks(const char *config, const char *option);
