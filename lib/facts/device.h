/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Devices on the buses that warmboot looks at, with driver, module and device nodes. */

#include "facts/facts.h"

_must_check_ int wb_devices_read(const struct wb_root *root, struct wb_device **ret,
				 size_t *ret_n);
void wb_devices_free(struct wb_device *devices, size_t n);
/* Is it reached through the other one alone, as a disk through its controller? */
bool wb_device_is_inside(const struct wb_device *inner, const struct wb_device *outer);
/* Append to a list of nodes, each once; 0 or -ENOMEM. */
_must_check_ int wb_nodes_add(struct wb_node **nodes, size_t *n,
			      const struct wb_node *node);
