/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Other programs and other processes: no shell, standard input from /dev/null, an
 * environment that is given whole, a process group of their own and a deadline.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

#define WB_SPAWN_FDS_MAX 4

struct wb_spawn {
	char *const *argv;        /* argv[0] is an absolute path */
	char *const *environment; /* all of it */
	const int *fds;           /* at most that many; the program's 3, 4, ... */
	size_t n_fds;
	uint64_t timeout_usec;
	/* It takes memory in bulk: where that runs out it is ended, and nobody else. */
	bool expendable;
	void (*line)(const char *line, void *userdata); /* each line of output; or NULL */
	void *userdata;
};

struct wb_spawn_result {
	int status;      /* exit status, or 128 + signal as shells have it */
	bool timed_out;  /* killed with its group after timeout_usec */
	char *last_line; /* the last line that was not empty, cut at 4 KiB; owned */
};

/*
 * Run a program to its end. 0 when it ran, whatever its status; negative errno where it
 * could not be started (the child's errno of execve included); -EINTR when
 * wb_interrupt_fd() became readable, after the group was killed.
 */
_must_check_ int wb_spawn(const struct wb_spawn *what, struct wb_spawn_result *ret);
void wb_spawn_result_done(struct wb_spawn_result *result);

/* pidfd_open(2): becomes readable at the end of the process. The caller's. */
_must_check_ int wb_pidfd_open(pid_t pid);

/* In a child, right after the fork: die with @parent, who may be dead already. No act
 * begins or goes on after the one who would undo it has been killed. */
void wb_die_with(pid_t parent);

/*
 * Call @act in a child, for system calls that may never return. Returns what it
 * returned (0 or negative errno); -ETIMEDOUT when it was still at it after
 * @timeout_usec: the child was sent SIGKILL, and where that cannot end it, it is left
 * behind and @ret_stuck says which it is (0 where it has ended; may be NULL).
 */
_must_check_ int wb_call_in_child(int (*act)(const void *data), const void *data,
				  uint64_t timeout_usec, pid_t *ret_stuck);
