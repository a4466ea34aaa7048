/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From a machine to a plan, as cmd/prepare.c does it. */

#include "machine.h"
#include "plan/planner.h"

#define PLANNING_ID "01234567-89ab-cdef-0123-456789abcdef"

struct planning {
	struct fixture f;
	struct wb_request request; /* for the test to fill before planning_look() */
	struct wb_facts facts;
	struct wb_choice choice;
	struct wb_target target;
	struct wb_check_input in;
	struct wb_plan *plan;
};

/* A setup and a teardown for cmocka: a desktop, and the plain request. */
int planning_setup(void **state);
int planning_teardown(void **state);

/* Read the facts and choose; a second call does it anew. */
void planning_look(struct planning *p);
/* And make the plan of it. */
void planning_build(struct planning *p);
/* The next step of the kind, from *@i on; NULL: none. */
const struct wb_step *planning_find(const struct planning *p, size_t *i,
				    enum wb_step_kind kind);
const struct wb_step *planning_first(const struct planning *p, enum wb_step_kind kind);
/* The first of this kind with this target; NULL: none. */
const struct wb_step *planning_step(const struct planning *p, enum wb_step_kind kind,
				    const char *target);
/* Is there a finding of this severity whose message has @part? */
bool planning_says(const struct planning *p, enum wb_severity severity, const char *part);
