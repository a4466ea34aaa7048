/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * When this boot reached its initramfs and when it left it: /run/warmboot/initramfs,
 * written from inside by dracut's module. A line "KEY=VALUE" for each member.
 */

#include "run/record.h"

/* Microseconds; 0: not known. */
struct wb_arrival {
	uint64_t reached_boottime_usec; /* CLOCK_BOOTTIME: since the kernel's clock began
					 */
	uint64_t reached_realtime_usec; /* CLOCK_REALTIME, as the hardware's clock has it
					 */
	uint64_t left_boottime_usec;
	uint64_t left_realtime_usec;
};

/* -ENOENT where the initramfs left none; -EINVAL where it is damaged. */
_must_check_ int wb_arrival_read(const struct wb_root *root, struct wb_arrival *ret);
_must_check_ int wb_arrival_write(const struct wb_root *root,
				  const struct wb_arrival *stamp);
/* Note both times beside those that systemd knows. */
void wb_arrival_apply(const struct wb_arrival *stamp,
		      struct wb_confirmation *confirmation);
