/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hook's code: HOOK prepare|quiesce|resume|late|confirm. */

#include <string.h>

#include "base/text.h"
#include "base/time-util.h"
#include "run/step.h"
#include "sys/trust.h"

/* Between two tries of a hook that says "not yet": it doubles up to the second. */
#define RETRY_FIRST_USEC (1 * USEC_PER_SEC)
#define RETRY_MAX_USEC   (8 * USEC_PER_SEC)

/* Where the numbers have a name in sysexits.h, it is what that says; 77 is what test
 * suites and kernel-install use. */
enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1, /* in prepare; elsewhere any failure */
	STATUS_UNAVAILABLE = 69,
	STATUS_TRY_AGAIN = 75,
	STATUS_VETO = 76,
	STATUS_NOTHING = 77,
	STATUS_MISCONFIGURED = 78,
};

enum when {
	WHEN_PREPARE = 1 << 0,
	WHEN_QUIESCE = 1 << 1,
	WHEN_OTHER = 1 << 2, /* resume, late, confirm: nothing can be refused any more */
	WHEN_BEFORE_COMMIT = WHEN_PREPARE | WHEN_QUIESCE,
	WHEN_ANY = WHEN_BEFORE_COMMIT | WHEN_OTHER,
};

/* The first line that fits; what none fits is a failure with its number. */
static const struct meaning {
	enum status status;
	enum when when;
	int error;
	const char *says; /* between "the hook PATH" and its last line */
} meanings[] = {
	{ STATUS_REFUSED, WHEN_PREPARE, -ECANCELED, "refuses" },
	{ STATUS_VETO, WHEN_BEFORE_COMMIT, -ECANCELED, "refuses" },
	{ STATUS_UNAVAILABLE, WHEN_BEFORE_COMMIT, -ENOTSUP,
	  "cannot put its devices to rest; this machine needs a firmware reboot" },
	{ STATUS_TRY_AGAIN, WHEN_ANY, -EBUSY, "was not ready in time" },
	{ STATUS_MISCONFIGURED, WHEN_ANY, -EINVAL, "is not configured as it should be" },
};

static enum when when_is(const struct wb_step *step, char *const *argv)
{
	if (step->phase == WB_PHASE_PREPARE)
		return WHEN_PREPARE;
	return step->phase == WB_PHASE_QUIESCE && argv == step->argv ? WHEN_QUIESCE
								     : WHEN_OTHER;
}

static int judge(const struct wb_step *step, char *const *argv,
		 const struct wb_spawn_result *end, struct wb_result *result)
{
	const char *last = end->last_line ? end->last_line : "it gave no reason";

	if (end->timed_out)
		return wb_step_fail(
			result, -ETIMEDOUT,
			"the hook %s %s did not come to an end within %u s and "
			"was killed",
			argv[0], argv[1],
			(unsigned int)(step->timeout_usec / USEC_PER_SEC));
	if (end->status == STATUS_DONE || end->status == STATUS_NOTHING)
		return end->status == STATUS_NOTHING;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *m = &meanings[i];

		if ((int)m->status == end->status && (m->when & when_is(step, argv)))
			return wb_step_fail(result, m->error, "the hook %s %s: %s",
					    argv[0], m->says, last);
	}
	return wb_step_fail(result, -EIO, "the hook %s %s failed with status %d: %s",
			    argv[0], argv[1], end->status, last);
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

static const char *state_folder(const struct wb_step *step)
{
	const char *folder = NULL;

	for (char **p = step->environment; !folder && p && *p; p++)
		folder = wb_startswith(*p, "WARMBOOT_STATE_DIR=");
	return folder;
}

/* Private: what a hook writes down, root believes later. */
static int make_folder(struct wb_run *run, const struct wb_step *step,
		       struct wb_result *result)
{
	const char *folder = state_folder(step);
	int r = folder ? wb_root_make_private_folder(&run->sys->root, folder) : 0;

	if (r >= 0)
		return 0;
	return wb_step_fail(result, r, "cannot make the folder %s for the hook %s: %s",
			    folder, step->target, strerror(-r));
}

/*
 * Once, and again as long as it says "not yet" and there is time. What it waits for, as
 * firmware or a queue, gives no event that could be waited for in its place.
 */
static int spawn_until_ready(struct wb_run *run, const struct wb_step *step,
			     char *const *argv, struct wb_spawn_result *end)
{
	struct wb_step left = *step;
	uint64_t wait = RETRY_FIRST_USEC;

	for (;;) {
		uint64_t begin = wb_now_usec(CLOCK_BOOTTIME), spent;
		int r = wb_step_spawn(run, &left, argv, /* fds= */ NULL,
				      /* expendable= */ false, step->target, end);

		if (r < 0 || end->timed_out || end->status != STATUS_TRY_AGAIN)
			return r;
		spent = wb_now_usec(CLOCK_BOOTTIME) - begin + wait;
		if (spent >= left.timeout_usec)
			return 0;
		left.timeout_usec -= spent;
		wb_spawn_result_done(end);
		r = run->sys->ops->pause(run->sys, wait);
		if (r < 0)
			return r;
		wait = wait * 2 < RETRY_MAX_USEC ? wait * 2 : RETRY_MAX_USEC;
	}
}

static int call(struct wb_run *run, const struct wb_step *step, char *const *argv,
		struct wb_result *result)
{
	struct wb_spawn_result end = { 0 };
	int r = check(run, argv, result);

	if (r >= 0)
		r = make_folder(run, step, result);
	if (r < 0)
		return r;
	r = spawn_until_ready(run, step, argv, &end);
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
