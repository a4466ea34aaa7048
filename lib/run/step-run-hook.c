/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hook's code: HOOK prepare|quiesce|resume. */

#include <string.h>

#include "run/step.h"
#include "sys/trust.h"

#define STATUS_VETO    1
#define STATUS_NOTHING 77

static int judge(const struct wb_step *step, char *const *argv,
		 const struct wb_spawn_result *end, struct wb_result *result)
{
	const char *last = end->last_line ? end->last_line : "it gave no reason";

	if (end->timed_out)
		return wb_step_fail(
			result, -ETIMEDOUT,
			"the hook %s %s did not come to an end within %u s and "
			"was killed",
			argv[0], argv[1], (unsigned int)(step->timeout_usec / 1000000));
	if (end->status == STATUS_NOTHING)
		return 1;
	if (end->status == STATUS_VETO && step->phase == WB_PHASE_PREPARE)
		return wb_step_fail(result, -ECANCELED, "the hook %s refuses: %s",
				    argv[0], last);
	if (end->status != 0)
		return wb_step_fail(result, -EIO,
				    "the hook %s %s failed with status %d: %s", argv[0],
				    argv[1], end->status, last);
	return 0;
}

/* The plan looked at it some time ago; it is run as root now. */
static int check(struct wb_run *run, char *const *argv, struct wb_result *result)
{
	_cleanup_free_ char *problem = NULL;
	int r = wb_trust_check(&run->sys->root, argv[0], &problem);

	if (r < 0)
		return wb_step_fail(result, r, "cannot look at the hook %s: %s", argv[0],
				    strerror(-r));
	if (problem)
		return wb_step_fail(result, -EPERM, "the hook %s is not run: %s", argv[0],
				    problem);
	return 0;
}

static int call(struct wb_run *run, const struct wb_step *step, char *const *argv,
		struct wb_result *result)
{
	struct wb_spawn_result end = { 0 };
	int r = check(run, argv, result);

	if (r < 0)
		return r;
	r = wb_step_spawn(run, step, argv, /* fds= */ NULL, step->target, &end);
	if (r == -EINTR)
		return wb_step_fail(result, r, "interrupted in the hook %s", argv[0]);
	if (r < 0)
		return wb_step_fail(result, r, "cannot run the hook %s: %s%s", argv[0],
				    strerror(-r),
				    r == -ENOEXEC ? " (has it a #! line?)" : "");
	r = judge(step, argv, &end, result);
	wb_spawn_result_done(&end);
	return r;
}

static int run_verb(struct wb_run *run, const struct wb_step *step,
		    struct wb_result *result)
{
	return call(run, step, step->argv, result);
}

static int run_undo(struct wb_run *run, const struct wb_step *step,
		    struct wb_result *result)
{
	return step->undo_argv ? call(run, step, step->undo_argv, result) : 1;
}

const struct wb_step_ops wb_step_run_hook = {
	.doing = "running the hook %s",
	.undoing = "letting the hook %s resume",
	.run = run_verb,
	.undo = run_undo,
};
