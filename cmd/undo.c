/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "undo.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "run/lock.h"
#include "run/loss.h"
#include "run/run.h"
#include "sys/interrupt.h"

char *wb_undo_sentence(const struct wb_record *record, int *ret_status)
{
	_cleanup_free_ char *lost = wb_losses_to_string(record);

	*ret_status = record->end == WB_END_UNDONE ? WB_EXIT_DONE : WB_EXIT_NOT_UNDONE;
	if (record->end == WB_END_UNDONE)
		return lost ? wb_format("everything was undone%s", lost) : NULL;
	if (record->end == WB_END_UNDONE_WITH_LOSS)
		return lost ? wb_format("it was undone, but not all is as before%s", lost)
			    : NULL;
	return wb_format("not all of it could be undone; see warmboot report %s",
			 record->plan->id);
}

int wb_undo_look(const struct wb_sys *sys, struct wb_record **ret, char **ret_last)
{
	int r = wb_run_find_unfinished(&sys->root, ret);

	if (r < 0) {
		*ret_last = wb_format(
			"cannot read " WB_RECORD_LIVE ": %s; nobody knows what is left "
			"to undo; an ordinary reboot, systemctl reboot, makes the "
			"machine whole again",
			strerror(-r));
		return WB_EXIT_NOT_UNDONE;
	}
	if (*ret)
		return -1;
	*ret_last = strdup("there is nothing to restore: no run left anything behind");
	return WB_EXIT_DONE;
}

static int take_lock(const struct wb_sys *sys, char **ret_last)
{
	int lock = wb_lock_take(&sys->root, "warmboot restore");

	if (lock == -EBUSY)
		*ret_last = strdup(
			"another warmboot is at work, and undoes by itself what it did; "
			"warmboot plan says whose");
	else if (lock < 0)
		*ret_last = wb_format("cannot take the lock in /run/warmboot: %s; "
				      "nothing was changed",
				      strerror(-lock));
	return lock;
}

static int finish(struct wb_run *run, char **ret_last)
{
	int status, r = wb_interrupt_hold();

	if (r < 0) {
		*ret_last =
			wb_format("cannot begin: %s; nothing was changed", strerror(-r));
		return WB_EXIT_REFUSED;
	}
	(void)wb_run_restore(run);
	*ret_last = wb_undo_sentence(run->record, &status);
	return status;
}

int wb_undo_unfinished(struct wb_sys *sys, char **ret_last)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct wb_run run = { .sys = sys };
	_cleanup_close_ int lock = take_lock(sys, ret_last);
	int status;

	if (lock < 0)
		return WB_EXIT_REFUSED;
	/* It may have been that of a run that went on, and has ended meanwhile. */
	status = wb_undo_look(sys, &record, ret_last);
	if (status >= 0)
		return status;
	run.record = record;
	return finish(&run, ret_last);
}
