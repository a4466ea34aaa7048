/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the parts of the order of modules share. */

#include "plan/removal.h"

struct wb_removing {
	const struct wb_request *request;
	const struct wb_facts *facts;
	const struct wb_judgements *judgements;
	struct wb_removals *list;
	struct wb_findings *findings;
};

/* Takes ownership of @removal.because. The first reason for a module stays. */
_must_check_ int wb_removals_add(struct wb_removals *list, struct wb_removal removal);

/* removal-ask.c: what the operator wants out of the way, and what to keep. */
_must_check_ int wb_removals_add_asked_for(struct wb_removing *r);
_must_check_ int wb_removals_drop_kept(struct wb_removing *r);
/* Is @upper the module @lower, or does it use it, however far above? By the live graph.
 */
bool wb_removal_stands_on(const struct wb_facts *facts, const char *upper,
			  const char *lower);
/* removal-refuse.c: findings of those that must not go, or cannot; the latter leave the
 * list where they need not. */
_must_check_ int wb_removals_refuse_needed(struct wb_removing *r);
_must_check_ int wb_removals_refuse_permanent(struct wb_removing *r);
/* removal-order.c: users first, by levels; -ELOOP where that cannot be. */
_must_check_ int wb_removals_order(struct wb_removals *list, const struct wb_facts *facts,
				   struct wb_removals *ordered);
/* Is @device a sound card that holds the driver of @display, which shows nowhere? */
bool wb_removal_is_sound_of(const struct wb_device *device,
			    const struct wb_device *display);
