/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which kernel the request means, with which initramfs and which command line. */

#include "base/finding.h"
#include "facts/target.h"
#include "plan/request.h"

struct wb_choice {
	const struct wb_kernel *kernel; /* inside the facts; NULL: see findings */
	char *because;                  /* why this one */
	char **initrd;                  /* in the order in which they are joined */
	char *options;
	struct wb_findings findings;
};

_must_check_ int wb_choice_make(const struct wb_request *request,
				const struct wb_facts *facts, struct wb_choice *ret);
/* What hooks want on its command line, now that a closer look was taken at it: 0 or
 * -ENOMEM. Only where there is a kernel, and once. */
_must_check_ int wb_choice_add_words(const struct wb_request *request,
				     const struct wb_facts *facts,
				     const struct wb_target *target,
				     struct wb_choice *choice);
void wb_choice_done(struct wb_choice *choice);
