/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd.h"
#include "run/record.h"

/*
 * The plan of @record was not begun, and @reason, a sentence, says why: reboot through
 * the firmware instead, unless a veto or the operator stands against it. An exit status;
 * says itself what becomes of it.
 */
int wb_fallback(const struct wb_cli *cli, struct wb_sys *sys, struct wb_record *record,
		const char *reason);
