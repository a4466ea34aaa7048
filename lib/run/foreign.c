/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/foreign.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/event.h"
#include "run/late.h"
#include "run/perform.h"
#include "sys/interrupt.h"
#include "sys/spawn.h"

#define LOAD_DISABLED "proc/sys/kernel/kexec_load_disabled"
#define WRITE_USEC    (5 * USEC_PER_SEC)
#define KEEP_USEC     (20 * USEC_PER_SEC)
/* There on every machine that has its /var. A mount point on which nothing is mounted any
 * more is empty, and nobody would ever see what was written there. */
#define STATE_OF_SYSTEMD "/var/lib/systemd"

/* --- whose restart ------------------------------------------------------------------ */

bool wb_foreign_is_own(struct wb_sys *sys, const struct wb_record *record)
{
	const struct wb_plan *plan = record->plan;

	for (size_t i = 0; i < plan->n_steps; i++) {
		char *const *saved = record->results[i].saved;
		uint64_t noted;
		uint32_t job;

		if (plan->steps[i].kind == WB_STEP_KEXEC && saved && *saved &&
		    wb_parse_u64(*saved, 10, &noted) >= 0 &&
		    sys->ops->pending_job(sys, plan->steps[i].target, &job) >= 0)
			return noted == job;
	}
	return true;
}

/* --- the next boot ------------------------------------------------------------------ */

static void name_record(struct wb_run *run)
{
	run->record->foreign = true;
	run->record->started_usec = wb_now_usec(CLOCK_REALTIME);
	if (wb_record_name_boot(run->record, &run->sys->root) < 0)
		wb_debug("this boot has no name in /proc, continuing");
}

int wb_foreign_claim(struct wb_run *run)
{
	name_record(run);
	run->record->end = WB_END_RUNNING;
	/* The late helper's words, and nobody else's: it is replaced on the way. */
	if (wb_set_format(&run->record->failure,
			  "there was an end to it before there was a plan") < 0)
		return -ENOMEM;
	return wb_run_note(run);
}

static void begin_record(struct wb_run *run)
{
	const struct wb_root *root = &run->sys->root;

	name_record(run);
	wb_tell_run(run, WB_EVENT_RUN_STARTED,
		    "systemd restarts this machine into an image that is not "
		    "warmboot's; its drivers are to be put to rest first");
	if (wb_root_exists(root, WB_RECORD_FOLDER) ||
	    wb_root_exists(root, STATE_OF_SYSTEMD))
		return;
	run->unsaved = true;
	wb_warning("the file system of " WB_RECORD_FOLDER " is not mounted any more: "
		   "warmboot report will know nothing of this, continuing");
}

struct keeping {
	const struct wb_run *run;
	const char *path;
};

/* The image was loaded without our word on its command line: the next boot finds the
 * record by its mark, which must not lead to one that is not there. */
static int write_and_mark(const void *data)
{
	const struct keeping *k = data;
	const struct wb_record *record = k->run->record;
	const struct wb_root *root = &k->run->sys->root;
	int r = wb_record_write(record, root, k->path);

	if (r >= 0)
		return wb_root_replace(root, WB_FOREIGN_MARK, record->plan->id);
	/* Of an earlier boot. */
	(void)wb_root_remove(root, WB_FOREIGN_MARK);
	return r;
}

/* A disk that does not answer must not hold up the shutdown. */
static void keep(struct wb_run *run)
{
	_cleanup_free_ char *path = wb_record_path(run->record->plan->id);
	int r = -ENOMEM;

	if (run->unsaved)
		return;
	if (path)
		r = wb_call_in_child(write_and_mark, &(struct keeping){ run, path },
				     KEEP_USEC, /* ret_stuck= */ NULL);
	if (r < 0)
		wb_warning("cannot write " WB_RECORD_FOLDER ": %s; the next boot will "
			   "not know of this, continuing",
			   strerror(-r));
}

/* --- giving up ---------------------------------------------------------------------- */

/*
 * systemd-kexec.service runs "systemctl --force kexec", which loads the default entry of
 * the boot loader where it finds no image (load_kexec_kernel() of systemd 252), and goes
 * on without one where it cannot. The kernel takes this word back in no way but a boot.
 */
void wb_foreign_keep_unloaded(struct wb_sys *sys)
{
	pid_t stuck = 0;
	int r = sys->ops->write(sys, LOAD_DISABLED, "1", WRITE_USEC, &stuck);

	if (r < 0)
		wb_warning("cannot keep systemd from loading another image: %s, "
			   "continuing",
			   strerror(-r));
}

/* @otherwise is what happens where it stays. */
static void drop(struct wb_sys *sys, const char *why, const char *otherwise)
{
	int r = wb_late_unload(sys);

	if (r < 0) {
		wb_error("no warm boot: %s; the image cannot be unloaded now: %s; %s",
			 why, strerror(-r), otherwise);
		return;
	}
	wb_foreign_keep_unloaded(sys);
	wb_error("no warm boot: %s; the image is unloaded, and the machine reboots "
		 "through its firmware",
		 why);
}

void wb_foreign_drop(struct wb_sys *sys, const char *why)
{
	drop(sys, why,
	     "nobody tries that again, and the drivers are handed on as they are");
}

static void give_up(struct wb_run *run, const char *why)
{
	struct wb_record *record = run->record;

	/* Also the one that is the reason: it would cut the rest short. */
	wb_interrupt_ignore();
	record->end = WB_END_COLD;
	record->committed_usec = 0;
	if (wb_set_format(&record->failure, "%s", why) < 0)
		wb_error("out of memory");
	/* First, so that the late helper does it where we are killed on the way. */
	wb_run_note(run);
	drop(run->sys, why,
	     "that is tried again at the end of the shutdown, and the machine then "
	     "reboots through its firmware");
	keep(run);
}

void wb_foreign_give_up(struct wb_run *run, const char *why)
{
	begin_record(run);
	give_up(run, why);
}

/* --- all of it ---------------------------------------------------------------------- */

/* A sentence where it must not go on, and NULL where it may. */
static const char *find_reason(const struct wb_run *run, size_t stop)
{
	const struct wb_record *record = run->record;
	const struct wb_result *result = &record->results[stop];

	if (stop < record->plan->n_steps)
		return result->detail ? result->detail : strerror(-result->error);
	/* With that image the kernel would wait for it when it shuts its devices down. */
	if (wb_late_any_stuck(record))
		return "a driver hangs, and cannot be handed to another kernel";
	if (wb_interrupted())
		return "interrupted; systemd gave it no more time";
	return NULL;
}

enum wb_end wb_foreign_run(struct wb_run *run)
{
	struct wb_record *record = run->record;
	const char *why;

	begin_record(run);
	why = find_reason(run, wb_run_steps(run));
	if (why) {
		give_up(run, why);
		return record->end;
	}
	wb_interrupt_ignore();
	record->committed_usec = wb_now_usec(CLOCK_REALTIME);
	record->end = WB_END_HANDED_OVER;
	wb_run_note(run);
	keep(run);
	return record->end;
}
