/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finish the undo of a run that was killed on its way. */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "cmd.h"
#include "run/lock.h"
#include "run/run.h"
#include "sys/interrupt.h"

/* A repair goes to its end, also when the terminal that it was typed in goes with the
 * session behind it. */
static int hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return wb_interrupt_setup(/* terminate= */ true);
}

static int finish(struct wb_run *run)
{
	int r = hold_signals();

	if (r < 0) {
		wb_error("cannot begin: %s; nothing was changed", strerror(-r));
		return WB_EXIT_REFUSED;
	}
	wb_info("undoing what the run %s of %s left behind", run->record->plan->id,
		run->record->user ? run->record->user : "an unknown user");
	if (wb_run_restore(run) < 0) {
		wb_error("not all of it could be undone; see warmboot report %s",
			 run->record->plan->id);
		return WB_EXIT_NOT_UNDONE;
	}
	wb_info("everything was undone");
	return WB_EXIT_DONE;
}

/* Read again, now that nobody is at work. */
static int restore(struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct wb_run run = { .sys = sys };
	int r = wb_run_find_unfinished(&sys->root, &record);

	if (r < 0) {
		wb_error("cannot read " WB_RECORD_LIVE ": %s; nobody knows what is left "
			 "to undo",
			 strerror(-r));
		return WB_EXIT_NOT_UNDONE;
	}
	if (!record) {
		wb_info("there is nothing to restore: no run was killed on its way");
		return WB_EXIT_DONE;
	}
	run.record = record;
	return finish(&run);
}

static int cmd_restore(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_close_ int lock = -1;

	(void)cli;
	if (geteuid() != 0) {
		wb_error("only root may put the machine back; try sudo warmboot restore");
		return WB_EXIT_REFUSED;
	}
	lock = wb_lock_take(&sys->root, "warmboot restore");
	if (lock == -EBUSY) {
		wb_error("another warmboot is at work, and undoes by itself what it did; "
			 "warmboot plan says whose");
		return WB_EXIT_REFUSED;
	}
	if (lock < 0) {
		wb_error("cannot take the lock in /run/warmboot: %s", strerror(-lock));
		return WB_EXIT_FAILED;
	}
	return restore(sys);
}

const struct wb_cmd wb_cmd_restore = {
	.name = "restore",
	.help = "undo what a run that was killed left behind",
	.flags = WB_CMD_LIVE,
	.run = cmd_restore,
};
