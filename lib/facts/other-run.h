/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Another run of this program: one that is at work, or one that left something behind. */

#include "base/json.h"
#include "facts/state.h"

/* The lock's holder and the unfinished run of @state. */
_must_check_ int wb_other_run_read(const struct wb_root *root, struct wb_state *state);
/* Does the run of this record, which nobody is at any more, leave something to undo? 1,
 * 0, or -EINVAL for what is no record. */
_must_check_ int wb_other_run_left_something(struct json_object *record);
