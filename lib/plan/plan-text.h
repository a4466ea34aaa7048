/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The plan as a page for a person. */

#include <stdio.h>

#include "plan/plan.h"

/* 0 or -ENOMEM; write errors are left in @f. */
_must_check_ int wb_plan_to_text(const struct wb_plan *plan, FILE *f);
