/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A warm boot at a later time: --when. A service waits for it, since whoever asked may
 * have logged out by then. */

#include "cmd.h"

#define WB_SCHEDULE_SERVICE "warmboot-scheduled.service"

/* A warm boot that is to wait. */
struct wb_schedule {
	char **argv; /* what is to be run then, but for whom */
};

/* Read --when into cli->when_usec, by the clock of now, and keep the options as they were
 * typed: what the configuration says is read anew when it is time. 0 or negative errno,
 * after saying why. wb_schedule_done() frees @ret. */
_must_check_ int wb_schedule_begin(struct wb_cli *cli, struct wb_sys *sys,
				   struct wb_schedule *ret);
void wb_schedule_done(struct wb_schedule *schedule);
/* Let it wait, for @user: an exit status. */
int wb_schedule(const struct wb_cli *cli, struct wb_schedule *schedule, const char *user);
/* "23:30:00 CET" of it; the caller's. */
char *wb_schedule_time(const struct wb_cli *cli);
