/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The record goes to disk; after an undo it stays, and says so. */

#include <string.h>

#include "run/step.h"

static int write_record(struct wb_run *run, const struct wb_step *step,
			struct wb_result *result)
{
	int r = wb_record_write(run->record, &run->sys->root, step->target);

	if (r < 0)
		return wb_step_fail(result, r, "cannot write %s: %s", step->target,
				    strerror(-r));
	return 0;
}

const struct wb_step_ops wb_step_write_record = {
	.doing = "writing %s",
	/* A disk that does not answer. */
	.may_hang = true,
	.run = write_record,
};
