/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/late.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/mount.h"
#include "facts/state.h"
#include "run/step.h"

#define SYNC_TIMEOUT_USEC (10 * USEC_PER_SEC)
/* dracut gives each umount that long before it goes on to the reboot. */
#define FORCE_AFTER_USEC (120 * USEC_PER_SEC)
/* Where systemd-shutdown leaves the root when it has gone into the initramfs. */
#define OLD_ROOT "/oldroot"
/* systemd-shutdown goes into the initramfs where this one is there. */
#define EXITRD_PROGRAM "/run/initramfs/shutdown"
#define EXITRD_HELPER  "/run/initramfs" WB_LATE_HELPER
/* dracut-shutdown.service(8) unpacks nothing without it. */
#define EXITRD_WANTED "/run/initramfs/.need_shutdown"

bool wb_late_has_exitrd(const struct wb_sys *sys)
{
	return wb_root_exists(&sys->root, EXITRD_PROGRAM) &&
	       wb_root_exists(&sys->root, EXITRD_HELPER);
}

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
	/* Programs that were killed, and waits for others: they hold nothing. */
	static const bool holds_nothing[_WB_STEP_KIND_MAX] = {
		[WB_STEP_RUN_HOOK] = true,        [WB_STEP_LOAD_KERNEL] = true,
		[WB_STEP_ISOLATE] = true,         [WB_STEP_STOP_UNIT] = true,
		[WB_STEP_RELEASE_DEVICES] = true,
	};

	if (result->outcome == WB_OUTCOME_RUNNING)
		return true;
	return result->error == -ETIMEDOUT && !holds_nothing[step->kind];
}

bool wb_late_any_stuck(const struct wb_record *record)
{
	const struct wb_plan *plan = record->plan;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (is_stuck(&plan->steps[i], &record->results[i]))
			return true;
	return false;
}

static int force_later(struct wb_sys *sys)
{
	int r = sys->ops->force_restart(sys, FORCE_AFTER_USEC);

	wb_error("a driver hangs, and the reboot may hang as well; it is forced after "
		 "%u s%s%s",
		 (unsigned int)(FORCE_AFTER_USEC / USEC_PER_SEC),
		 r < 0 ? ", or not: " : "", r < 0 ? strerror(-r) : "");
	return r;
}

int wb_late_unload(struct wb_sys *sys)
{
	int r = sys->ops->kexec_unload(sys);

	return r >= 0 && wb_state_kexec_loaded(&sys->root) == 1 ? -EBUSY : r;
}

/* Nobody may jump any more. Comes back with an error only where that cannot be had. */
static int drop_image(struct wb_sys *sys)
{
	int r = wb_late_unload(sys);

	if (r >= 0) {
		wb_error("the image is unloaded; the machine reboots through its "
			 "firmware");
		return 0;
	}
	wb_error("cannot unload the image: %s; restarting through the firmware now, "
		 "without the drivers' shutdown",
		 strerror(-r));
	r = sys->ops->force_restart(sys, 0);
	wb_error("cannot restart either: %s", strerror(-r));
	return r;
}

/* Such as one from a newer warmboot, read by the helper of an old initramfs. What it
 * would have required was not done. */
static int drop_unread(struct wb_sys *sys, int error)
{
	wb_error("cannot read " WB_RECORD_LIVE ": %s; what was left for the end is left "
		 "out, and this warm boot is given up",
		 strerror(-error));
	(void)drop_image(sys);
	return error;
}

/* It was killed on its way, or could not unload the image itself. */
static int drop_unfinished(struct wb_sys *sys, const struct wb_record *record)
{
	int r = 0;

	if (wb_state_kexec_loaded(&sys->root) == 1) {
		wb_error("not all drivers were put to rest%s%s; there is no warm boot",
			 record->failure ? ": " : "",
			 record->failure ? record->failure : "");
		r = drop_image(sys);
	}
	return r < 0 || !wb_late_any_stuck(record) ? r : force_later(sys);
}

int wb_late_guard(struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = wb_record_read(&sys->root, WB_RECORD_LIVE, &record);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return record->end == WB_END_COLD && wb_late_any_stuck(record) ? force_later(sys)
								       : 0;
}

int wb_late_open(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = wb_record_read(&sys->root, WB_RECORD_LIVE, &record);

	if (r < 0)
		return r == -ENOENT ? 0 : drop_unread(sys, r);
	if (record->foreign && record->end != WB_END_HANDED_OVER)
		return drop_unfinished(sys, record);
	/* Its own process for this is gone with the root that it was started from. */
	if (record->end == WB_END_COLD && wb_late_any_stuck(record))
		return force_later(sys);
	if (record->end != WB_END_HANDED_OVER)
		return 0;
	if (wb_state_kexec_loaded(&sys->root) != 1) {
		wb_warning("no image is loaded any more; the machine reboots through "
			   "its firmware");
		return 0;
	}
	*ret = TAKE_PTR(record);
	return 1;
}

/* Where it could not be unmounted dracut's hooks are called all the same: what drives its
 * disk is in use. */
static bool root_is_mounted(const struct wb_root *root)
{
	_cleanup_(wb_mounts_done) struct wb_mounts mounts = { 0 };

	/* No table at all says that nothing is known. */
	return wb_mounts_read(root, &mounts) < 0 || mounts.n == 0 ||
	       wb_mounts_at(&mounts, OLD_ROOT);
}

static int leave_out(struct wb_record *record, enum wb_phase phase)
{
	const struct wb_plan *plan = record->plan;

	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct wb_step *step = &plan->steps[i];

		if (step->phase != phase)
			continue;
		record->results[i].outcome = WB_OUTCOME_FAILED;
		(void)wb_step_fail(&record->results[i], -EBUSY,
				   "%s %s is left out: the old root is still mounted",
				   wb_step_kind_to_string(step->kind), step->target);
	}
	return -EBUSY;
}

int wb_late_run(struct wb_run *run, enum wb_phase phase)
{
	bool in_use = phase == WB_PHASE_EXITRD && has_steps(run->record->plan, phase) &&
		      root_is_mounted(&run->sys->root);
	int r = in_use ? leave_out(run->record, phase) : wb_run_later_phase(run, phase);
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

	if (wb_late_has_exitrd(sys))
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

static int give_up(struct wb_sys *sys, struct wb_record *record, char *why)
{
	wb_error("giving up this warm boot: %s", why);
	record->end = WB_END_COLD;
	free(record->failure);
	record->failure = why;
	/* Writing may hang where a disk does: what brings the machine back comes first.
	 */
	if (drop_image(sys) >= 0 && wb_late_any_stuck(record))
		(void)force_later(sys);
	keep(sys, record);
	return -ECANCELED;
}

int wb_late_close(struct wb_sys *sys, enum wb_phase phase)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	char *why = NULL;
	int r = wb_record_read(&sys->root, WB_RECORD_LIVE, &record);

	if (r < 0)
		return drop_unread(sys, r);
	r = judge_phase(record, phase, &why);
	if (r >= 0 && phase == WB_PHASE_LATE && !why)
		r = judge_exitrd(sys, record, &why);
	if (why)
		return give_up(sys, record, why);
	/* Nobody knows then whether all was done. */
	if (r < 0)
		(void)drop_image(sys);
	else if (has_steps(record->plan, phase))
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
