/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "run/record.h"

/* All records of this machine, the newest first. */
struct wb_history {
	struct wb_record **records;
	size_t n;
};

/* Files that are no records are passed over. 0 or negative errno. */
_must_check_ int wb_history_read(const struct wb_root *root, struct wb_history *ret);
void wb_history_done(struct wb_history *history);
/* The newest whose id begins with @prefix; NULL as prefix: the newest. Or NULL. */
const struct wb_record *wb_history_find(const struct wb_history *history,
					const char *prefix);
