/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Making the plan happen. Nothing is decided here: the steps go in order, a failure
 * before the hand-over is undone in reverse, and every step leaves its result.
 */

#include "run/record.h"
#include "sys/sys.h"

/* Of a step that goes beside others: the way to the run that it belongs to. */
struct wb_part {
	int fd;
};

struct wb_run {
	struct wb_sys *sys;
	struct wb_record *record;
	const struct wb_part *part; /* NULL: this is the run itself */
	bool unsaved;               /* the disk of the records does not answer */
	/* CLOCK_BOOTTIME, when a driver or a device was last put back: others may still
	 * come after it. */
	uint64_t put_back_usec;
	/* How much longer than its limits the process of a step may take; 0: the usual.
	 */
	uint64_t margin_usec;
};

/* Run all steps of the phases prepare, quiesce and commit. How it ended is also in the
 * record, which is on disk then. */
enum wb_end wb_run(struct wb_run *run);
/* Undo a run that was killed on its way, as far as its record says that it came, or what
 * an undo left behind. 0 where there is nothing left to undo, -EIO where not all could
 * be; the record says so, too, and what is lost. */
int wb_run_restore(struct wb_run *run);
/* The record of such a run; NULL in @ret where there is none. For who has no lock it may
 * also be one that goes on. */
_must_check_ int wb_run_find_unfinished(const struct wb_root *root,
					struct wb_record **ret);
/* Run the steps of a phase after the hand-over, all of them: there is no way back. 0, or
 * the first error. */
int wb_run_later_phase(struct wb_run *run, enum wb_phase phase);
