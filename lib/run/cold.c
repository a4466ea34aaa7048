/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/cold.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"

int wb_cold_reboot(struct wb_sys *sys, struct wb_record *record, const char *reason,
		   char **ret_why)
{
	_cleanup_free_ char *path = wb_record_path(record->plan->id);
	int r = path ? wb_set_format(&record->failure, "%s", reason) : -ENOMEM;

	if (r < 0)
		return r;
	record->started_usec = wb_now_usec(CLOCK_REALTIME);
	record->end = WB_END_COLD;
	/* Without them the report says a little less, and that stops no reboot. */
	if (wb_record_name_boot(record, &sys->root) < 0)
		wb_debug("this boot has no name in /proc, continuing");
	/* Before the act: after it systemd ends this process at any time. */
	r = wb_record_write(record, &sys->root, path);
	if (r < 0)
		wb_warning("cannot write the record of this reboot: %s, continuing",
			   strerror(-r));
	r = sys->ops->enqueue(sys, "reboot.target", ret_why);
	if (r < 0)
		(void)wb_root_remove(&sys->root, path);
	return r;
}
