/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"

#include <errno.h>
#include <string.h>

#include "args.h"
#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "base/when.h"
#include "service.h"
#include "sys/journal.h"

/* It only waits: there is nothing to undo. */
#define STOP_TIMEOUT_USEC (10 * USEC_PER_SEC)

static int parse(struct wb_cli *cli)
{
	int r = wb_when_parse(cli->when, wb_now_usec(CLOCK_REALTIME), &cli->when_usec);

	if (r < 0)
		wb_error("the option --when takes now, +MINUTES, or HH:MM, and not '%s'; "
			 "see warmboot --help",
			 cli->when);
	return r;
}

static int make_argv(const struct wb_cli *cli, const struct wb_sys *sys, char ***ret)
{
	_cleanup_free_ char *program = NULL;
	int r = wb_service_program(sys, &program);

	if (r >= 0)
		r = wb_strv_append(ret, program);
	if (r >= 0)
		r = wb_strv_append(ret, "--yes");
	/* The service that makes it happen says it all in the journal. */
	if (r >= 0)
		r = wb_strv_append(ret, "--quiet");
	if (r >= 0)
		r = wb_args_repeat(cli, ret);
	if (r >= 0)
		r = wb_strv_append(ret, "scheduled");
	return r < 0 ? r : wb_strv_appendf(ret, "%ju", (uintmax_t)cli->when_usec);
}

int wb_schedule_begin(struct wb_cli *cli, struct wb_sys *sys, struct wb_schedule *ret)
{
	int r = parse(cli);

	if (r < 0)
		return r;
	r = make_argv(cli, sys, &ret->argv);
	if (r < 0)
		wb_error("cannot schedule it: %s", strerror(-r));
	return r;
}

void wb_schedule_done(struct wb_schedule *schedule)
{
	wb_strv_free(TAKE_PTR(schedule->argv));
}

char *wb_schedule_time(const struct wb_cli *cli)
{
	return wb_when_format(cli->when_usec, wb_now_usec(CLOCK_REALTIME));
}

/* An exit status. */
static int start(struct wb_schedule *schedule, const char *user)
{
	_cleanup_free_ char *why = NULL;
	struct wb_transient what = {
		.unit = WB_SCHEDULE_SERVICE,
		.description = "Warm boot at a later time",
		.stop_timeout_usec = STOP_TIMEOUT_USEC,
	};
	int r = wb_strv_append(&schedule->argv, user);

	what.argv = schedule->argv;
	if (r >= 0)
		r = wb_bus_start_transient(&what, &why);
	if (r == -EEXIST) {
		wb_error("a warm boot is scheduled already; warmboot cancel takes that "
			 "back");
		return WB_EXIT_REFUSED;
	}
	if (r < 0)
		wb_error("cannot start " WB_SCHEDULE_SERVICE ": %s; nothing is scheduled",
			 why ? why : strerror(-r));
	return r < 0 ? WB_EXIT_FAILED : WB_EXIT_DONE;
}

static void tell(const char *when, const char *user)
{
	_cleanup_free_ char *text =
		wb_format("a warm boot is scheduled for %s, by %s", when, user);
	struct wb_message message = { LOG_NOTICE, text, WB_EVENT_SCHEDULED, NULL };

	if (text)
		wb_journal_sink(&message, NULL);
}

int wb_schedule(const struct wb_cli *cli, struct wb_schedule *schedule, const char *user)
{
	_cleanup_free_ char *when = wb_schedule_time(cli);
	int status;

	if (!when || !user) {
		wb_error("out of memory; nothing is scheduled");
		return WB_EXIT_FAILED;
	}
	status = start(schedule, user);
	if (status != WB_EXIT_DONE)
		return status;
	tell(when, user);
	wb_info("warm boot at %s; warmboot cancel takes it back", when);
	return WB_EXIT_DONE;
}
