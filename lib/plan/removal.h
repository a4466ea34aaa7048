/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which modules have to go, in which order, and for whose sake. */

#include "base/finding.h"
#include "facts/facts.h"
#include "plan/judgement.h"
#include "plan/request.h"

struct wb_removal {
	const char *module;         /* inside the facts or the request */
	const struct wb_hook *hook; /* that names it; NULL: none does */
	const char *origin;         /* as that of a judgement */
	char *because;
	bool required;
	unsigned int level; /* those of one level have nothing to do with each other */
};

struct wb_removals {
	struct wb_removal *items; /* users before what they use */
	size_t n;
};

_must_check_ int wb_removals_build(const struct wb_request *request,
				   const struct wb_facts *facts,
				   const struct wb_judgements *judgements,
				   struct wb_removals *ret, struct wb_findings *findings);
void wb_removals_done(struct wb_removals *removals);
const struct wb_removal *wb_removals_find(const struct wb_removals *removals,
					  const char *module);
/* Take the one of that number out; the others keep their order. */
void wb_removals_drop(struct wb_removals *list, size_t i);
/* What the operator keeps, and the module therefore stays: itself, or one that uses it.
 * NULL: nothing. */
const char *wb_removal_kept_for(const struct wb_request *request,
				const struct wb_facts *facts, const char *module);
/* The judgements of devices whose modules go for another reason follow that; 0 or
 * -ENOMEM. */
_must_check_ int wb_judgements_follow(struct wb_judgements *judgements,
				      const struct wb_facts *facts,
				      const struct wb_removals *removals);
