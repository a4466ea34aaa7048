/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "run/record.h"
#include "sys/sys.h"

/*
 * An ordinary reboot in the place of a plan that was not begun: complete @record with
 * @reason, a sentence, put it on disk and queue reboot.target. Where that cannot be
 * queued, no record stays behind: negative errno, with a few words in @ret_why (the
 * caller's) where there are any.
 */
_must_check_ int wb_cold_reboot(struct wb_sys *sys, struct wb_record *record,
				const char *reason, char **ret_why);
