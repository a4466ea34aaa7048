/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What will happen and why: request + facts -> plan + findings. Pure: the same input
 * gives the same bytes.
 */

#include "plan/check.h"
#include "plan/plan.h"

_must_check_ int wb_planner_build(const struct wb_check_input *in, struct wb_plan **ret);
