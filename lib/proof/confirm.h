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
/* That record as it is. 1, 0 where there is no such word, or negative errno. */
_must_check_ int wb_confirm_read_own(struct wb_sys *sys, struct wb_record **ret);
/*
 * The same where somebody else began the restart, and the drivers were put to rest for it
 * (run/foreign.h). Its record is found by a mark beside it, which is gone then. 1 and the
 * record, of which the end says what is known: WB_END_CONFIRMED; or WB_END_HANDED_OVER
 * still, with a sentence in its failure where the machine came through its firmware, and
 * with none where this kernel does not say how it was started.
 */
_must_check_ int wb_confirm_foreign(struct wb_sys *sys, struct wb_record **ret);
/* The record of that id, which may be anything: 1, or negative errno, -EINVAL where it is
 * none. */
_must_check_ int wb_confirm_read(struct wb_sys *sys, const char *id,
				 struct wb_record **ret);
/* Write down which boot this is, and the record to disk. */
_must_check_ int wb_confirm_note_boot(struct wb_sys *sys, struct wb_record *record);
/* Note the times of the boot, as far as systemd knows them by now. */
_must_check_ int wb_confirm_times(struct wb_sys *sys, struct wb_record *record);
/* Keep the newest @keep records, remove the others. */
_must_check_ int wb_confirm_prune(struct wb_sys *sys, size_t keep);
