/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* sd-journal: what a run says goes there, and its caller reads it there. */

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "base/log.h"

/* The run's last message carries its exit status in this field. */
#define WB_JOURNAL_ID   "WARMBOOT_ID"
#define WB_JOURNAL_EXIT "WARMBOOT_EXIT_STATUS"

/* A wb_log_sink; @userdata is the id of the run, or NULL of none. */
void wb_journal_sink(const struct wb_message *message, void *userdata);
/* The run's last words; @event is how it ended. */
void wb_journal_end(const char *id, enum wb_event event, int exit_status,
		    const char *message);

struct wb_journal;
struct wb_journal_entry {
	int level;
	char *message;
	enum wb_event event;
	unsigned int step; /* counted from 1; 0: of none */
	char *outcome;     /* of the step at its end, or NULL */
	uint64_t elapsed_usec;
	int exit_status; /* -1 in all but the last */
};

/* Follow the messages of run @id from now on. The caller closes it. */
_must_check_ int wb_journal_open(const char *id, struct wb_journal **ret);
void wb_journal_close(struct wb_journal *journal);
/* 1 with an entry, which is the caller's, 0 where there is none yet. */
_must_check_ int wb_journal_next(struct wb_journal *journal,
				 struct wb_journal_entry *ret);
void wb_journal_entry_done(struct wb_journal_entry *entry);
/* Becomes readable when more may have come. */
int wb_journal_fd(struct wb_journal *journal);
