/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The hand-over. There is no undo: what cannot be started warm is started cold. */

#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "run/late.h"
#include "run/step.h"

/* By its number warmboot-quiesce.service knows that the restart which it finds is this
 * one, and not another one after this was cancelled. */
static void note_job(struct wb_run *run, const char *unit, struct wb_result *result)
{
	_cleanup_free_ char *number = NULL;
	uint32_t job;
	int r = run->sys->ops->pending_job(run->sys, unit, &job);

	if (r >= 0)
		number = wb_format("%u", job);
	if (r >= 0)
		r = number ? wb_strv_append(&result->saved, number) : -ENOMEM;
	if (r < 0)
		wb_debug("the job of %s is not known: %s, continuing", unit,
			 strerror(-r));
}

static int jump(struct wb_run *run, const struct wb_step *step, struct wb_result *result)
{
	_cleanup_free_ char *why = NULL;
	int r = wb_late_arrange(run);

	/* The late phase looks whether it is there, and decides. */
	if (r < 0)
		wb_warning("cannot ask for the shutdown initramfs: %s, continuing",
			   strerror(-r));
	if (strcmp(step->target, "now") == 0)
		r = run->sys->ops->kexec_now(run->sys);
	else
		r = run->sys->ops->enqueue(run->sys, step->target, &why);
	if (r < 0)
		return wb_step_fail(
			result, r,
			"cannot start %s: %s; the machine is rebooted through "
			"its firmware instead",
			step->target, why ? why : strerror(-r));
	note_job(run, step->target, result);
	return 0;
}

const struct wb_step_ops wb_step_kexec = {
	.doing = "handing over to %s",
	.run = jump,
};
