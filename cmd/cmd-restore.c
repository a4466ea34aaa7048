/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finish the undo of a run that was killed on its way, or that left something behind. */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "cmd.h"
#include "run/lock.h"
#include "run/run.h"
#include "sys/interrupt.h"

/* A repair goes to its end, also when the terminal or the pipe that it was typed in goes
 * with the session behind it. Programs that it starts do not inherit that: sys/spawn.c.
 */
static int hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGPIPE);
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

/* An exit status, or -1 where there is a record to go on with. */
static int look(const struct wb_sys *sys, struct wb_record **ret)
{
	int r = wb_run_find_unfinished(&sys->root, ret);

	if (r < 0) {
		wb_error("cannot read " WB_RECORD_LIVE ": %s; nobody knows what is left "
			 "to undo; an ordinary reboot, systemctl reboot, makes the "
			 "machine whole again",
			 strerror(-r));
		return WB_EXIT_NOT_UNDONE;
	}
	if (*ret)
		return -1;
	wb_info("there is nothing to restore: no run left anything behind");
	return WB_EXIT_DONE;
}

static int take_lock(const struct wb_sys *sys)
{
	int lock;

	if (geteuid() != 0) {
		wb_error("only root may put the machine back; try sudo warmboot restore");
		return -EPERM;
	}
	lock = wb_lock_take(&sys->root, "warmboot restore");
	if (lock == -EBUSY)
		wb_error("another warmboot is at work, and undoes by itself what it did; "
			 "warmboot plan says whose");
	else if (lock < 0)
		wb_error("cannot take the lock in /run/warmboot: %s; nothing was changed",
			 strerror(-lock));
	return lock;
}

static int cmd_restore(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *first = NULL, *record = NULL;
	struct wb_run run = { .sys = sys };
	_cleanup_close_ int lock = -1;
	int status = look(sys, &first);

	(void)cli;
	if (status >= 0)
		return status;
	lock = take_lock(sys);
	if (lock < 0)
		return WB_EXIT_REFUSED;
	/* It may have been that of a run that went on, and has ended meanwhile. */
	status = look(sys, &record);
	if (status >= 0)
		return status;
	run.record = record;
	return finish(&run);
}

const struct wb_cmd wb_cmd_restore = {
	.name = "restore",
	.help = "undo what a run that was killed left behind",
	.flags = WB_CMD_LIVE,
	.run = cmd_restore,
};
