/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How many there are of what the machine can take in and out of use. */

#include "sys/root.h"

/* CPUs that are present and not online. What cannot be read counts as nothing; 0 or
 * -ENOMEM. */
_must_check_ int wb_count_cpus_offline(const struct wb_root *root, unsigned int *ret);
/* SR-IOV functions that are enabled, of all PCI devices. 0 or -ENOMEM. */
_must_check_ int wb_count_virtual_functions(const struct wb_root *root,
					    unsigned int *ret);
