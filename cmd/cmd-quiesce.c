/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside warmboot-quiesce.service, while systemd reaches kexec.target: put the drivers to
 * rest for an image that somebody else loaded. Services and mounts have gone by now. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "cmd.h"
#include "ending.h"
#include "facts/state.h"
#include "outlet.h"
#include "prepare.h"
#include "run/foreign.h"
#include "sys/interrupt.h"

/* The unit is ordered after it: without it nobody has stopped anything. */
#define STOPPED "shutdown.target"
#define UNIT    "warmboot-quiesce.service"

/* By this program's own run, or by an earlier call of this: also where that was given up
 * or killed, since the late helper sees to it. A record that cannot be read speaks for
 * nobody. */
static bool is_seen_to(struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	if (wb_record_read(&sys->root, WB_RECORD_LIVE, &record) < 0)
		return false;
	return record->foreign ||
	       (record->end == WB_END_HANDED_OVER && wb_foreign_is_own(sys, record));
}

/* The kernel's word on who has started this process. */
static bool is_in_unit(const struct wb_root *root)
{
	_cleanup_free_ char *groups = NULL;

	return wb_root_read(root, "proc/self/cgroup", &groups, NULL) >= 0 &&
	       strstr(groups, "/" UNIT "\n");
}

/* By hand it would take a running machine apart. */
static bool is_called_by_hand(struct wb_sys *sys)
{
	_cleanup_strv_ char **active = NULL;
	int r = sys->ops->active_units(sys, &active);

	if (r >= 0)
		return !wb_strv_contains(active, STOPPED);
	wb_warning("cannot ask systemd whether it stops this machine: %s", strerror(-r));
	/* By RefuseManualStart= nobody starts that one but systemd. */
	return !is_in_unit(&sys->root);
}

static void say_findings(const struct wb_plan *plan)
{
	static const int levels[_WB_SEVERITY_MAX] = {
		[WB_INFO] = LOG_DEBUG,
		[WB_WARNING] = LOG_WARNING,
		[WB_BLOCKER] = LOG_ERR,
		[WB_IGNORED] = LOG_DEBUG,
	};

	for (size_t i = 0; i < plan->findings.n; i++) {
		const struct wb_finding *f = &plan->findings.items[i];

		wb_log(levels[f->severity], "%s: %s", f->subject, f->message);
	}
}

/* Nobody can be asked any more, and nothing is left that could be undone: what would have
 * been refused ends in the reboot that the machine would have had without kexec. */
static int act(struct wb_sys *sys, struct wb_record *record, bool planned)
{
	struct wb_run run = { .sys = sys, .record = record };
	const struct wb_finding *blocker = wb_findings_blocker(&record->plan->findings);

	if (!planned)
		wb_foreign_give_up(&run, "there is no plan for the drivers");
	else if (blocker)
		wb_foreign_give_up(&run, blocker->message);
	else
		wb_foreign_run(&run);
	return wb_ending_status(record);
}

static void end(struct wb_outlet *outlet, const struct wb_record *record, int status)
{
	wb_outlet_end(outlet, WB_EVENT_RUN_ENDED, status,
		      record->end == WB_END_HANDED_OVER
			      ? "the drivers are at rest; systemd starts the new kernel"
			      : wb_endings[record->end].sentence);
}

/* A record of nothing, in /run; NULL where it cannot be there. */
static struct wb_record *claim(struct wb_sys *sys)
{
	struct wb_plan *plan = wb_prepare_empty_plan();
	/* It owns the plan. */
	_cleanup_(wb_record_freep) struct wb_record *record =
		plan ? wb_record_new(plan) : NULL;
	struct wb_run run = { .sys = sys, .record = record };

	return record && wb_foreign_claim(&run) >= 0 ? TAKE_PTR(record) : NULL;
}

/* Put a record with a plan in the place of the empty one, where there is a plan. */
static bool use_plan(struct wb_cli *cli, struct wb_sys *sys, struct wb_record **record)
{
	struct wb_plan *plan = NULL;
	struct wb_record *planned;

	cli->request.quiesce_only = true;
	if (wb_prepare_plan(cli, sys, &plan) < 0)
		return false;
	planned = wb_record_new(plan);
	if (!planned)
		return false;
	wb_record_free(*record);
	*record = planned;
	return true;
}

static int quiesce(struct wb_cli *cli, struct wb_sys *sys, struct wb_outlet *outlet)
{
	_cleanup_(wb_record_freep) struct wb_record *record = claim(sys);
	bool planned;
	int status;

	if (!record) {
		wb_foreign_drop(sys, "nothing can be written down in /run");
		return WB_EXIT_NOT_UNDONE;
	}
	planned = use_plan(cli, sys, &record);
	/* Until now a signal was the end. systemd's limit on the unit asks for giving up
	 * in order. */
	if (wb_interrupt_setup(/* terminate= */ true) < 0)
		wb_warning("signals cannot be watched, continuing");
	/* Its words belong to the run from here on. */
	outlet->id = record->plan->id;
	say_findings(record->plan);
	status = act(sys, record, planned);
	end(outlet, record, status);
	outlet->id = NULL;
	return status;
}

static int look_and_quiesce(struct wb_cli *cli, struct wb_sys *sys,
			    struct wb_outlet *outlet)
{
	if (is_seen_to(sys)) {
		wb_debug("this warm boot's own run or an earlier call has seen to the "
			 "drivers: nothing to do");
		return WB_EXIT_DONE;
	}
	if (wb_state_kexec_loaded(&sys->root) != 1) {
		wb_info("no image is loaded: the drivers are left alone, and the machine "
			"reboots through its firmware");
		/* systemd 252 would load the boot loader's default entry after us. */
		wb_foreign_keep_unloaded(sys);
		return WB_EXIT_DONE;
	}
	return quiesce(cli, sys, outlet);
}

static int cmd_quiesce(struct wb_cli *cli, struct wb_sys *sys)
{
	struct wb_log_target before;
	struct wb_outlet outlet;
	int status;

	if (is_called_by_hand(sys)) {
		wb_error("systemd does not stop this machine: quiesce is for "
			 "warmboot-quiesce.service; nothing was changed");
		return WB_EXIT_USAGE;
	}
	/* Nobody follows: what is to be seen is on the console. */
	wb_outlet_begin(&sys->root, /* id= */ NULL, /* caller= */ NULL, &outlet);
	before = wb_log_setup(LOG_DEBUG, wb_outlet_say, &outlet);
	status = look_and_quiesce(cli, sys, &outlet);
	wb_log_restore(before);
	return status;
}

const struct wb_cmd wb_cmd_quiesce = {
	.name = "quiesce",
	.help = "put the drivers to rest on the way to kexec.target",
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_quiesce,
};
