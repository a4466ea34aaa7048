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

/* 1 where this boot came through kexec, and the rest is of use. */
static int confirm(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = wb_confirm_foreign(sys, &record);

	/* A word on the command line may be an old one then, taken over from it. */
	if (r == 0)
		return wb_confirm_arrival(sys, ret);
	if (r < 0 || record->end == WB_END_CONFIRMED) {
		*ret = TAKE_PTR(record);
		return r;
	}
	wb_log_setup(LOG_INFO, wb_journal_sink, record->plan->id);
	if (record->end == WB_END_COLD)
		wb_warning("the drivers were put to rest for a kexec, but %s",
			   record->failure);
	else
		wb_info("the machine is up again after a kexec for which its drivers were "
			"put to rest; this kernel does not say what started it");
	return 0;
}

static int cmd_confirm(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = confirm(sys, &record);

	(void)cli;
	if (r == 0)
		return WB_EXIT_DONE;
	if (r < 0) {
		wb_error("this boot cannot be confirmed: %s",
			 r == -ENOENT ? "its record is not in " WB_RECORD_FOLDER
				      : strerror(-r));
		return WB_EXIT_FAILED;
	}
	/* Its words belong to those of the run, in the journal of both boots. */
	wb_log_setup(LOG_INFO, wb_journal_sink, record->plan->id);
	wb_log_event(LOG_INFO, WB_EVENT_CONFIRMED, NULL,
		     "came back by the warm boot %s in %s", record->plan->id,
		     record->confirmation.release);
	run_hooks(sys, record);
	r = wb_bus_wait_boot_finished(FINISH_TIMEOUT_USEC);
	if (r < 0)
		wb_warning("the boot has not finished: %s, continuing without its time",
			   strerror(-r));
	r = wb_confirm_times(sys, record);
	if (r >= 0)
		r = wb_confirm_prune(sys, KEEP_RECORDS);
	if (r < 0)
		wb_error("cannot complete the record: %s", strerror(-r));
	return r < 0 ? WB_EXIT_FAILED : WB_EXIT_DONE;
}

const struct wb_cmd wb_cmd_confirm = {
	.name = "confirm",
	.help = "record that the machine came back",
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_confirm,
};
