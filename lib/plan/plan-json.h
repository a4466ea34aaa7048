/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The plan as JSON, which is an interface (warmboot(8)), and back. */

#include "base/json.h"
#include "plan/plan.h"

/* A new object of the caller's; NULL without memory. */
struct json_object *wb_plan_to_json(const struct wb_plan *plan);
/* 0 and a plan that is equal to the one written; -EINVAL where it is none. */
_must_check_ int wb_plan_from_json(struct json_object *o, struct wb_plan **ret);
