/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Device trees, as a file for the next kernel. */

#include "sys/root.h"

/* Does the file begin with a device tree, and is all of it there? 0, with a sentence in
 * @ret_problem (the caller's) where it is not, and @ret_unreadable where only rights are
 * missing; -ENOMEM. */
_must_check_ int wb_dtb_check(const struct wb_root *root, const char *path,
			      char **ret_problem, bool *ret_unreadable);
