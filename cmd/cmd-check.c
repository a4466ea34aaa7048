/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is this machine ready, now? The findings of a plan by check, with those checks that had
 * nothing to say; and as root an image that is loaded for a moment. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "check-show.h"
#include "plan/check.h"
#include "prepare.h"
#include "run/lock.h"
#include "run/trial.h"
#include "sys/interrupt.h"

/* --- the trial -------------------------------------------------------------------- */

static void drop(const struct wb_message *message, void *userdata)
{
	(void)message;
	(void)userdata;
}

/* Its sentences are in the finding; as messages they would be said twice. */
static int load_quietly(struct wb_sys *sys, struct wb_plan *plan, char **ret_why)
{
	_cleanup_close_ int lock = wb_lock_take(&sys->root, "warmboot check");
	struct wb_log_target before;
	int r;

	if (lock < 0) {
		*ret_why =
			lock == -EBUSY
				? strdup("another warmboot is at work")
				: wb_format("cannot take the lock in /run/warmboot: %s",
					    strerror(-lock));
		return -EBUSY;
	}
	/* A Ctrl-C, or a connection that is lost, in the middle must not leave the image
	 * in memory. */
	r = wb_interrupt_hold();
	if (r < 0)
		return r;
	before = wb_log_setup(LOG_ERR, drop, NULL);
	r = wb_trial_load(sys, plan, ret_why);
	wb_log_restore(before);
	return r;
}

/* Each load counts, and none is given back: kernel.kexec_load_limit_reboot. */
static bool counts_loads(const struct wb_root *root)
{
	_cleanup_free_ char *limit = NULL;

	return wb_root_read_line(root, "proc/sys/kernel/kexec_load_limit_reboot",
				 &limit) >= 0 &&
	       strcmp(limit, "-1") != 0;
}

/* What is found wrong with which checks is a reason, whatever its severity. */
static const char *why_not_after(const struct wb_finding *f)
{
	const struct wb_check *check = f->check ? wb_check_find(f->check) : NULL;

	if (!check)
		return NULL;
	if (strcmp(check->name, "loaded") == 0)
		return "an image is loaded already";
	if ((check->flags & WB_CHECK_LOADING) && f->severity == WB_BLOCKER)
		return "a blocker stands in the way of it";
	/* To know is not worth that the kernel has to find memory at any price. */
	return strcmp(check->name, "memory") == 0 ? "there may not be memory enough"
						  : NULL;
}

/* A sentence, or NULL where nothing speaks against it. */
static const char *why_not(const struct wb_sys *sys, const struct wb_plan *plan)
{
	if (!sys->root.live)
		return "this is not the machine itself";
	if (geteuid() != 0)
		return "only root may load an image";
	for (size_t i = 0; i < plan->findings.n; i++) {
		const char *reason = why_not_after(&plan->findings.items[i]);

		if (reason)
			return reason;
	}
	if (counts_loads(&sys->root))
		return "this boot may load images only a few times more";
	return plan->n_steps == 0 ? "there is no plan to load" : NULL;
}

static int try_load(struct wb_sys *sys, struct wb_plan *plan)
{
	const char *reason = why_not(sys, plan);
	_cleanup_free_ char *why = NULL;
	size_t first = plan->findings.n;
	int r;

	if (reason)
		r = wb_findings_add(&plan->findings, WB_INFO, "load", "not tried: %s",
				    reason);
	else
		r = load_quietly(sys, plan, &why);
	if (!reason && r == -EINTR)
		r = wb_findings_add(&plan->findings, WB_INFO, "load",
				    "not tried: interrupted");
	else if (!reason && r == -EBUSY)
		r = wb_findings_add(&plan->findings, WB_INFO, "load", "not tried: %s",
				    why ? why : "somebody else is at work");
	else if (!reason && r < 0)
		r = wb_findings_advise(&plan->findings,
				       wb_findings_add(&plan->findings, WB_BLOCKER,
						       "load", "%s",
						       why ? why : strerror(-r)),
				       "the kernel's own words are in journalctl -k");
	return r < 0 ? r : wb_findings_name(&plan->findings, first, "load");
}

static int cmd_check(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;
	/* A word that is wrong is no reason to load an image. JSON has no columns. */
	int status = cli->json ? WB_EXIT_DONE : wb_check_columns(cli);

	if (status != WB_EXIT_DONE)
		return status;
	if (wb_prepare_plan(cli, sys, &plan) < 0)
		return WB_EXIT_FAILED;
	if (try_load(sys, plan) < 0) {
		wb_error("out of memory");
		return WB_EXIT_FAILED;
	}
	status = wb_check_show(cli, plan);
	if (status == WB_EXIT_DONE && wb_findings_blocker(&plan->findings))
		status = WB_EXIT_REFUSED;
	return status;
}

const struct wb_cmd wb_cmd_check = {
	.name = "check",
	.help = "is this machine ready to be warm booted, now?",
	.flags = WB_CMD_JSON | WB_CMD_TABLE,
	.run = cmd_check,
};
