/* SPDX-License-Identifier: GPL-2.0-or-later */

/* For warmboot-confirm.service: this machine has come back. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/time-util.h"
#include "cmd.h"
#include "proof/confirm.h"
#include "run/run.h"
#include "sys/journal.h"

/* A boot that takes longer is confirmed all the same, without its end. */
#define FINISH_TIMEOUT_USEC (600 * USEC_PER_SEC)
#define KEEP_RECORDS        100

static void run_hooks(struct wb_sys *sys, struct wb_record *record)
{
	struct wb_run run = { .sys = sys, .record = record };

	/* Each has said itself what it found; the machine is up in any case. */
	(void)wb_run_later_phase(&run, WB_PHASE_CONFIRM);
}

/* 1 where it is known by now what became of a restart, and the record. */
static int find(struct wb_sys *sys, struct wb_record **ret)
{
	int r = wb_confirm_foreign(sys, ret);

	if (r < 0)
		wb_warning("what became of the restart for which drivers were put to "
			   "rest cannot be told: %s, continuing",
			   strerror(-r));
	/* A word on the command line may be an old one otherwise, taken over from it. */
	return r > 0 ? r : wb_confirm_arrival(sys, ret);
}

static void say(const struct wb_record *record)
{
	if (record->end == WB_END_CONFIRMED)
		wb_log_event(LOG_INFO, WB_EVENT_CONFIRMED, NULL,
			     "came back by the warm boot %s in %s", record->plan->id,
			     record->confirmation.release);
	else if (record->failure)
		wb_warning("the drivers were put to rest for a kexec, but %s",
			   record->failure);
	else
		wb_info("the machine is up again after a kexec for which its drivers were "
			"put to rest; this kernel does not say what started it");
}

/* Also where this kernel does not say what started it: then nothing speaks against it. */
static bool came_back(const struct wb_record *record)
{
	return record->end == WB_END_CONFIRMED || !record->failure;
}

static int complete(struct wb_sys *sys, struct wb_record *record)
{
	int r;

	run_hooks(sys, record);
	r = wb_bus_wait_boot_finished(FINISH_TIMEOUT_USEC);
	if (r < 0)
		wb_warning("the boot has not finished: %s, continuing without its time",
			   strerror(-r));
	r = wb_confirm_times(sys, record);
	if (r < 0)
		wb_error("cannot complete the record: %s", strerror(-r));
	return r;
}

static int judge(struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct wb_log_target before;
	int r = find(sys, &record);

	if (r < 0)
		wb_error("this boot cannot be confirmed: %s",
			 r == -ENOENT ? "its record is not in " WB_RECORD_FOLDER
				      : strerror(-r));
	if (r <= 0)
		return r;
	/* Its words belong to those of the run, in the journal of both boots. */
	before = wb_log_setup(LOG_INFO, wb_journal_sink, record->plan->id);
	say(record);
	if (came_back(record))
		r = complete(sys, record);
	wb_log_restore(before);
	return r;
}

static int cmd_confirm(struct wb_cli *cli, struct wb_sys *sys)
{
	int r = judge(sys), pruned;

	(void)cli;
	/* Each restart leaves a record, whatever became of it. */
	pruned = wb_confirm_prune(sys, KEEP_RECORDS);
	if (pruned < 0)
		wb_error("cannot remove old records: %s", strerror(-pruned));
	return r < 0 || pruned < 0 ? WB_EXIT_FAILED : WB_EXIT_DONE;
}

const struct wb_cmd wb_cmd_confirm = {
	.name = "confirm",
	.help = "record that the machine came back",
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_confirm,
};
