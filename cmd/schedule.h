/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A warm boot at a later time: --when. A service waits for it, since whoever asked may
 * have logged out by then. */

#include "cmd.h"

#define WB_SCHEDULE_SERVICE "warmboot-scheduled.service"

/* Read --when into cli->when_usec, by the clock of now. 0 or -EINVAL after saying why. */
_must_check_ int wb_schedule_parse(struct wb_cli *cli);
/* Let it wait, for @user and with the options of @cli: an exit status. */
int wb_schedule(const struct wb_cli *cli, struct wb_sys *sys, const char *user);
