/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* struct wb_kernel as a value: its JSON, which is an interface (warmboot(8)), its copy
 * and its end. No I/O here. */

#include "base/json.h"
#include "facts/facts.h"

/* A new object of the caller's; NULL without memory. */
struct json_object *wb_kernel_to_json(const struct wb_kernel *kernel);
_must_check_ int wb_kernel_from_json(struct json_object *o, struct wb_kernel *ret);
_must_check_ int wb_kernel_copy(const struct wb_kernel *kernel, struct wb_kernel *ret);
void wb_kernel_done(struct wb_kernel *kernel);
