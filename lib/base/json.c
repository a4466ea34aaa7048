/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <errno.h>

#include "base/strv.h"
#include "base/text.h"

int wb_json_add(struct json_object *o, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(o, key, value) < 0) {
		json_object_put(value);
		return -ENOMEM;
	}
	return 0;
}

int wb_json_append(struct json_object *array, struct json_object *item)
{
	if (!item)
		return -ENOMEM;
	if (json_object_array_add(array, item) < 0) {
		json_object_put(item);
		return -ENOMEM;
	}
	return 0;
}

int wb_json_add_string(struct json_object *o, const char *key, const char *value)
{
	if (value)
		return wb_json_add(o, key, json_object_new_string(value));
	/* json-c's null is the NULL pointer. */
	return json_object_object_add(o, key, NULL) < 0 ? -ENOMEM : 0;
}

int wb_json_add_strv(struct json_object *o, const char *key, char *const *v)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return -ENOMEM;
	for (; v && *v; v++)
		if (wb_json_append(array, json_object_new_string(*v)) < 0)
			return -ENOMEM;
	return wb_json_add(o, key, TAKE_PTR(array));
}

int wb_json_add_bool(struct json_object *o, const char *key, bool value)
{
	return wb_json_add(o, key, json_object_new_boolean(value));
}

int wb_json_add_u64(struct json_object *o, const char *key, uint64_t value)
{
	return wb_json_add(o, key, json_object_new_uint64(value));
}

/* 1 with the member, 0 where it is absent or null, -EINVAL where it is of another type.
 */
static int get(struct json_object *o, const char *key, enum json_type type,
	       struct json_object **ret)
{
	if (!json_object_is_type(o, json_type_object))
		return -EINVAL;
	if (!json_object_object_get_ex(o, key, ret) || !*ret)
		return 0;
	return json_object_is_type(*ret, type) ? 1 : -EINVAL;
}

int wb_json_get_string(struct json_object *o, const char *key, char **ret)
{
	struct json_object *value;
	int r = get(o, key, json_type_string, &value);

	*ret = NULL;
	return r <= 0 ? r : wb_set_format(ret, "%s", json_object_get_string(value));
}

int wb_json_get_strv(struct json_object *o, const char *key, char ***ret)
{
	_cleanup_strv_ char **v = NULL;
	struct json_object *value;
	int r = get(o, key, json_type_array, &value);

	for (size_t i = 0; r > 0 && i < json_object_array_length(value); i++) {
		struct json_object *item = json_object_array_get_idx(value, i);

		if (!json_object_is_type(item, json_type_string))
			return -EINVAL;
		if (wb_strv_append(&v, json_object_get_string(item)) < 0)
			return -ENOMEM;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(v);
	return 0;
}

int wb_json_get_bool(struct json_object *o, const char *key, bool *ret)
{
	struct json_object *value;
	int r = get(o, key, json_type_boolean, &value);

	*ret = r > 0 && json_object_get_boolean(value);
	return r < 0 ? r : 0;
}

int wb_json_get_u64(struct json_object *o, const char *key, uint64_t *ret)
{
	struct json_object *value;
	int r = get(o, key, json_type_int, &value);

	*ret = r > 0 ? json_object_get_uint64(value) : 0;
	return r < 0 ? r : 0;
}

struct json_object *wb_json_get_array(struct json_object *o, const char *key)
{
	struct json_object *value;

	return get(o, key, json_type_array, &value) > 0 ? value : NULL;
}

char *wb_json_to_text(struct json_object *o)
{
	return wb_format("%s\n", json_object_to_json_string_ext(
					 o, JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
}
