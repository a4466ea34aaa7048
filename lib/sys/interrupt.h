/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signals as a file descriptor, so that every wait can be cut short. */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

/* Block SIGINT, and with @terminate SIGTERM, and watch for them from now on. */
_must_check_ int wb_interrupt_setup(bool terminate);
/* What goes to its end also when the terminal or the pipe that it was typed in goes:
 * block SIGHUP and SIGPIPE as well. Programs that are started do not inherit that:
 * spawn.c. */
_must_check_ int wb_interrupt_hold(void);
/* Take note of a signal, so that the next one is seen anew. */
void wb_interrupt_take(void);
/* From here on signals are noted no more: an undo or a commit goes to its end. */
void wb_interrupt_ignore(void);
/* Readable after a signal; -1 where nothing is watched. */
int wb_interrupt_fd(void);
bool wb_interrupted(void);
/*
 * Wait until one of the descriptors is readable: its index plus one, 0 at
 * @deadline_usec (CLOCK_BOOTTIME), or -EINTR where a signal came first. Negative
 * descriptors are passed over, so that a wait for nothing is a pause.
 */
_must_check_ int wb_wait(const int *fds, int n_fds, uint64_t deadline_usec);
/* The same for what no signal may cut short. */
_must_check_ int wb_wait_undisturbed(int fd, uint64_t deadline_usec);
