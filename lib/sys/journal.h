/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* sd-journal: what a run says goes there, and its caller reads it there. */

#include <stdbool.h>

#include "base/macro.h"

/* The run's last message carries its exit status in this field. */
#define WB_JOURNAL_ID   "WARMBOOT_ID"
#define WB_JOURNAL_EXIT "WARMBOOT_EXIT_STATUS"

/* A wb_log_sink; @userdata is the id of the run. */
void wb_journal_sink(int level, const char *message, void *userdata);
/* The run's last words. */
void wb_journal_end(const char *id, int exit_status, const char *message);

struct wb_journal;
struct wb_journal_entry {
	int level;
	char *message;
	int exit_status; /* -1 in all but the last */
};

/* Follow the messages of run @id from now on. The caller closes it. */
_must_check_ int wb_journal_open(const char *id, struct wb_journal **ret);
void wb_journal_close(struct wb_journal *journal);
/* 1 with an entry (its message is the caller's), 0 where there is none yet. */
_must_check_ int wb_journal_next(struct wb_journal *journal,
				 struct wb_journal_entry *ret);
/* Becomes readable when more may have come. */
int wb_journal_fd(struct wb_journal *journal);
