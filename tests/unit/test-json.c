/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/strv.h"
#include "unit.h"

static struct json_object *parse(const char *text)
{
	struct json_object *o = json_tokener_parse(text);

	assert_non_null(o);
	return o;
}

/* "an absent or null member gives NULL, empty, false or 0" */
static void absent_and_null(void **state)
{
	static const char *const texts[] = { "{}", "{\"k\": null}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_json_ struct json_object *o = parse(texts[i]);
		char nothing = 0, *s = &nothing, **v = &s;
		bool b = true;
		uint64_t n = 7;

		assert_int_equal(wb_json_get_string(o, "k", &s), 0);
		assert_null(s);
		assert_int_equal(wb_json_get_strv(o, "k", &v), 0);
		assert_int_equal(wb_strv_length(v), 0);
		assert_int_equal(wb_json_get_bool(o, "k", &b), 0);
		assert_false(b);
		assert_int_equal(wb_json_get_u64(o, "k", &n), 0);
		assert_true(n == 0);
		assert_null(wb_json_get_array(o, "k"));
	}
}

/* "one of another type -EINVAL" */
static void other_types(void **state)
{
	_cleanup_json_ struct json_object *o = parse(
		"{\"s\": \"x\", \"n\": 1, \"d\": 1.5, \"b\": true, \"a\": [\"x\", 1], "
		"\"z\": [null], \"o\": {}}");
	char *s, **v;
	bool b;
	uint64_t n;

	(void)state;
	assert_int_equal(wb_json_get_string(o, "n", &s), -EINVAL);
	assert_int_equal(wb_json_get_string(o, "a", &s), -EINVAL);
	assert_int_equal(wb_json_get_strv(o, "s", &v), -EINVAL);
	assert_int_equal(wb_json_get_strv(o, "a", &v), -EINVAL);
	assert_int_equal(wb_json_get_strv(o, "z", &v), -EINVAL);
	assert_int_equal(wb_json_get_bool(o, "n", &b), -EINVAL);
	assert_int_equal(wb_json_get_u64(o, "s", &n), -EINVAL);
	assert_int_equal(wb_json_get_u64(o, "d", &n), -EINVAL);
	assert_null(wb_json_get_array(o, "o"));
	assert_non_null(wb_json_get_array(o, "a"));
}

static void not_an_object(void **state)
{
	_cleanup_json_ struct json_object *array = parse("[]");
	struct json_object *const things[] = { array, NULL };
	char *s, **v;
	bool b;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		assert_int_equal(wb_json_get_string(things[i], "k", &s), -EINVAL);
		assert_int_equal(wb_json_get_strv(things[i], "k", &v), -EINVAL);
		assert_int_equal(wb_json_get_bool(things[i], "k", &b), -EINVAL);
		assert_int_equal(wb_json_get_u64(things[i], "k", &n), -EINVAL);
		assert_null(wb_json_get_array(things[i], "k"));
	}
}

static void round_trip(void **state)
{
	_cleanup_json_ struct json_object *o = json_object_new_object(), *again = NULL;
	_cleanup_strv_ char **v = NULL, **v_again = NULL;
	_cleanup_free_ char *text = NULL, *s = NULL;
	bool b;
	uint64_t n;

	(void)state;
	assert_int_equal(wb_strv_split(&v, "/a b/c"), 0);
	assert_int_equal(wb_json_add_string(o, "s", "\"quoted\" \xc3\xa4 \\ \n"), 0);
	assert_int_equal(wb_json_add_string(o, "null", NULL), 0);
	assert_int_equal(wb_json_add_strv(o, "v", v), 0);
	assert_int_equal(wb_json_add_strv(o, "none", NULL), 0);
	assert_int_equal(wb_json_add_bool(o, "b", true), 0);
	assert_int_equal(wb_json_add_u64(o, "n", UINT64_MAX), 0);
	text = wb_json_to_text(o);
	again = parse(text);
	assert_int_equal(wb_json_get_string(again, "s", &s), 0);
	assert_string_equal(s, "\"quoted\" \xc3\xa4 \\ \n");
	assert_int_equal(wb_json_get_strv(again, "v", &v_again), 0);
	assert_int_equal(wb_strv_length(v_again), 2);
	assert_string_equal(v_again[0], "/a");
	assert_int_equal(wb_json_get_bool(again, "b", &b), 0);
	assert_true(b);
	assert_int_equal(wb_json_get_u64(again, "n", &n), 0);
	assert_true(n == UINT64_MAX);
	/* An empty vector is an empty array, for readers that count. */
	assert_int_equal(json_object_array_length(wb_json_get_array(again, "none")), 0);
}

static void text_is_for_people(void **state)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	_cleanup_free_ char *text = NULL;

	(void)state;
	assert_int_equal(wb_json_add_string(o, "path", "/boot/x"), 0);
	text = wb_json_to_text(o);
	assert_non_null(strstr(text, "/boot/x"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_true(strchr(text, '\n') < text + strlen(text) - 1);
}

static void no_memory_for_the_value(void **state)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();

	(void)state;
	assert_int_equal(wb_json_add(o, "k", NULL), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_and_null),
		cmocka_unit_test(other_types),
		cmocka_unit_test(not_an_object),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(text_is_for_people),
		cmocka_unit_test(no_memory_for_the_value),
	};

	return RUN_TESTS(tests);
}
