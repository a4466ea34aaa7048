/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The events of a run: a sentence for people, and fields beside it for programs. */

#include "base/event.h"
#include "run/run.h"

/* Step @i begins, is undone, or has come to an end with what its result says. @format has
 * one %s, for its target; NULL for those that say it themselves. */
void wb_tell_step(const struct wb_run *run, size_t i, enum wb_event event,
		  const char *format);
/* The run as a whole. */
void wb_tell_run(const struct wb_run *run, enum wb_event event, const char *format, ...)
	_printf_(3, 4);
