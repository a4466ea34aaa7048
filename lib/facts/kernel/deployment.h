/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* ostree: several installations on one root file system, each with modules of its own
 * (https://ostreedev.github.io/ostree/deployment). */

#include "sys/root.h"

/*
 * The folder of the deployment that the command line @options boots, as "ostree=" names
 * it: in @ret, or NULL where there is none. @ret_named: that name; NULL where @options
 * boot no deployment. 0 or -ENOMEM; both are the caller's.
 */
_must_check_ int wb_deployment_find(const struct wb_root *root, const char *options,
				    char **ret_named, char **ret);
