/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* By what a file is known again, as values: their JSON and their end. No I/O here. */

#include "base/json.h"
#include "facts/facts.h"

/* Append a copy of @stamp to an array of the caller's. */
_must_check_ int wb_stamps_add(struct wb_stamp **items, size_t *n,
			       const struct wb_stamp *stamp);
void wb_stamps_free(struct wb_stamp *items, size_t n);
/* A new array of the caller's; NULL without memory. */
struct json_object *wb_stamps_to_json(const struct wb_stamp *items, size_t n);
/* -EINVAL where one names no file. */
_must_check_ int wb_stamps_from_json(struct json_object *array, struct wb_stamp **ret,
				     size_t *ret_n);
