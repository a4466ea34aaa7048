/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Making the plan happen. Nothing is decided here: the steps go in order, a failure
 * before the hand-over is undone in reverse, and every step leaves its result.
 */

#include "run/record.h"
#include "sys/sys.h"

struct wb_run {
	struct wb_sys *sys;
	struct wb_record *record;
};

/* Run all steps of the phases prepare, quiesce and commit. How it ended is also in the
 * record, which is on disk then. */
enum wb_end wb_run(struct wb_run *run);
/* Run the steps of a phase after the hand-over, all of them: there is no way back. 0, or
 * the first error. */
int wb_run_later_phase(struct wb_run *run, enum wb_phase phase);
