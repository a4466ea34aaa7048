/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Questions about which the kernel may think for ever: a child looks for the answers, one
 * question after the other, and one that does not come back is left behind.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/* The most that one message may have. */
#define WB_ASKER_MESSAGE_MAX 8192

struct wb_asker {
	/* In the child: say what there is to say with wb_asker_say(@fd). */
	void (*answer)(int fd, uint64_t question, void *userdata);
	void *userdata;
	/* For silence, before an answer and in it; ten times that for a whole answer. */
	uint64_t limit_usec;
	/* What a child that does not wait, but has no CPU, may take beyond that, in all.
	 */
	uint64_t busy_usec;
	/* What waiting in vain may cost in all; from then on a tenth of the limit. */
	uint64_t patience_usec;
	/* The child, as long as there is one; begin as 0. */
	pid_t pid;
	int fd;
};

/*
 * Ask, and call @heard for each message of the answer. 0, the first error of @heard,
 * -ETIMEDOUT where the child did not come back, or what kept one from being started.
 */
_must_check_ int wb_asker_ask(struct wb_asker *asker, uint64_t question,
			      int (*heard)(const void *message, size_t size,
					   void *userdata),
			      void *userdata);
/* One message of at most WB_ASKER_MESSAGE_MAX bytes; a longer one is cut. */
void wb_asker_say(int fd, const void *message, size_t size);
/* That the answer goes on, and nothing else; nobody hears it. */
void wb_asker_go_on(int fd);
void wb_asker_done(struct wb_asker *asker);
