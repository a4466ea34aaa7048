/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A restart through kexec that somebody else began: systemd has stopped the services and
 * unmounted the file systems, and starts an image that is none of ours. The drivers are
 * put to rest before that. There is no undo, because nobody is left for whom it would be:
 * what goes wrong ends in a reboot through the firmware.
 */

#include "run/run.h"

/* In it is the id of the last such run, for the boot that follows. */
#define WB_FOREIGN_MARK WB_RECORD_FOLDER "/quiesced"

/* Was it the run of @record, handed over, that began the restart which goes on now? It
 * may have been cancelled then. True also where that is not known. */
bool wb_foreign_is_own(struct wb_sys *sys, const struct wb_record *record);
/*
 * Before there is a plan, with a record of none: whatever becomes of this process from
 * here on, what it leaves in /run has the late helper unload the image. 0, or negative
 * errno, and then the image must go now: wb_foreign_drop().
 */
_must_check_ int wb_foreign_claim(struct wb_run *run);
/* Run the steps of prepare and quiesce; what remains is the late helper's. @record is
 * marked as foreign, and kept for the next boot where it still can be. How it ended is
 * WB_END_HANDED_OVER or WB_END_COLD, and is said. */
enum wb_end wb_foreign_run(struct wb_run *run);
/* Without any step: unload the image, so that nobody can load another one in this boot,
 * and say @why, a sentence. Where it cannot be unloaded the late helper does it, since
 * that may force a restart. */
void wb_foreign_give_up(struct wb_run *run, const char *why);
/* The same without a record, where there can be none. */
void wb_foreign_drop(struct wb_sys *sys, const char *why);
/* Where no image is loaded: nobody is to load one any more in this boot, for which no
 * driver would be put to rest. Where that cannot be had it is said. */
void wb_foreign_keep_unloaded(struct wb_sys *sys);
