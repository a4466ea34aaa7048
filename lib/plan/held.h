/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which devices a process holds, as far as anybody can tell. Pure. */

#include "facts/facts.h"

/* Does it hold a node of the device, of the device's module, or one that a hook names for
 * that? Of drivers that show no nodes of single devices, it holds all of them. */
bool wb_device_is_held(const struct wb_facts *facts, const struct wb_device *device,
		       const struct wb_holder *holder);
