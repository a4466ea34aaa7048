/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What became of a step. */

#include "base/json.h"

enum wb_outcome {
	WB_OUTCOME_PENDING,
	WB_OUTCOME_RUNNING,
	WB_OUTCOME_DONE,
	WB_OUTCOME_SKIPPED, /* there was nothing to do */
	WB_OUTCOME_FAILED,
	WB_OUTCOME_UNDONE,
	WB_OUTCOME_UNDO_FAILED,
	_WB_OUTCOME_MAX,
};

struct wb_result {
	enum wb_outcome outcome;
	int error;             /* negative errno of a failure */
	uint64_t elapsed_usec; /* of the step, without its undo */
	char *detail;          /* a sentence: what failed, or is worth knowing */
	char **saved;          /* what the undo needs: units, a target, a driver */
	char **lost;           /* what the undo could not bring back: run/loss.h */
};

void wb_result_done(struct wb_result *result);
/* The JSON of a result, a part of that of a record. The caller's; NULL without memory. */
struct json_object *wb_result_to_json(const struct wb_result *result);
/* Into a result that is empty; what it holds then is the caller's also after an error. */
_must_check_ int wb_result_from_json(struct json_object *o, struct wb_result *result);
const char *wb_outcome_to_string(enum wb_outcome outcome);
