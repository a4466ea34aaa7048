/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/run.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/other-run.h"
#include "run/event.h"
#include "run/loss.h"
#include "run/perform.h"
#include "sys/interrupt.h"

/* Before the commit a signal is a failure like any other. */
static int check_interrupted(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	struct wb_result *result = &run->record->results[i];

	if (!wb_interrupted()) {
		/* Whoever asks from here on is too late. */
		if (step->phase == WB_PHASE_COMMIT)
			wb_interrupt_ignore();
		return 0;
	}
	return wb_step_fail(result, -EINTR, "interrupted before: %s %s",
			    wb_step_kind_to_string(step->kind), step->target);
}

/* Before the act, because after it there may be no time left, and with --force none. */
static void mark_handed_over(struct wb_run *run, size_t i)
{
	run->record->results[i].outcome = WB_OUTCOME_RUNNING;
	run->record->committed_usec = wb_now_usec(CLOCK_REALTIME);
	run->record->end = WB_END_HANDED_OVER;
	wb_run_save(run);
}

/* How many steps go together from @first on: neighbours of one group and one phase. */
static size_t count_group(const struct wb_plan *plan, size_t first)
{
	const struct wb_step *step = &plan->steps[first];
	size_t n = 1;

	while (step->group > 0 && first + n < plan->n_steps &&
	       plan->steps[first + n].group == step->group &&
	       plan->steps[first + n].phase == step->phase)
		n++;
	return n;
}

static bool is_ours(const struct wb_step *step)
{
	/* Later phases belong to the late helper and the next boot. */
	return step->phase <= WB_PHASE_COMMIT;
}

/* Neither a driver that hangs nor a file that does not answer may hold up the run: what
 * it does for such a step a process does that can be left behind. */
static bool goes_apart(const struct wb_step *step)
{
	const struct wb_step_ops *ops = wb_step_ops_of(step->kind);

	return ops->may_freeze || ops->may_hang;
}

static void perform(struct wb_run *run, size_t first, size_t n)
{
	const struct wb_plan *plan = run->record->plan;
	bool may_freeze = false, apart = n > 1;

	for (size_t i = first; i < first + n; i++) {
		may_freeze =
			may_freeze || wb_step_ops_of(plan->steps[i].kind)->may_freeze;
		apart = apart || goes_apart(&plan->steps[i]);
	}
	/* Here machines freeze: whoever resets one finds how far it came. */
	for (size_t i = first; may_freeze && i < first + n; i++)
		run->record->results[i].outcome = WB_OUTCOME_RUNNING;
	/* Later, nothing can be written to any more. */
	if (may_freeze && is_ours(&plan->steps[first]))
		wb_run_save(run);
	if (apart)
		wb_perform_apart(run, first, n);
	else
		wb_perform(run, first);
}

/* Of a hook, and of a look at holders, it is their word; of anything else the kernel's,
 * as any error. */
static bool is_veto(const struct wb_step *step, const struct wb_result *result)
{
	return (step->kind == WB_STEP_RUN_HOOK || step->look_only) &&
	       result->error == -ECANCELED;
}

static bool wants_firmware_reboot(const struct wb_step *step,
				  const struct wb_result *result)
{
	return step->kind == WB_STEP_RUN_HOOK && result->error == -ENOTSUP;
}

/* Neither a veto, an interruption, nor a hook that asks for a firmware reboot can be
 * shrugged off. */
static bool counts(const struct wb_step *step, const struct wb_result *result)
{
	if (result->outcome != WB_OUTCOME_FAILED)
		return false;
	if (step->required || result->error == -EINTR || is_veto(step, result) ||
	    wants_firmware_reboot(step, result))
		return true;
	wb_warning("%s %s is not required, continuing",
		   wb_step_kind_to_string(step->kind), step->target);
	return false;
}

/* The first failure that counts among the steps from @first on, or n_steps. */
static size_t find_failure(struct wb_run *run, size_t first, size_t n)
{
	const struct wb_plan *plan = run->record->plan;
	size_t failed = plan->n_steps;

	for (size_t i = first; i < first + n; i++)
		if (counts(&plan->steps[i], &run->record->results[i]) &&
		    failed == plan->n_steps)
			failed = i;
	return failed;
}

size_t wb_run_steps(struct wb_run *run)
{
	const struct wb_plan *plan = run->record->plan;
	size_t n, failed;

	for (size_t i = 0; i < plan->n_steps && is_ours(&plan->steps[i]); i += n) {
		n = count_group(plan, i);
		if (check_interrupted(run, i) < 0)
			return i;
		if (plan->steps[i].kind == WB_STEP_KEXEC)
			mark_handed_over(run, i);
		perform(run, i, n);
		failed = find_failure(run, i, n);
		if (failed < plan->n_steps)
			return failed;
	}
	return plan->n_steps;
}

static bool has_undo(const struct wb_run *run, size_t i)
{
	static const bool left_alone[_WB_OUTCOME_MAX] = {
		[WB_OUTCOME_PENDING] = true,
		[WB_OUTCOME_SKIPPED] = true,
		[WB_OUTCOME_UNDONE] = true,
	};

	return wb_step_ops_of(run->record->plan->steps[i].kind)->undo &&
	       !left_alone[run->record->results[i].outcome];
}

static bool undo_step(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	const struct wb_result *result = &run->record->results[i];

	if (!has_undo(run, i))
		return true;
	if (goes_apart(step))
		wb_undo_apart(run, i);
	else
		wb_undo(run, i);
	if (result->outcome == WB_OUTCOME_UNDO_FAILED)
		return false;
	/* What its process knew of it is gone with that. */
	if (wb_step_ops_of(step->kind)->may_freeze)
		run->put_back_usec = wb_now_usec(CLOCK_BOOTTIME);
	return true;
}

/* All of it, in reverse, whatever fails on the way; but first what would be in the way
 * of the rest. */
static bool undo(struct wb_run *run)
{
	const struct wb_plan *plan = run->record->plan;
	bool whole = true;

	/* The way down ended just now, perhaps with a device that let go of others. */
	run->put_back_usec = wb_now_usec(CLOCK_BOOTTIME);
	/* A second signal does not stop the repair. */
	wb_interrupt_ignore();
	for (size_t i = plan->n_steps; i-- > 0;)
		if (wb_step_ops_of(plan->steps[i].kind)->undo_first)
			whole = undo_step(run, i) && whole;
	for (size_t i = plan->n_steps; i-- > 0;)
		if (!wb_step_ops_of(plan->steps[i].kind)->undo_first)
			whole = undo_step(run, i) && whole;
	wb_losses_settle(run);
	return whole;
}

static enum wb_end end_of_undo(const struct wb_run *run, bool whole)
{
	return !whole                          ? WB_END_NOT_UNDONE
	       : wb_losses_matter(run->record) ? WB_END_UNDONE_WITH_LOSS
					       : WB_END_UNDONE;
}

static int enqueue_reboot(struct wb_run *run)
{
	_cleanup_free_ char *why = NULL;
	int r = run->sys->ops->enqueue(run->sys, "reboot.target", &why);

	if (r < 0)
		wb_error("cannot start reboot.target either: %s; the machine stays up, "
			 "reboot it by hand",
			 why ? why : strerror(-r));
	return r;
}

/* The hand-over failed: forward all the same, without an image that could be jumped to;
 * and back where systemd takes no job at all. */
static enum wb_end reboot_cold(struct wb_run *run)
{
	const struct wb_plan *plan = run->record->plan;

	/* Nobody has it: a kill from here on leaves something to restore. */
	run->record->end = WB_END_RUNNING;
	wb_run_note(run);
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == WB_STEP_LOAD_KERNEL)
			(void)undo_step(run, i);
	if (enqueue_reboot(run) >= 0)
		return WB_END_COLD;
	run->record->committed_usec = 0;
	wb_tell_run(run, WB_EVENT_UNDO_STARTED, "undoing what was done so far");
	return end_of_undo(run, undo(run));
}

/*
 * What the plan says for a run that failed: an ordinary reboot, also, and more than ever,
 * where the undo left something behind. Not against somebody's word: a veto, or an
 * interruption.
 */
static bool falls_back(const struct wb_run *run, size_t failed)
{
	const struct wb_result *result = &run->record->results[failed];

	return run->record->plan->reboot && result->error != -EINTR &&
	       !is_veto(&run->record->plan->steps[failed], result);
}

static enum wb_end fail(struct wb_run *run, size_t failed)
{
	const struct wb_step *step = &run->record->plan->steps[failed];
	const struct wb_result *result = &run->record->results[failed];
	/* Before the undo, which may fail in its own way. */
	bool veto = is_veto(step, result), back = falls_back(run, failed), whole;

	if (wb_set_format(&run->record->failure, "%s",
			  result->detail ? result->detail : strerror(-result->error)) < 0)
		wb_error("out of memory");
	if (step->kind == WB_STEP_KEXEC)
		return reboot_cold(run);
	wb_tell_run(run, WB_EVENT_UNDO_STARTED, "undoing what was done so far");
	whole = undo(run);
	if (back && enqueue_reboot(run) >= 0)
		return WB_END_COLD;
	if (whole && veto && step->phase == WB_PHASE_PREPARE)
		return WB_END_REFUSED;
	return end_of_undo(run, whole);
}

enum wb_end wb_run(struct wb_run *run)
{
	struct wb_record *record = run->record;
	size_t stop;

	record->started_usec = wb_now_usec(CLOCK_REALTIME);
	wb_tell_run(run, WB_EVENT_RUN_STARTED,
		    "warm boot into %s begins, asked for by %s",
		    record->plan->kernel.version ? record->plan->kernel.version
						 : record->plan->kernel.linux,
		    record->user ? record->user : "an unknown user");
	stop = wb_run_steps(run);
	record->end = stop < record->plan->n_steps ? fail(run, stop) : WB_END_HANDED_OVER;
	wb_run_note(run);
	wb_run_save(run);
	return record->end;
}

int wb_run_later_phase(struct wb_run *run, enum wb_phase phase)
{
	const struct wb_plan *plan = run->record->plan;
	int first = 0;

	for (size_t i = 0, n; i < plan->n_steps; i += n) {
		n = count_group(plan, i);
		if (plan->steps[i].phase != phase)
			continue;
		perform(run, i, n);
		for (size_t j = i; first == 0 && j < i + n; j++)
			if (run->record->results[j].outcome == WB_OUTCOME_FAILED)
				first = run->record->results[j].error;
	}
	return first;
}

int wb_run_restore(struct wb_run *run)
{
	struct wb_record *record = run->record;
	bool whole;

	wb_tell_run(run, WB_EVENT_UNDO_STARTED,
		    "undoing what the run %s of %s left behind", record->plan->id,
		    record->user ? record->user : "an unknown user");
	whole = undo(run);
	record->end = end_of_undo(run, whole);
	if (!record->failure &&
	    wb_set_format(&record->failure, "the run was killed on its way") < 0)
		wb_error("out of memory");
	wb_run_note(run);
	wb_run_save(run);
	return whole ? 0 : -EIO;
}

int wb_run_find_unfinished(const struct wb_root *root, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	_cleanup_json_ struct json_object *o = NULL;
	int r = wb_record_read(root, WB_RECORD_LIVE, &record);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r >= 0)
		o = wb_record_to_json(record);
	if (r >= 0 && !o)
		return -ENOMEM;
	*ret = o && wb_other_run_left_something(o) > 0 ? TAKE_PTR(record) : NULL;
	return 0;
}
