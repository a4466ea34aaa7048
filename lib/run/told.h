/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which processes were told to end, and what the next word to each is. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct wb_told {
	struct wb_told_process *items;
	size_t n;
};

/* SIGTERM; later, where @kill, once SIGKILL; 0: nothing (any more, or yet). @now_usec is
 * that of CLOCK_BOOTTIME. */
int wb_told_next(const struct wb_told *told, pid_t pid, bool kill, uint64_t now_usec);

/* Note that the next word is being said. 0 or -ENOMEM. */
int wb_told_note(struct wb_told *told, pid_t pid, uint64_t now_usec);

void wb_told_done(struct wb_told *told);
