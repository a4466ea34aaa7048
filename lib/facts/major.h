/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Device numbers by the names under which drivers registered them: /proc/devices. */

#include "sys/node.h"

/* Call @found for each whole major with its name, until it fails. What it returned, or
 * -ENOMEM; a list that cannot be read is an empty one. */
_must_check_ int wb_majors_read(const struct wb_root *root,
				int (*found)(const struct wb_node *major,
					     const char *name, void *userdata),
				void *userdata);
