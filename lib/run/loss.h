/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What an undo cannot bring back, because only those who began it can do that: a session,
 * a container, a unit that was made for once, a process. Each step keeps its own in
 * result->lost.
 */

#include "run/run.h"

/* Is @unit the scope of a container or a guest, which ends with whoever runs it? Others,
 * of sessions and of systemd-run, end by themselves at any time. */
bool wb_losses_is_work(const char *unit);
/* At the end of an undo, when all units are back: what a manager of containers or the
 * like has begun anew with its own start is not lost, and the rest is said. */
void wb_losses_settle(struct wb_run *run);
/* Those of all steps, each once; the caller's. */
_must_check_ int wb_losses(const struct wb_record *record, char ***ret);
/* Is one among them that nobody gets back with a login? A session is as before when its
 * user stands at a login screen; all else was somebody's work. */
bool wb_losses_matter(const struct wb_record *record);
/* "; not started again, because ..." for the end of a sentence on how the run ended; ""
 * where there are none. The caller's, NULL without memory. */
char *wb_losses_to_string(const struct wb_record *record);
