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
	const char *origin;         /* "configuration", "hook", "table", "class" */
	char *because;              /* a sentence */
	bool required;              /* what it asks for has to succeed */
};

/* One for each device of the facts, in their order. */
struct wb_judgements {
	struct wb_judgement *items;
	size_t n;
};

_must_check_ int wb_judgements_build(const struct wb_request *request,
				     const struct wb_facts *facts,
				     struct wb_judgements *ret);
void wb_judgements_done(struct wb_judgements *judgements);
