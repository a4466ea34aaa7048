/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which kernel the request means, with which initramfs and which command line. */

#include "base/finding.h"
#include "facts/facts.h"
#include "plan/request.h"

struct wb_choice {
	const struct wb_kernel *kernel; /* inside the facts; NULL: see findings */
	const char *because;            /* why this one; a constant */
	char **initrd;                  /* in the order in which they are joined */
	char *options;
	struct wb_findings findings;
};

_must_check_ int wb_choice_make(const struct wb_request *request,
				const struct wb_facts *facts, struct wb_choice *ret);
void wb_choice_done(struct wb_choice *choice);
