/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The late helper, in systemd's system-shutdown folder: systemd-shutdown(8) runs it as
 * "warmboot kexec" when every process has been stopped and the root is read-only. It
 * runs what the plan left for this moment. A failure changes nothing: the jump is still
 * right.
 */

#include <string.h>

#include "run/run.h"

int main(int argc, char *argv[])
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct wb_sys sys = { .ops = &wb_sys_live };
	struct wb_run run = { .sys = &sys };
	int r;

	if (argc < 2 || strcmp(argv[1], "kexec") != 0)
		return 0;
	r = wb_root_open(&sys.root, "/");
	if (r >= 0)
		r = wb_record_read(&sys.root, WB_RECORD_LIVE, &record);
	/* A kexec that was not ours. */
	if (r < 0 || record->end != WB_END_HANDED_OVER)
		return 0;
	run.record = record;
	r = wb_run_later_phase(&run, WB_PHASE_LATE);
	wb_root_close(&sys.root);
	return r < 0;
}
