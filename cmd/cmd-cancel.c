/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Take back what --when asked for. */

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time-util.h"
#include "cmd.h"
#include "schedule.h"

#define STOP_TIMEOUT_USEC (120 * USEC_PER_SEC)

static int cmd_cancel(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_free_ char *why = NULL;
	bool active = false;
	int r;

	(void)cli;
	(void)sys;
	if (geteuid() != 0) {
		wb_error("only root may cancel it; try sudo warmboot cancel");
		return WB_EXIT_REFUSED;
	}
	r = wb_bus_is_active(WB_SCHEDULE_SERVICE, &active);
	if (r >= 0 && !active) {
		wb_info("no warm boot is scheduled");
		return WB_EXIT_DONE;
	}
	if (r >= 0)
		r = wb_bus_unit_job(WB_UNIT_STOP, WB_SCHEDULE_SERVICE, STOP_TIMEOUT_USEC,
				    &why);
	if (r < 0) {
		wb_error("cannot stop " WB_SCHEDULE_SERVICE
			 ": %s; the warm boot is still scheduled",
			 why ? why : strerror(-r));
		return WB_EXIT_FAILED;
	}
	if (wb_bus_is_active(WB_BUS_SERVICE, &active) >= 0 && active) {
		wb_error(
			"it is too late: the warm boot has begun; systemctl stop " WB_BUS_SERVICE
			" has it undone, if that can still be");
		return WB_EXIT_FAILED;
	}
	wb_info("the warm boot is cancelled");
	return WB_EXIT_DONE;
}

const struct wb_cmd wb_cmd_cancel = {
	.name = "cancel",
	.help = "take back a warm boot that --when asked for",
	.flags = WB_CMD_LIVE,
	.run = cmd_cancel,
};
