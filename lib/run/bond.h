/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A device and the driver that has it, in /sys/bus. Whatever a driver may take its time
 * for is written in a process that can be left behind. */

#include "run/run.h"

/* "pci 0000:00:03.0" in its two parts, which are the caller's; -EINVAL for what could
 * lead out of /sys/bus. */
_must_check_ int wb_bond_parse(const char *text, char **ret_bus, char **ret_id);
/* The driver that has the device. The caller's; -ENODEV where the device is not there,
 * -ENOENT where it has none. */
_must_check_ int wb_bond_driver(struct wb_run *run, const char *bus, const char *id,
				char **ret);
/* Let the driver go; -EBUSY where the kernel did not, -ETIMEDOUT, and then @ret_stuck as
 * that of the sys's write. */
_must_check_ int wb_bond_break(struct wb_run *run, const char *bus, const char *id,
			       uint64_t timeout_usec, pid_t *ret_stuck);
/* Give the device to @driver, from whoever has it now, and make sure of it. Errors as
 * above; waits for a device or a driver that is on its way until a moment after
 * run->put_back_usec, which it keeps. */
_must_check_ int wb_bond_tie(struct wb_run *run, const char *bus, const char *id,
			     const char *driver, uint64_t timeout_usec, pid_t *ret_stuck);
/* "sys/bus/BUS/devices/ID/ATTRIBUTE"; the caller's. */
char *wb_bond_path(const char *bus, const char *id, const char *attribute);
