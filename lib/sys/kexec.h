/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The ways out of a jump that must not happen. */

#include <stdint.h>

#include "base/macro.h"

/* Take the loaded image, whichever system call loaded it, out of memory; also where
 * there is none. 0 or negative errno: -EPERM under kernel.kexec_load_disabled. */
_must_check_ int wb_kexec_unload(void);
/*
 * Restart through the firmware without asking drivers, as SysRq-B does: a driver that
 * hangs holds the lock of its device, and an ordinary reboot(2) waits for that lock for
 * ever. With 0 at once, which returns only an error; else from a process of its own when
 * @delay_usec have passed and nothing else has restarted the machine by then.
 */
_must_check_ int wb_force_restart(uint64_t delay_usec);
