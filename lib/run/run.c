/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/run.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/step.h"
#include "sys/interrupt.h"

static const struct wb_step_ops *const ops[] = {
	[WB_STEP_RUN_HOOK] = &wb_step_run_hook,
	[WB_STEP_LOAD_KERNEL] = &wb_step_load_kernel,
	[WB_STEP_ISOLATE] = &wb_step_isolate,
	[WB_STEP_STOP_UNIT] = &wb_step_stop_unit,
	[WB_STEP_RELEASE_DEVICES] = &wb_step_release_devices,
	[WB_STEP_UNBIND_CONSOLE] = &wb_step_unbind_console,
	[WB_STEP_REMOVE_MODULE] = &wb_step_remove_module,
	[WB_STEP_WRITE_RECORD] = &wb_step_write_record,
	[WB_STEP_SYNC] = &wb_step_sync,
	[WB_STEP_KEXEC] = &wb_step_kexec,
};
static_assert(ARRAY_SIZE(ops) == _WB_STEP_KIND_MAX, "every kind of step has its file");

/* Say it with the step's target in the place of %s. */
static void announce(const char *format, const struct wb_step *step)
{
	const char *hole = strstr(format, "%s");

	wb_info("%.*s%s%s", (int)(hole - format), format, step->target, hole + 2);
}

/* Where the run stands, for whoever looks, or has to finish the undo. */
static void note(struct wb_run *run)
{
	int r = wb_record_write(run->record, &run->sys->root, WB_RECORD_LIVE);

	if (r < 0)
		wb_warning("cannot write " WB_RECORD_LIVE ": %s, continuing",
			   strerror(-r));
}

/* The same on disk, for the next boot. */
static void save(struct wb_run *run)
{
	_cleanup_free_ char *path = wb_record_path(run->record->plan->id);
	int r = path ? wb_record_write(run->record, &run->sys->root, path) : -ENOMEM;

	if (r < 0)
		wb_warning("cannot write the record of this run: %s, continuing",
			   strerror(-r));
}

static bool is_ours(const struct wb_step *step)
{
	/* Later phases belong to the late helper and the next boot. */
	return step->phase <= WB_PHASE_COMMIT;
}

static int run_step(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	struct wb_result *result = &run->record->results[i];
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);
	int r;

	announce(ops[step->kind]->doing, step);
	result->outcome = WB_OUTCOME_RUNNING;
	note(run);
	/* Here machines freeze: whoever resets one finds how far it came. Later phases
	 * have no disk to write to. */
	if (ops[step->kind]->may_freeze && is_ours(step))
		save(run);
	r = ops[step->kind]->run(run, step, result);
	result->elapsed_usec = wb_now_usec(CLOCK_BOOTTIME) - begin;
	result->outcome = r < 0   ? WB_OUTCOME_FAILED
			  : r > 0 ? WB_OUTCOME_SKIPPED
				  : WB_OUTCOME_DONE;
	wb_debug("%s %s: %s after %u ms", wb_step_kind_to_string(step->kind),
		 step->target, wb_outcome_to_string(result->outcome),
		 (unsigned int)(result->elapsed_usec / USEC_PER_MSEC));
	return r;
}

/* Before the commit a signal is a failure like any other. */
static int check_interrupted(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];

	if (!wb_interrupted()) {
		/* Whoever asks from here on is too late. */
		if (step->phase == WB_PHASE_COMMIT)
			wb_interrupt_ignore();
		return 0;
	}
	return wb_step_fail(&run->record->results[i], -EINTR, "interrupted before: %s %s",
			    wb_step_kind_to_string(step->kind), step->target);
}

/* Before the act, because after it there may be no time left, and with --force none. */
static void mark_handed_over(struct wb_run *run, size_t i)
{
	run->record->results[i].outcome = WB_OUTCOME_RUNNING;
	run->record->committed_usec = wb_now_usec(CLOCK_REALTIME);
	run->record->end = WB_END_HANDED_OVER;
	save(run);
}

/*
 * Run until the end or the first failure that counts; its index, or n_steps. Neither a
 * veto, an interruption, nor a hook that asks for a firmware reboot can be shrugged off.
 */
static size_t run_until_failure(struct wb_run *run)
{
	const struct wb_plan *plan = run->record->plan;
	size_t i;

	for (i = 0; i < plan->n_steps && is_ours(&plan->steps[i]); i++) {
		const struct wb_step *step = &plan->steps[i];
		int r = check_interrupted(run, i);

		if (r >= 0 && step->kind == WB_STEP_KEXEC)
			mark_handed_over(run, i);
		if (r >= 0)
			r = run_step(run, i);
		if (r < 0 &&
		    (step->required || r == -EINTR || r == -ECANCELED || r == -ENOTSUP))
			return i;
		if (r < 0)
			wb_warning("%s %s is not required, continuing",
				   wb_step_kind_to_string(step->kind), step->target);
	}
	return plan->n_steps;
}

static bool undo_step(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	struct wb_result *result = &run->record->results[i];
	int r;

	if (!ops[step->kind]->undo || result->outcome == WB_OUTCOME_PENDING ||
	    result->outcome == WB_OUTCOME_SKIPPED)
		return true;
	announce(ops[step->kind]->undoing, step);
	r = ops[step->kind]->undo(run, step, result);
	/* What failed stays known as that: it is who is to blame. */
	if (r < 0)
		result->outcome = WB_OUTCOME_UNDO_FAILED;
	else if (result->outcome != WB_OUTCOME_FAILED)
		result->outcome = WB_OUTCOME_UNDONE;
	note(run);
	return r >= 0;
}

/* All of it, in reverse, whatever fails on the way. */
static bool undo(struct wb_run *run, size_t failed)
{
	bool whole = true;

	/* A second signal does not stop the repair. */
	wb_interrupt_ignore();
	wb_info("undoing what was done so far");
	for (size_t i = failed + 1; i-- > 0;)
		whole = undo_step(run, i) && whole;
	return whole;
}

/* The hand-over failed: forward all the same, without an image that could be jumped to.
 */
static enum wb_end reboot_cold(struct wb_run *run)
{
	const struct wb_plan *plan = run->record->plan;
	_cleanup_free_ char *why = NULL;
	int r;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == WB_STEP_LOAD_KERNEL)
			(void)undo_step(run, i);
	r = run->sys->ops->enqueue(run->sys, "reboot.target", &why);
	if (r >= 0)
		return WB_END_COLD;
	wb_error("cannot start reboot.target either: %s; the machine stays up as it is, "
		 "reboot it by hand",
		 why ? why : strerror(-r));
	return WB_END_NOT_UNDONE;
}

static enum wb_end fail(struct wb_run *run, size_t failed)
{
	const struct wb_step *step = &run->record->plan->steps[failed];
	const struct wb_result *result = &run->record->results[failed];
	bool vetoed = result->error == -ECANCELED;

	if (wb_set_format(&run->record->failure, "%s",
			  result->detail ? result->detail : strerror(-result->error)) < 0)
		wb_error("out of memory");
	if (step->kind == WB_STEP_KEXEC)
		return reboot_cold(run);
	if (!undo(run, failed))
		return WB_END_NOT_UNDONE;
	return vetoed ? WB_END_REFUSED : WB_END_UNDONE;
}

enum wb_end wb_run(struct wb_run *run)
{
	struct wb_record *record = run->record;
	size_t stop;

	record->started_usec = wb_now_usec(CLOCK_REALTIME);
	stop = run_until_failure(run);
	record->end = stop < record->plan->n_steps ? fail(run, stop) : WB_END_HANDED_OVER;
	save(run);
	note(run);
	return record->end;
}

int wb_run_later_phase(struct wb_run *run, enum wb_phase phase)
{
	const struct wb_plan *plan = run->record->plan;
	int first = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		int r = plan->steps[i].phase == phase ? run_step(run, i) : 0;

		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}
