/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/cold.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"

/* Without them the report says a little less, and that stops no reboot. */
static void describe_machine(const struct wb_root *root, struct wb_record *record)
{
	int r = 0;

	if (!record->boot_id)
		r = wb_root_read_line(root, "proc/sys/kernel/random/boot_id",
				      &record->boot_id);
	if (r >= 0 && !record->release)
		r = wb_root_read_line(root, "proc/sys/kernel/osrelease",
				      &record->release);
	if (r < 0)
		wb_debug("this boot has no name in /proc, continuing");
}

int wb_cold_reboot(struct wb_sys *sys, struct wb_record *record, const char *reason,
		   char **ret_why)
{
	_cleanup_free_ char *path = wb_record_path(record->plan->id);
	int r = path ? wb_set_format(&record->failure, "%s", reason) : -ENOMEM;

	if (r < 0)
		return r;
	record->started_usec = wb_now_usec(CLOCK_REALTIME);
	record->end = WB_END_COLD;
	describe_machine(&sys->root, record);
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
