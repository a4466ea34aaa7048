/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/late.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/state.h"

#define SYNC_TIMEOUT_USEC (10 * USEC_PER_SEC)
/* dracut gives each umount that long before it goes on to the reboot. */
#define FORCE_AFTER_USEC (120 * USEC_PER_SEC)
/* systemd-shutdown goes into the initramfs where this one is there. */
#define EXITRD_PROGRAM "/run/initramfs/shutdown"
#define EXITRD_HELPER  "/run/initramfs" WB_LATE_HELPER
/* dracut-shutdown.service(8) unpacks nothing without it. */
#define EXITRD_WANTED "/run/initramfs/.need_shutdown"

static bool has_steps(const struct wb_plan *plan, enum wb_phase phase)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].phase == phase)
			return true;
	return false;
}

int wb_late_arrange(struct wb_run *run)
{
	if (!has_steps(run->record->plan, WB_PHASE_EXITRD))
		return 0;
	return wb_root_replace(&run->sys->root, EXITRD_WANTED, "");
}

/* Its driver was at work when its time was over, and it may hold the device's lock. */
static bool is_stuck(const struct wb_step *step, const struct wb_result *result)
{
	if (result->outcome == WB_OUTCOME_RUNNING)
		return true;
	/* A program that was killed holds nothing. */
	return result->error == -ETIMEDOUT && step->kind != WB_STEP_RUN_HOOK;
}

static bool any_stuck(const struct wb_record *record, enum wb_phase first,
		      enum wb_phase last)
{
	const struct wb_plan *plan = record->plan;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].phase >= first && plan->steps[i].phase <= last &&
		    is_stuck(&plan->steps[i], &record->results[i]))
			return true;
	return false;
}

int wb_late_open(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = wb_record_read(&sys->root, WB_RECORD_LIVE, &record);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	/* Its own process for this is gone with the root that it was started from. */
	if (record->end == WB_END_COLD &&
	    any_stuck(record, WB_PHASE_LATE, WB_PHASE_EXITRD))
		return sys->ops->force_restart(sys, FORCE_AFTER_USEC);
	if (record->end != WB_END_HANDED_OVER || wb_state_kexec_loaded(&sys->root) != 1)
		return 0;
	*ret = TAKE_PTR(record);
	return 1;
}

int wb_late_run(struct wb_run *run, enum wb_phase phase)
{
	int r = wb_run_later_phase(run, phase);
	int written = wb_record_write(run->record, &run->sys->root, WB_RECORD_LIVE);

	return r < 0 ? r : written;
}

static void say(const struct wb_step *step, const struct wb_result *result)
{
	/* Why it failed was said when it did. */
	wb_info("%s %s: %s after %ju ms", wb_step_kind_to_string(step->kind),
		step->target, wb_outcome_to_string(result->outcome),
		(uintmax_t)(result->elapsed_usec / USEC_PER_MSEC));
}

/* A sentence, the caller's, in @ret where the step is a reason to give up. */
static int judge(const struct wb_step *step, const struct wb_result *result, char **ret)
{
	const char *kind = wb_step_kind_to_string(step->kind);

	if (is_stuck(step, result))
		*ret = wb_format("%s %s has not come back: what hangs there cannot be "
				 "handed to another kernel",
				 kind, step->target);
	else if (step->required && result->outcome != WB_OUTCOME_DONE &&
		 result->outcome != WB_OUTCOME_SKIPPED)
		*ret = wb_format("%s %s is required, and %s%s%s", kind, step->target,
				 result->outcome == WB_OUTCOME_PENDING
					 ? "there was no time left for it"
					 : "failed",
				 result->detail ? ": " : "",
				 result->detail ? result->detail : "");
	else
		return 0;
	return *ret ? 0 : -ENOMEM;
}

static int judge_phase(const struct wb_record *record, enum wb_phase phase, char **ret)
{
	const struct wb_plan *plan = record->plan;
	int r = 0;

	for (size_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].phase != phase)
			continue;
		say(&plan->steps[i], &record->results[i]);
		if (r >= 0 && !*ret)
			r = judge(&plan->steps[i], &record->results[i], ret);
	}
	return r;
}

/* What the plan believed of the shutdown initramfs may have been wrong, and it may have
 * failed to unpack. */
static int judge_exitrd(struct wb_sys *sys, const struct wb_record *record, char **ret)
{
	const struct wb_plan *plan = record->plan;

	if (wb_root_exists(&sys->root, EXITRD_PROGRAM) &&
	    wb_root_exists(&sys->root, EXITRD_HELPER))
		return 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct wb_step *step = &plan->steps[i];

		if (step->phase != WB_PHASE_EXITRD)
			continue;
		wb_warning("%s %s is left out: " EXITRD_HELPER
			   " is not there; the driver's own shutdown has to do",
			   wb_step_kind_to_string(step->kind), step->target);
		if (step->required && !*ret)
			*ret = wb_format("%s %s is required, and the shutdown initramfs "
					 "cannot do it",
					 wb_step_kind_to_string(step->kind),
					 step->target);
		if (step->required && !*ret)
			return -ENOMEM;
	}
	return 0;
}

/* For the exitrd, and for the next boot where a disk can still be written to, which is
 * the exception: the root is read-only by now. */
static void keep(struct wb_sys *sys, const struct wb_record *record)
{
	_cleanup_free_ char *path = wb_record_path(record->plan->id);
	int r = wb_record_write(record, &sys->root, WB_RECORD_LIVE);

	if (r < 0)
		wb_warning("cannot write " WB_RECORD_LIVE ": %s", strerror(-r));
	if (!path || !wb_root_exists(&sys->root, path))
		return;
	r = wb_record_write(record, &sys->root, path);
	wb_info("%s %s", path, r < 0 ? "cannot be written any more" : "is written");
}

static int unload(struct wb_sys *sys)
{
	int r = sys->ops->kexec_unload(sys);

	return r >= 0 && wb_state_kexec_loaded(&sys->root) == 1 ? -EBUSY : r;
}

static int give_up(struct wb_sys *sys, struct wb_record *record, char *why)
{
	int r;

	wb_error("giving up this warm boot: %s", why);
	record->end = WB_END_COLD;
	free(record->failure);
	record->failure = why;
	r = unload(sys);
	keep(sys, record);
	if (r < 0) {
		wb_error("cannot unload the image: %s; restarting through the firmware "
			 "now, without the drivers' shutdown",
			 strerror(-r));
		r = sys->ops->force_restart(sys, 0);
		wb_error("cannot restart either: %s", strerror(-r));
		return -ECANCELED;
	}
	wb_error("the image is unloaded; the machine reboots through its firmware");
	if (!any_stuck(record, WB_PHASE_LATE, WB_PHASE_EXITRD))
		return -ECANCELED;
	r = sys->ops->force_restart(sys, FORCE_AFTER_USEC);
	wb_error("that reboot may hang as well; it is forced after %u s%s%s",
		 (unsigned int)(FORCE_AFTER_USEC / USEC_PER_SEC),
		 r < 0 ? ", or not: " : "", r < 0 ? strerror(-r) : "");
	return -ECANCELED;
}

int wb_late_close(struct wb_sys *sys, enum wb_phase phase)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	char *why = NULL;
	int r = wb_record_read(&sys->root, WB_RECORD_LIVE, &record);

	if (r < 0)
		return r;
	r = judge_phase(record, phase, &why);
	if (r >= 0 && phase == WB_PHASE_LATE && !why)
		r = judge_exitrd(sys, record, &why);
	if (why)
		return give_up(sys, record, why);
	if (r >= 0 && has_steps(record->plan, phase))
		keep(sys, record);
	return r;
}

int wb_late_jump(struct wb_sys *sys)
{
	int r = sys->ops->sync(sys, SYNC_TIMEOUT_USEC);

	if (r < 0)
		wb_warning("the file systems are not synced: %s, continuing",
			   strerror(-r));
	wb_info("starting the new kernel");
	r = sys->ops->kexec_now(sys);
	wb_error("cannot start the new kernel: %s; the machine reboots through its "
		 "firmware",
		 strerror(-r));
	return r;
}
