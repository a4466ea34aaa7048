/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "run/record.h"

/* A span of the way, for report and its JSON. */
struct wb_span {
	const char *name;
	const char *what;
	uint64_t usec;
	bool known;
	bool across; /* measured across the jump: the clock is set from the hardware's, to
			the second */
};

#define WB_SPANS 8

/* The spans of a record, in order; the last is how long the machine was away. */
void wb_report_spans(const struct wb_record *record, struct wb_span ret[WB_SPANS]);
/* The report as a page; 0 or -EIO. */
_must_check_ int wb_report_to_text(const struct wb_record *record, FILE *f);
/* The record with its spans; NULL without memory. The caller's. */
struct json_object *wb_report_to_json(const struct wb_record *record);
