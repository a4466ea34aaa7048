/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside warmboot.service: take the plan that the caller made and make it happen. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "cmd.h"
#include "ending.h"
#include "outlet.h"
#include "proof/expect.h"
#include "run/cold.h"
#include "run/lock.h"
#include "run/run.h"
#include "sys/interrupt.h"

#define LOCK_TRIES      40
#define LOCK_PAUSE_USEC (250 * USEC_PER_MSEC)

struct work {
	struct wb_sys *sys;
	struct wb_record *record;
	struct wb_outlet outlet;
};

static int finish(struct wb_outlet *outlet, const struct wb_record *record)
{
	_cleanup_free_ char *text = wb_ending_sentence(record);
	int status = wb_ending_status(record);

	wb_outlet_end(outlet, WB_EVENT_RUN_ENDED, status, text ? text : "out of memory");
	return status;
}

/* What the plan asks for where it cannot be done holds here, too. */
static bool falls_back(struct wb_sys *sys, struct wb_record *record, const char *reason)
{
	_cleanup_free_ char *why = NULL;
	int r;

	if (!record->plan->reboot)
		return false;
	r = wb_cold_reboot(sys, record, reason, &why);
	if (r < 0)
		wb_error("cannot start reboot.target: %s", why ? why : strerror(-r));
	return r >= 0;
}

/* Not begun. With -EBUSY somebody else is at work, and nothing may disturb that. */
static int refuse(struct work *w, int r, const char *what)
{
	_cleanup_free_ char *text = NULL;

	text = r < 0 && r != -EBUSY ? wb_format("%s: %s", what, strerror(-r))
				    : strdup(what);
	if (r != -EBUSY && falls_back(w->sys, w->record, text ? text : what))
		return finish(&w->outlet, w->record);
	wb_outlet_end(&w->outlet, WB_EVENT_REFUSED, WB_EXIT_REFUSED, text ? text : what);
	return WB_EXIT_REFUSED;
}

/* Its record would be written over, and with it the only way back; also one that cannot
 * be read may be that. */
static bool has_unfinished(const struct wb_root *root)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	return wb_run_find_unfinished(root, &record) < 0 || record;
}

/* Without a past nothing is known, and that is said, too. */
static void expect(struct work *w)
{
	_cleanup_(wb_history_done) struct wb_history history = { 0 };

	if (wb_history_read(&w->sys->root, &history) < 0)
		wb_warning("cannot read the earlier warm boots, continuing");
	wb_expect(&history, w->record);
}

/* warmboot check has it while it tries an image, which is not for long. */
static int take_lock(struct wb_sys *sys, const char *user)
{
	int lock = wb_lock_take(&sys->root, user);

	for (unsigned int i = 0; lock == -EBUSY && i < LOCK_TRIES; i++) {
		if (sys->ops->pause(sys, LOCK_PAUSE_USEC) < 0)
			break;
		lock = wb_lock_take(&sys->root, user);
	}
	return lock;
}

static int execute(struct work *w)
{
	struct wb_run run = { .sys = w->sys, .record = w->record };
	const struct wb_root *root = &w->sys->root;
	const char *user = w->record->user;
	_cleanup_close_ int lock = -1;
	int r;

	lock = take_lock(w->sys, user ? user : "somebody");
	if (lock == -EBUSY)
		return refuse(w, lock,
			      "another warmboot is at work; warmboot plan says whose");
	if (lock < 0)
		return refuse(w, lock, "cannot take the lock in /run/warmboot");
	if (has_unfinished(root))
		return refuse(w, 0,
			      "an earlier run was killed on its way or not undone "
			      "wholly; warmboot restore undoes what it did");
	r = wb_interrupt_setup(/* terminate= */ true);
	if (r >= 0)
		r = wb_record_name_boot(w->record, root);
	if (r < 0)
		return refuse(w, r, "cannot begin");
	expect(w);
	wb_run(&run);
	return finish(&w->outlet, w->record);
}

static int cmd_execute(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	const char *path = cli->words[0], *caller = path ? cli->words[1] : NULL;
	struct work work = { .sys = sys };
	struct wb_log_target before;
	int r = path ? wb_record_read(&sys->root, path, &record) : -EINVAL;

	if (r < 0) {
		wb_error("cannot read the plan %s: %s", path ? path : "", strerror(-r));
		return WB_EXIT_REFUSED;
	}
	/* It is ours alone from here on. */
	(void)wb_root_remove(&sys->root, path);
	work.record = record;
	wb_outlet_begin(&sys->root, record->plan->id, caller, &work.outlet);
	/* All of it: who follows chooses what to show. */
	before = wb_log_setup(LOG_DEBUG, wb_outlet_say, &work.outlet);
	r = execute(&work);
	/* It is gone with this frame. */
	wb_log_restore(before);
	return r;
}

const struct wb_cmd wb_cmd_execute = {
	.name = "execute",
	.words = "PLAN [CALLER]",
	.help = "make a plan happen, inside warmboot.service",
	.max_words = 2,
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_execute,
};
