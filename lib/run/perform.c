/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/perform.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/event.h"
#include "sys/spawn.h"

#define SAVE_TIMEOUT_USEC (20 * USEC_PER_SEC)

static const struct wb_step_ops *const ops[] = {
	[WB_STEP_RUN_HOOK] = &wb_step_run_hook,
	[WB_STEP_LOAD_KERNEL] = &wb_step_load_kernel,
	[WB_STEP_ISOLATE] = &wb_step_isolate,
	[WB_STEP_STOP_UNIT] = &wb_step_stop_unit,
	[WB_STEP_RELEASE_DEVICES] = &wb_step_release_devices,
	[WB_STEP_UNBIND_CONSOLE] = &wb_step_unbind_console,
	[WB_STEP_BLOCK_MODULES] = &wb_step_block_modules,
	[WB_STEP_UNBIND_DEVICE] = &wb_step_unbind_device,
	[WB_STEP_REMOVE_MODULE] = &wb_step_remove_module,
	[WB_STEP_WRITE_RECORD] = &wb_step_write_record,
	[WB_STEP_SYNC] = &wb_step_sync,
	[WB_STEP_KEXEC] = &wb_step_kexec,
};
static_assert(ARRAY_SIZE(ops) == _WB_STEP_KIND_MAX, "every kind of step has its file");

const struct wb_step_ops *wb_step_ops_of(enum wb_step_kind kind)
{
	return ops[kind];
}

int wb_run_note(struct wb_run *run)
{
	int r = wb_record_write(run->record, &run->sys->root, WB_RECORD_LIVE);

	if (r < 0)
		wb_warning("cannot write " WB_RECORD_LIVE ": %s", strerror(-r));
	return r;
}

struct saving {
	const struct wb_run *run;
	const char *path;
};

static int write_record(const void *data)
{
	const struct saving *s = data;

	return wb_record_write(s->run->record, &s->run->sys->root, s->path);
}

/* A disk that does not answer must not hold up the undo, nor the last words. */
void wb_run_save(struct wb_run *run)
{
	_cleanup_free_ char *path = wb_record_path(run->record->plan->id);
	struct saving saving = { run, path };
	int r = -ENOMEM;

	if (run->unsaved)
		return;
	if (path)
		r = wb_call_in_child(write_record, &saving, SAVE_TIMEOUT_USEC,
				     /* ret_stuck= */ NULL);
	run->unsaved = r == -ETIMEDOUT;
	if (r < 0)
		wb_warning("cannot write the record of this run: %s, continuing",
			   strerror(-r));
}

int wb_step_note(struct wb_run *run, struct wb_result *result)
{
	const struct wb_step *step =
		&run->record->plan->steps[result - run->record->results];
	int r = run->part ? wb_group_note(run->part, result) : wb_run_note(run);

	if (r >= 0 || step->phase > WB_PHASE_QUIESCE)
		return 0;
	return wb_step_fail(result, r,
			    "%s %s: what would undo it cannot be noted in " WB_RECORD_LIVE
			    ": %s; it is not done",
			    wb_step_kind_to_string(step->kind), step->target,
			    strerror(-r));
}

/* Of what did not go, nobody is to read that it comes again. */
static const char *undoing(struct wb_run *run, const struct wb_step *step,
			   const struct wb_result *result)
{
	const struct wb_step_ops *op = ops[step->kind];
	const char *words = op->stayed ? op->stayed(run, step, result) : NULL;

	return words ? words : op->undoing;
}

void wb_undo(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	struct wb_result *result = &run->record->results[i];
	int r;

	wb_tell_step(run, i, WB_EVENT_STEP_UNDOING, undoing(run, step, result));
	/* Of an earlier try. */
	wb_strv_free(TAKE_PTR(result->lost));
	r = ops[step->kind]->undo(run, step, result);
	/* What failed stays known as that: it is who is to blame. */
	if (r < 0)
		result->outcome = WB_OUTCOME_UNDO_FAILED;
	else if (result->outcome != WB_OUTCOME_FAILED)
		result->outcome = WB_OUTCOME_UNDONE;
	wb_tell_step(run, i, WB_EVENT_STEP_UNDONE, NULL);
	if (!run->part)
		(void)wb_run_note(run);
}

void wb_perform(struct wb_run *run, size_t i)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	struct wb_result *result = &run->record->results[i];
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);
	int r;

	wb_tell_step(run, i, WB_EVENT_STEP_STARTED, ops[step->kind]->doing);
	result->outcome = WB_OUTCOME_RUNNING;
	r = wb_step_note(run, result);
	if (r >= 0)
		r = ops[step->kind]->run(run, step, result);
	result->elapsed_usec = wb_now_usec(CLOCK_BOOTTIME) - begin;
	result->outcome = r < 0   ? WB_OUTCOME_FAILED
			  : r > 0 ? WB_OUTCOME_SKIPPED
				  : WB_OUTCOME_DONE;
	/* Memory alone fails without a sentence. */
	if (r < 0 && result->error == 0)
		result->error = r;
	wb_tell_step(run, i, WB_EVENT_STEP_ENDED, NULL);
	/* In a process of its own it is asked for it anyway. */
	if (!run->part)
		(void)wb_run_note(run);
}
