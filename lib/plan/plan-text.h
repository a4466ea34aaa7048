/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The plan as a page for a person. */

#include <stdio.h>

#include "plan/plan.h"

/* Sentences are broken at @columns, 0: not at all; commands never, so that they can be
 * copied. 0 or -ENOMEM; write errors are left in @f. */
_must_check_ int wb_plan_to_text(const struct wb_plan *plan, unsigned int columns,
				 FILE *f);
/* Only what is about @word: a step by its number, its kind or what it is done to (a unit,
 * module, hook, device, ...), and the findings. 1, or 0 where nothing is; -ENOMEM. */
_must_check_ int wb_plan_why_to_text(const struct wb_plan *plan, const char *word,
				     unsigned int columns, FILE *f);
