/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finish the undo of a run that was killed on its way, or that left something behind. As
 * a run it goes in a service of its own: it stops and starts what the caller may live in.
 */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "follow.h"
#include "service.h"
#include "undo.h"

static int say(int status, char *last)
{
	wb_log(status == WB_EXIT_DONE ? LOG_INFO : LOG_ERR, "%s",
	       last ? last : "out of memory");
	free(last);
	return status;
}

/* The service ended without a last word: the record knows. */
static int tell_from_record(struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int status;
	char *last;

	if (wb_record_read(&sys->root, WB_RECORD_LIVE, &record) < 0 ||
	    record->end == WB_END_RUNNING) {
		wb_error(WB_BUS_SERVICE
			 " ended without saying how; see journalctl -u " WB_BUS_SERVICE
			 ", and run warmboot restore once more");
		return WB_EXIT_NOT_UNDONE;
	}
	last = wb_undo_sentence(record, &status);
	return say(status, last);
}

/* 0 when it runs. The run's messages stand in the journal under the run's id: this one
 * has another, so that what is shown is new. */
static int begin(const struct wb_cli *cli, struct wb_sys *sys,
		 const struct wb_record *record, struct wb_follow *follow, char **problem)
{
	_cleanup_free_ char *id = NULL;
	int r = wb_root_read_line(&sys->root, "proc/sys/kernel/random/uuid", &id);

	if (r >= 0)
		r = wb_follow_begin(id, record->plan, WB_BUS_SERVICE, cli->quiet, follow);
	if (r < 0) {
		*problem = wb_format("cannot read the journal: %s", strerror(-r));
		return r;
	}
	follow->to_its_end = true;
	return wb_service_start(sys, "Undo of a warm boot", "undo", id, problem);
}

static int undo_here(struct wb_sys *sys, const char *problem)
{
	char *last = NULL;
	int status;

	wb_warning("%s; undoing it in this process, which has to stay until that is done",
		   problem);
	status = wb_undo_unfinished(sys, &last);
	return say(status, last);
}

static int hand_to_service(const struct wb_cli *cli, struct wb_sys *sys,
			   const struct wb_record *record)
{
	_cleanup_(wb_follow_done) struct wb_follow follow = { 0 };
	_cleanup_free_ char *problem = NULL;
	int r = begin(cli, sys, record, &follow, &problem);

	/* Also where the service is there already: it may be only what hangs of the run
	 * that was killed, and if somebody is at work he has the lock. */
	if (r == -EEXIST)
		return undo_here(sys, "there is a " WB_BUS_SERVICE " already");
	if (r < 0)
		return undo_here(sys, problem ? problem : strerror(-r));
	r = wb_follow_until_end(&follow);
	return r == -ENODATA ? tell_from_record(sys) : r < 0 ? WB_EXIT_NOT_UNDONE : r;
}

static int cmd_restore(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	char *last = NULL;
	int status = wb_undo_look(sys, &record, &last);

	if (status >= 0)
		return say(status, last);
	if (geteuid() != 0) {
		wb_error("only root may put the machine back; try sudo warmboot restore");
		return WB_EXIT_REFUSED;
	}
	return hand_to_service(cli, sys, record);
}

const struct wb_cmd wb_cmd_restore = {
	.name = "restore",
	.help = "undo what a run that was killed left behind",
	.flags = WB_CMD_LIVE,
	.run = cmd_restore,
};
