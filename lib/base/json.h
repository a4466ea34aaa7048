/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* json-c with our types: strings that may be absent, vectors, 64-bit numbers. */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

#define _cleanup_json_ _cleanup_(wb_json_putp)

/* Each adds a member and returns 0 or -ENOMEM; a NULL string becomes null. */
_must_check_ int wb_json_add(struct json_object *o, const char *key,
			     struct json_object *value);
_must_check_ int wb_json_add_string(struct json_object *o, const char *key,
				    const char *value);
_must_check_ int wb_json_add_strv(struct json_object *o, const char *key, char *const *v);
_must_check_ int wb_json_add_bool(struct json_object *o, const char *key, bool value);
_must_check_ int wb_json_add_u64(struct json_object *o, const char *key, uint64_t value);

/* Append to an array and own @item from here on; a NULL item is a lack of memory. */
_must_check_ int wb_json_append(struct json_object *array, struct json_object *item);

/* Readers: an absent or null member gives NULL, empty, false or 0; one of another type
 * -EINVAL. Strings are copies, the caller's. */
_must_check_ int wb_json_get_string(struct json_object *o, const char *key, char **ret);
_must_check_ int wb_json_get_strv(struct json_object *o, const char *key, char ***ret);
_must_check_ int wb_json_get_bool(struct json_object *o, const char *key, bool *ret);
_must_check_ int wb_json_get_u64(struct json_object *o, const char *key, uint64_t *ret);
/* Borrowed; NULL where it is no array. */
struct json_object *wb_json_get_array(struct json_object *o, const char *key);

/* Pretty text with a newline at its end; the caller's, NULL without memory. */
char *wb_json_to_text(struct json_object *o);

static inline void wb_json_putp(struct json_object **o)
{
	json_object_put(*o);
}
