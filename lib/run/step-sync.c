/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "run/step.h"

static int sync_all(struct wb_run *run, const struct wb_step *step,
		    struct wb_result *result)
{
	int r = run->sys->ops->sync(run->sys, step->timeout_usec);

	if (r < 0)
		return wb_step_fail(result, r, "cannot sync %s: %s; is a mount dead?",
				    step->target, strerror(-r));
	return 0;
}

const struct wb_step_ops wb_step_sync = {
	.doing = "syncing %s",
	.run = sync_all,
};
