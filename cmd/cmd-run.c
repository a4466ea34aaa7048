/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Without a verb: plan, check, ask, and hand the plan to a service of its own, because
 * the terminal and the session may end on the way. Then follow what it says.
 */

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "ask.h"
#include "base/log.h"
#include "base/text.h"
#include "cmd.h"
#include "ending.h"
#include "fallback.h"
#include "follow.h"
#include "plan/check.h"
#include "plan/plan-summary.h"
#include "prepare.h"
#include "run/record.h"
#include "schedule.h"
#include "service.h"
#include "terminal.h"

/* One that can be taken away says by which word, one that was says that. */
static void show_finding(int level, const struct wb_finding *f)
{
	_cleanup_free_ char *word = NULL;

	if (wb_check_ignore_word(f, &word) < 0 || !word)
		wb_log(level, "%s: %s", f->subject, f->message);
	else if (f->severity == WB_IGNORED)
		wb_log(level, "%s: ignored, as --ignore=%s says: %s", f->subject, word,
		       f->message);
	else
		wb_log(level, "%s: %s (--ignore=%s)", f->subject, f->message, word);
}

static void show_findings(const struct wb_plan *plan)
{
	static const int levels[_WB_SEVERITY_MAX] = {
		[WB_INFO] = LOG_INFO,
		[WB_WARNING] = LOG_WARNING,
		[WB_BLOCKER] = LOG_ERR,
		[WB_IGNORED] = LOG_WARNING,
	};

	for (size_t i = 0; i < plan->findings.n; i++) {
		const struct wb_finding *f = &plan->findings.items[i];

		show_finding(levels[f->severity], f);
	}
}

static bool ask(const struct wb_cli *cli, const struct wb_plan *plan)
{
	_cleanup_free_ char *when = NULL;

	if (!wb_ask_may(cli))
		return true;
	if (plan->findings.n > 0)
		putchar('\n');
	if (wb_plan_summarize(plan, wb_terminal_columns(STDOUT_FILENO), stdout) < 0) {
		wb_error("out of memory");
		return false;
	}
	if (cli->when)
		when = wb_schedule_time(cli);
	printf("%s%s%s", when ? "Do that at " : "Go on", when ? when : "", "?");
	return wb_ask_yes();
}

/* "alice on /dev/pts/0": who is behind a sudo, too. */
static char *describe_user(const struct wb_root *root)
{
	_cleanup_free_ char *text = NULL;
	const char *tty = isatty(STDIN_FILENO) ? ttyname(STDIN_FILENO) : NULL;
	const struct passwd *pw = NULL;
	uint64_t uid = getuid();

	/* The login uid survives su and sudo; it is (uid_t)-1 where nobody logged in. */
	if (wb_root_read_line(root, "proc/self/loginuid", &text) >= 0 &&
	    (wb_parse_u64(text, 10, &uid) < 0 || uid == (uid_t)-1))
		uid = getuid();
	pw = getpwuid((uid_t)uid);
	return wb_format("%s%s%s", pw ? pw->pw_name : "an unknown user",
			 tty ? " on " : "", tty ? tty : "");
}

/* What could not be done is a sentence in @problem, as with the functions below. */
static int write_draft(struct wb_sys *sys, const struct wb_record *record, char **ret,
		       char **problem)
{
	_cleanup_free_ char *path = wb_format("/run/warmboot/%s.json", record->plan->id);
	int r = path ? wb_record_write(record, &sys->root, path) : -ENOMEM;

	if (r < 0) {
		*problem = wb_format("cannot write %s: %s", path ? path : "the plan",
				     strerror(-r));
		return r;
	}
	*ret = TAKE_PTR(path);
	return 0;
}

/* The journal lost its last words, or nobody was left to say them: the record knows. */
static int tell_from_record(struct wb_sys *sys, const char *id)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	_cleanup_free_ char *path = wb_record_path(id), *text = NULL;

	if (path && wb_record_read(&sys->root, path, &record) >= 0 &&
	    wb_endings[record->end].sentence) {
		text = wb_ending_sentence(record);
		wb_error("%s", text ? text : "out of memory");
		return wb_ending_status(record);
	}
	wb_error(WB_BUS_SERVICE
		 " ended without saying how; see journalctl -u " WB_BUS_SERVICE
		 ", and run warmboot restore to undo what it did");
	return WB_EXIT_NOT_UNDONE;
}

static int begin(const struct wb_cli *cli, struct wb_sys *sys,
		 const struct wb_record *record, struct wb_follow *follow, char **problem)
{
	_cleanup_free_ char *draft = NULL;
	int r = wb_follow_begin(record->plan->id, record->plan, WB_BUS_SERVICE,
				cli->quiet, follow);

	if (r < 0) {
		*problem = wb_format("cannot read the journal: %s", strerror(-r));
		return r;
	}
	r = write_draft(sys, record, &draft, problem);
	if (r < 0)
		return r;
	r = wb_service_start(sys, "Warm boot", "execute", draft, problem);
	if (r < 0)
		(void)wb_root_remove(&sys->root, draft);
	return r;
}

static int hand_to_service(const struct wb_cli *cli, struct wb_sys *sys,
			   struct wb_record *record)
{
	_cleanup_(wb_follow_done) struct wb_follow follow = { 0 };
	_cleanup_free_ char *problem = NULL;
	int r = begin(cli, sys, record, &follow, &problem);

	if (r < 0) {
		wb_error("%s; nothing was changed", problem ? problem : strerror(-r));
		if (r == -EEXIST)
			return WB_EXIT_REFUSED;
		return record->plan->reboot
			       ? wb_fallback(cli, sys, record,
					     problem ? problem : strerror(-r))
			       : WB_EXIT_FAILED;
	}
	r = wb_follow_until_end(&follow);
	return r == -ENODATA ? tell_from_record(sys, record->plan->id)
	       : r < 0       ? WB_EXIT_NOT_UNDONE
			     : r;
}

static int cmd_run(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_schedule_done) struct wb_schedule schedule = { 0 };
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	const struct wb_finding *blocker;
	struct wb_plan *plan = NULL;

	if (cli->dry_run)
		return wb_cmd_plan.run(cli, sys);
	if (geteuid() != 0) {
		wb_error(
			"only root may restart the machine; try sudo warmboot (warmboot plan "
			"works without)");
		return WB_EXIT_REFUSED;
	}
	if (cli->when && wb_schedule_begin(cli, sys, &schedule) < 0)
		return WB_EXIT_USAGE;
	if (wb_prepare_plan(cli, sys, &plan) < 0)
		return WB_EXIT_FAILED;
	/* The record owns the plan from here on. */
	record = wb_record_new(plan);
	if (!record)
		return WB_EXIT_FAILED;
	record->user = cli->user ? strdup(cli->user) : describe_user(&sys->root);
	show_findings(plan);
	blocker = wb_findings_blocker(&plan->findings);
	if (blocker)
		/* What would take its place is for when it is time. */
		return plan->reboot && !cli->when
			       ? wb_fallback(cli, sys, record, blocker->message)
			       : WB_EXIT_REFUSED;
	if (!ask(cli, plan)) {
		wb_info("nothing was changed");
		return WB_EXIT_REFUSED;
	}
	if (cli->when)
		return wb_schedule(cli, &schedule, record->user);
	/* The connection that the operator came by is not to be ended. A session at the
	 * machine itself is, when it holds the GPU: that is what they asked for. */
	(void)!wb_bus_own_remote_session(&record->session);
	return hand_to_service(cli, sys, record);
}

const struct wb_cmd wb_cmd_run = {
	.name = "(none)",
	.help = "restart the machine through kexec",
	.flags = WB_CMD_LIVE,
	.run = cmd_run,
};
