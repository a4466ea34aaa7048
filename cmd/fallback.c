/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fallback.h"

#include <errno.h>
#include <string.h>

#include "ask.h"
#include "base/log.h"
#include "base/text.h"
#include "ending.h"
#include "run/cold.h"
#include "run/lock.h"

static bool ask(const struct wb_cli *cli)
{
	if (!wb_ask_may(cli))
		return true;
	printf("No warm boot. Reboot through the firmware instead? All sessions end.");
	return wb_ask_yes();
}

static int refuse_busy(int error)
{
	if (error == -EBUSY)
		wb_error("another warmboot is at work; the machine is not rebooted");
	else
		wb_error("cannot take the lock in /run/warmboot: %s; the machine is not "
			 "rebooted",
			 strerror(-error));
	return WB_EXIT_REFUSED;
}

static int reboot(struct wb_sys *sys, struct wb_record *record, const char *reason)
{
	_cleanup_free_ char *why = NULL, *text = NULL;
	int r = wb_cold_reboot(sys, record, reason, &why);

	if (r < 0) {
		wb_error("cannot start reboot.target: %s; nothing was changed",
			 why ? why : strerror(-r));
		return WB_EXIT_FAILED;
	}
	text = wb_ending_sentence(record);
	wb_warning("%s", text ? text : "out of memory");
	return wb_ending_status(record);
}

int wb_fallback(const struct wb_cli *cli, struct wb_sys *sys, struct wb_record *record,
		const char *reason)
{
	const struct wb_finding *veto = wb_findings_veto(&record->plan->findings);
	_cleanup_close_ int lock = -1;

	if (veto) {
		wb_error("an ordinary reboot is refused as well, for: %s", veto->message);
		return WB_EXIT_REFUSED;
	}
	if (!ask(cli)) {
		wb_info("nothing was changed");
		return WB_EXIT_REFUSED;
	}
	/* Somebody else may have begun while the question stood there. */
	lock = wb_lock_take(&sys->root, record->user ? record->user : "somebody");
	if (lock < 0)
		return refuse_busy(lock);
	return reboot(sys, record, reason);
}
