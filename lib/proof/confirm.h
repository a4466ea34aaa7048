/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The next boot: did the machine come back, in which kernel, and when? */

#include "run/record.h"
#include "sys/sys.h"

/*
 * Find the record of the warm boot that led here by warmboot.id= in /proc/cmdline and
 * note in it, on disk, that it has arrived. 1 and the record; 0 where this boot was no
 * warm boot, or is confirmed already; negative errno, -ENOENT where the record is lost.
 */
_must_check_ int wb_confirm_arrival(struct wb_sys *sys, struct wb_record **ret);
/* Note the times of the boot, as far as systemd knows them by now. */
_must_check_ int wb_confirm_times(struct wb_sys *sys, struct wb_record *record);
/* Keep the newest @keep records, remove the others. */
_must_check_ int wb_confirm_prune(struct wb_sys *sys, size_t keep);
