/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The plan in a few lines, for whoever is about to say yes to it. */

#include <stdio.h>

#include "plan/plan.h"

/* Broken at @columns, 0: not at all. 0 or -ENOMEM; write errors are left in @f. */
_must_check_ int wb_plan_summarize(const struct wb_plan *plan, unsigned int columns,
				   FILE *f);
