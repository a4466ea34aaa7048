/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is known of drivers, whatever hooks say. Pure. */

#include <stddef.h>

#include "facts/verdict.h"

enum wb_driver_flags {
	WB_DRIVER_NO_UNBIND = 1 << 0,   /* its remove waits for users, or breaks things */
	WB_DRIVER_SOUND_FIRST = 1 << 1, /* audio functions hold it, and show nowhere */
	WB_DRIVER_LOADED = 1 << 2,      /* a module that counts without a device */
	WB_DRIVER_NO_MASTER = 1 << 3,   /* so is the hardware, whoever drives it */
};

struct wb_driver_row {
	const char *driver; /* as in /sys/bus/BUS/drivers, or the module's name */
	enum wb_verdict verdict;
	unsigned int flags;
	const char *because; /* a part of a sentence, with its source where it is no
				shutdown */
};

/* Sorted by driver. */
extern const struct wb_driver_row wb_driver_table[];
extern const size_t wb_driver_table_size;

/* By the driver, else by its module; either may be NULL. NULL: nothing is known. */
const struct wb_driver_row *wb_driver_find(const char *driver, const char *module);
