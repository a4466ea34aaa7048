/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One step, or one group of them, and what is written down of it on the way. */

#include "run/run.h"
#include "run/step.h"

/* The table entry of a kind. */
const struct wb_step_ops *wb_step_ops_of(enum wb_step_kind kind);

/* Do step @i here and now; what became of it is in its result. */
void wb_perform(struct wb_run *run, size_t i);
/* Undo step @i here and now, the same. */
void wb_undo(struct wb_run *run, size_t i);
/*
 * Do @n neighbours from @first on at the same time, each in a process of its own, and
 * wait for all of them, or until they have to be given up; what became of each is in its
 * result. A signal goes to all.
 */
void wb_perform_apart(struct wb_run *run, size_t first, size_t n);
/* Undo step @i in the same way. */
void wb_undo_apart(struct wb_run *run, size_t i);

/* Run the steps before the hand-over and that, until the end or the first failure that
 * counts; its index, or n_steps. */
size_t wb_run_steps(struct wb_run *run);
/* Where the run stands, in /run, for whoever looks or has to finish the undo; and the
 * same on disk, for the next boot, which is given a limit. A failure is a warning, and
 * what wb_run_note() returns. */
int wb_run_note(struct wb_run *run);
void wb_run_save(struct wb_run *run);
/* From inside of such a process, and not of one that undoes: let the run note the result.
 * It has when this returns 0; -EIO where it could not. */
_must_check_ int wb_group_note(const struct wb_part *part,
			       const struct wb_result *result);
