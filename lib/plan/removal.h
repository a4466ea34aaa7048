/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which modules have to go, in which order, and for whose sake. */

#include "base/finding.h"
#include "facts/facts.h"
#include "plan/request.h"

struct wb_removal {
	const char *module;         /* inside the facts or the request */
	const struct wb_hook *hook; /* that names it; NULL: none does */
	char *because;
	bool required;
};

struct wb_removals {
	struct wb_removal *items; /* users before what they use */
	size_t n;
};

_must_check_ int wb_removals_build(const struct wb_request *request,
				   const struct wb_facts *facts, struct wb_removals *ret,
				   struct wb_findings *findings);
void wb_removals_done(struct wb_removals *removals);
const struct wb_removal *wb_removals_find(const struct wb_removals *removals,
					  const char *module);
