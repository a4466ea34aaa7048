/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the parts of the planner share while a plan is built. */

#include "plan/check.h"
#include "plan/hook-match.h"
#include "plan/judgement.h"
#include "plan/plan.h"
#include "plan/removal.h"

struct wb_planner {
	const struct wb_check_input *in;
	const struct wb_facts *facts;
	struct wb_judgements judgements;
	struct wb_removals removals;
	struct wb_plan *plan;
};

/* Who holds what a hook does not let go of is a reason not to begin. */
_must_check_ int wb_planner_check_holders(struct wb_planner *p);
/* The code of all hooks that have something to do here, in this phase. */
_must_check_ int wb_planner_add_hooks(struct wb_planner *p, enum wb_phase phase);
/* The way down: target, units, devices, hooks, consoles, modules. */
_must_check_ int wb_planner_add_quiesce(struct wb_planner *p);
