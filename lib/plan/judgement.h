/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A verdict for every device before anything is stopped: from the configuration, else
 * the hooks' headers, else the table of drivers, else the device's class. Pure.
 */

#include "facts/facts.h"
#include "plan/request.h"

struct wb_judgement {
	enum wb_verdict verdict;
	const struct wb_hook *hook; /* that decides; NULL: none does */
	const char *origin;     /* "option", "configuration", "hook", "table", "class" */
	char *because;          /* a sentence without its full stop */
	bool required;          /* what it asks for has to succeed */
	enum wb_verdict wanted; /* before what cannot be, or must not, changed it; else
				   WB_VERDICT_NONE */
};

/* One for each device of the facts, in their order. */
struct wb_judgements {
	struct wb_judgement *items;
	size_t n;
};

_must_check_ int wb_judgements_build(const struct wb_request *request,
				     const struct wb_facts *facts,
				     struct wb_judgements *ret);
/* What stands in the way of what it asks for: the module cannot be removed, and its
 * driver must not be unbound. NULL: nothing does. */
const char *wb_judgement_obstacle(const struct wb_judgements *judgements,
				  const struct wb_facts *facts, size_t device);
/* Is the device to be kept because somebody said so? Then its module stays. */
bool wb_judgement_is_kept(const struct wb_judgement *judgement);
/* Would the device be taken away, before the next kernel starts? */
bool wb_verdict_takes_away(enum wb_verdict verdict);
/* Does the kernel print there, or is it on the way to such a place? */
bool wb_device_is_console(const struct wb_device *device);
void wb_judgements_done(struct wb_judgements *judgements);
