/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Facts about the system as a whole: the kernel's switches, PID 1, container, lock. */

#include "facts/facts.h"

/* Where the one who is at work keeps its lock, its plan and its record. */
#define WB_RUN_FOLDER "run/warmboot"
#define WB_LOCK_PATH  WB_RUN_FOLDER "/lock"
/* Who has the lock, for those who may not open it: the pid, a newline, the user. */
#define WB_OWNER_PATH WB_RUN_FOLDER "/owner"
/* What dracut's module leaves of the initramfs that this boot came through. */
#define WB_STAMP_PATH WB_RUN_FOLDER "/initramfs"
/* Where its run stands, as run/record.h writes it. */
#define WB_LIVE_PATH WB_RUN_FOLDER "/record.json"

_must_check_ int wb_state_read(const struct wb_root *root, struct wb_state *ret);
/* kernel's /sys/kernel/kexec_loaded: 1, 0, or -1 where it knows no kexec. */
int wb_state_kexec_loaded(const struct wb_root *root);
void wb_state_done(struct wb_state *state);
