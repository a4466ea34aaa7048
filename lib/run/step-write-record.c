/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The record goes to disk; after an undo it stays, and says so. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "run/foreign.h"
#include "run/step.h"

/* The next boot is to look for this record, and for no other. */
static void remove_mark(struct wb_run *run)
{
	int r = wb_root_remove(&run->sys->root, WB_FOREIGN_MARK);

	if (r < 0 && r != -ENOENT)
		wb_warning("cannot remove " WB_FOREIGN_MARK ": %s, continuing",
			   strerror(-r));
}

static int write_record(struct wb_run *run, const struct wb_step *step,
			struct wb_result *result)
{
	int r = wb_record_write(run->record, &run->sys->root, step->target);

	if (r < 0)
		return wb_step_fail(result, r, "cannot write %s: %s", step->target,
				    strerror(-r));
	remove_mark(run);
	return 0;
}

const struct wb_step_ops wb_step_write_record = {
	.doing = "writing %s",
	/* A disk that does not answer. */
	.may_hang = true,
	.run = write_record,
};
