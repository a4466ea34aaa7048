/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How a run ended, as an exit status and as its last sentence. */

#include "run/record.h"

struct wb_ending {
	int status;
	const char *sentence; /* the failure stands behind it; NULL: it has not ended */
};

extern const struct wb_ending wb_endings[_WB_END_MAX];
/* The exit status of @record: an ordinary reboot that was asked for is no failure. */
int wb_ending_status(const struct wb_record *record);
/* The sentence with the failure of @record behind it; the caller's, NULL without memory.
 */
char *wb_ending_sentence(const struct wb_record *record);
