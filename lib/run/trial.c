/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/trial.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/state.h"
#include "run/step.h"
#include "sys/interrupt.h"

static const struct wb_step *find_load(const struct wb_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == WB_STEP_LOAD_KERNEL)
			return &plan->steps[i];
	return NULL;
}

/* What was begun is taken back, whatever came of it; the program first, as in a run, and
 * where that fails the system call. */
static int take_back(struct wb_run *run, const struct wb_step *step,
		     struct wb_result *result)
{
	int r = wb_step_load_kernel.undo(run, step, result);

	if (r < 0)
		r = run->sys->ops->kexec_unload(run->sys);
	return r < 0 ? r : 0;
}

int wb_trial_load(struct wb_sys *sys, struct wb_plan *plan, char **ret_why)
{
	struct wb_record record = { .plan = plan };
	struct wb_run run = { .sys = sys, .record = &record };
	const struct wb_step *step = find_load(plan);
	struct wb_result tried = { 0 }, undone = { 0 };
	int r, u;

	*ret_why = NULL;
	if (!step)
		return -ENOENT;
	if (wb_state_kexec_loaded(&sys->root) != 0) {
		*ret_why = strdup("an image is loaded already, by somebody else");
		return -EBUSY;
	}
	r = wb_step_load_kernel.run(&run, step, &tried);
	wb_interrupt_ignore();
	u = take_back(&run, step, &undone);
	if (r < 0)
		*ret_why = strdup(tried.detail ? tried.detail : strerror(-r));
	else if (u < 0)
		*ret_why = wb_format("%s was loaded, and could not be unloaded again: %s",
				     step->target,
				     undone.detail ? undone.detail : strerror(-u));
	wb_result_done(&tried);
	wb_result_done(&undone);
	return r < 0 ? r : u;
}
