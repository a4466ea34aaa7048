/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What happens to a run, as programs find it in the journal: each event has a MESSAGE_ID
 * (an interface, see warmboot(8)), which cmd/warmboot.catalog explains.
 */

#include "base/macro.h"

enum wb_event {
	WB_EVENT_NONE, /* words only */
	WB_EVENT_RUN_STARTED,
	WB_EVENT_STEP_STARTED,
	WB_EVENT_STEP_ENDED,
	WB_EVENT_UNDO_STARTED, /* of the whole run */
	WB_EVENT_STEP_UNDOING,
	WB_EVENT_STEP_UNDONE,
	WB_EVENT_RUN_ENDED,
	WB_EVENT_REFUSED, /* nothing was begun */
	WB_EVENT_CONFIRMED,
	WB_EVENT_SCHEDULED,
	WB_EVENT_CANCELLED,
	_WB_EVENT_MAX,
};

/* 32 hexadecimal digits; NULL for WB_EVENT_NONE. */
const char *wb_event_id(enum wb_event event);
/* WB_EVENT_NONE for what is none of ours, NULL included. */
enum wb_event wb_event_from_id(const char *id);
