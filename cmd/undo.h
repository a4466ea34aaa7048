/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The undo of a run that was killed on its way, or that left something behind. */

#include "cmd.h"
#include "run/record.h"

/* Is there one? An exit status and in @ret_last what to say at the end, or -1. The
 * caller's, as the record in @ret. */
_must_check_ int wb_undo_look(const struct wb_sys *sys, struct wb_record **ret,
			      char **ret_last);
/* Undo it in this process: the exit status, and what to say at the end. */
_must_check_ int wb_undo_unfinished(struct wb_sys *sys, char **ret_last);
/* The last sentence on an undo that is over, with its exit status; the caller's. */
char *wb_undo_sentence(const struct wb_record *record, int *ret_status);
