/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside warmboot-scheduled.service: wait, warn those who are logged in, then be the
 * warmboot that was asked for. The plan is made then: until that time much may change. */

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "base/when.h"
#include "cmd.h"
#include "sys/interrupt.h"
#include "sys/journal.h"
#include "sys/wall.h"

/* The clock may be set meanwhile. */
#define LOOK_USEC (30 * USEC_PER_SEC)

static void warn(const struct wb_cli *cli, const char *format, ...) _printf_(2, 3);

static void warn(const struct wb_cli *cli, const char *format, ...)
{
	_cleanup_free_ char *text = NULL, *all = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0 || cli->no_wall)
		return;
	all = wb_format("%s%s%s", cli->message ? cli->message : "",
			cli->message ? "\n" : "", text);
	/* Whoever is not warned finds it in the journal. */
	if (!all || wb_wall(all) < 0)
		wb_warning("cannot warn those who are logged in, continuing");
}

static void announce(const struct wb_cli *cli, const char *user)
{
	_cleanup_free_ char *when =
		wb_when_format(cli->when_usec, wb_now_usec(CLOCK_REALTIME));

	warn(cli, "The system is restarted by a warm boot at %s, as %s asked!",
	     when ? when : "?", user);
}

/* 0 when it is time, -EINTR where it was taken back. */
static int wait_until(const struct wb_cli *cli, const char *user)
{
	uint64_t now = wb_now_usec(CLOCK_REALTIME), next;
	int r;

	while (now < cli->when_usec) {
		announce(cli, user);
		next = wb_when_warn(cli->when_usec, now);
		while ((now = wb_now_usec(CLOCK_REALTIME)) < next) {
			uint64_t left = next - now;

			r = wb_wait(NULL, 0,
				    wb_now_usec(CLOCK_BOOTTIME) +
					    (left < LOOK_USEC ? left : LOOK_USEC));
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int cancel(const struct wb_cli *cli)
{
	/* The signal has been heard: it does not cut short what is said of it. */
	struct wb_message message = { LOG_NOTICE, "the scheduled warm boot was cancelled",
				      WB_EVENT_CANCELLED, NULL };

	wb_interrupt_ignore();
	wb_journal_sink(&message, NULL);
	warn(cli, "The warm boot was cancelled.");
	return WB_EXIT_DONE;
}

static int go(struct wb_cli *cli, struct wb_sys *sys, char *user)
{
	int status;

	cli->verb = NULL;
	cli->words += 2;
	cli->user = user;
	cli->when = NULL;
	warn(cli, "The system is restarted by a warm boot NOW!");
	if (wb_interrupted())
		return cancel(cli);
	status = wb_cmd_run.run(cli, sys);
	if (status == WB_EXIT_FAILED || status == WB_EXIT_REFUSED)
		warn(cli, "The warm boot did not take place; the system stays up. See "
			  "journalctl -t warmboot.");
	return status;
}

static int cmd_scheduled(struct wb_cli *cli, struct wb_sys *sys)
{
	char *user = cli->words[0] ? cli->words[1] : NULL;
	int r;

	if (!user || wb_parse_u64(cli->words[0], 10, &cli->when_usec) < 0) {
		wb_error("scheduled is for warmboot --when; call that");
		return WB_EXIT_USAGE;
	}
	r = wb_interrupt_setup(/* terminate= */ true);
	if (r >= 0)
		r = wait_until(cli, user);
	if (r == -EINTR)
		return cancel(cli);
	if (r < 0) {
		wb_error("cannot wait: %s; there is no warm boot", strerror(-r));
		return WB_EXIT_FAILED;
	}
	return go(cli, sys, user);
}

const struct wb_cmd wb_cmd_scheduled = {
	.name = "scheduled",
	.words = "TIME USER",
	.help = "wait for the time of a warm boot, inside its service",
	.max_words = 2,
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_scheduled,
};
