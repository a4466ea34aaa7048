/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The way back of those that were ended: what can be started again is, and what cannot be
 * is kept in result->lost. */

#include "base/time-util.h"
#include "run/run.h"

/* Before a process among the names in result->saved. No unit has a blank in its name. */
#define WB_AGAIN_PROCESS "process "
/* What each unit is given to start. */
#define WB_AGAIN_TIMEOUT_USEC (90 * USEC_PER_SEC)

/* Start units again, the last one first. 0, or -EIO with the names of those that did not
 * start in the result. */
_must_check_ int wb_again_start_units(struct wb_run *run, char *const *units,
				      struct wb_result *result);
/* The same for all in result->saved: units, "user@1000.service/app.service" of a user's
 * manager, and "process 812 bash". */
_must_check_ int wb_again_start(struct wb_run *run, struct wb_result *result);
