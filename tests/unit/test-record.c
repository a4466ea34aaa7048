/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "fixture.h"
#include "sample-record.h"
#include "unit.h"

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_init(f);
	fixture_folder(f, "var/lib");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_done(*state);
	free(*state);
	return 0;
}

static void round_trip(void **state)
{
	struct fixture *f = *state;
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("id-1", 1000),
						    *again = NULL;
	_cleanup_free_ char *path = wb_record_path("id-1"), *first = NULL, *second = NULL;

	assert_string_equal(path, "/var/lib/warmboot/id-1.json");
	r->foreign = true;
	assert_int_equal(wb_record_write(r, &f->root, path), 0);
	assert_int_equal(wb_record_read(&f->root, path, &again), 0);
	first = record_text(r);
	second = record_text(again);
	assert_string_equal(first, second);
	assert_int_equal(again->end, WB_END_UNDONE);
	assert_true(again->foreign);
	assert_int_equal(again->results[2].outcome, WB_OUTCOME_FAILED);
	assert_int_equal(again->results[2].error, -EBUSY);
	assert_string_equal(again->results[2].detail, "in use");
	assert_string_equal(again->results[1].saved[1], "a.service");
	assert_int_equal(again->results[3].outcome, WB_OUTCOME_PENDING);
	assert_true(again->confirmation.finished_usec == 12001000);
	assert_string_equal(again->confirmation.boot_id, "boot-2");
}

static void an_empty_one(void **state)
{
	struct fixture *f = *state;
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	_cleanup_(wb_record_freep) struct wb_record *r = NULL, *again = NULL;

	plan->id = strdup("x");
	r = wb_record_new(plan);
	assert_int_equal(r->end, WB_END_RUNNING);
	assert_int_equal(wb_record_write(r, &f->root, "/x.json"), 0);
	assert_int_equal(wb_record_read(&f->root, "/x.json", &again), 0);
	assert_null(again->user);
	assert_null(again->failure);
	assert_true(again->committed_usec == 0);
}

/* Every word of the two lists, there and back. */
static void words(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < _WB_END_MAX; i++) {
		_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1),
							    *again = NULL;

		r->end = (enum wb_end)i;
		r->results[3].outcome = (enum wb_outcome)(i % _WB_OUTCOME_MAX);
		assert_int_equal(wb_record_write(r, &f->root, "/x.json"), 0);
		assert_int_equal(wb_record_read(&f->root, "/x.json", &again), 0);
		assert_int_equal(again->end, i);
		assert_int_equal(again->results[3].outcome, i % _WB_OUTCOME_MAX);
		assert_non_null(wb_end_to_string((enum wb_end)i));
	}
	static_assert((int)_WB_OUTCOME_MAX <= (int)_WB_END_MAX, "all outcomes are tried");
}

static void keys(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1);
	_cleanup_json_ struct json_object *o = wb_record_to_json(r);
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *joined = NULL;

	(void)state;
	json_object_object_foreach(o, key, value)
	{
		(void)value;
		assert_int_equal(wb_strv_append(&names, key), 0);
	}
	wb_strv_sort(names);
	joined = wb_strv_join(names, " ");
	assert_string_equal(joined,
			    "boot_id committed_usec confirmed_boot_id confirmed_release "
			    "end failure finished_usec foreign id initramfs_usec kernel_usec "
			    "plan release results session started_usec switch_root_usec "
			    "user userspace_usec usual_usec worry_usec");
}

static void assert_none(struct fixture *f, const char *text)
{
	struct wb_record *r = NULL;

	fixture_file(f, "x.json", text);
	if (wb_record_read(&f->root, "/x.json", &r) != -EINVAL)
		fail_msg("this is taken for a record: %.80s", text);
	assert_null(r);
}

static void that_are_none(void **state)
{
	struct fixture *f = *state;
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1);
	_cleanup_free_ char *text = record_text(r);
	char *word;

	assert_none(f, "");
	assert_none(f, "\n");
	assert_none(f, "[]");
	assert_none(f, "7");
	assert_none(f, "null");
	assert_none(f, "{}");
	assert_none(f, "{\"plan\": null}");
	assert_none(f, "{\"plan\": {\"id\": \"x\", \"steps\": [], \"findings\": []}}");
	assert_none(f, "{\"plan\": {\"id\": \"x\", \"steps\": [], \"findings\": []}, "
		       "\"end\": \"undone\"}");
	assert_none(f, "{\"plan\": {\"id\": \"x\", \"steps\": [], \"findings\": []}, "
		       "\"end\": \"undone\", \"results\": [{}]}");
	/* A power cut in the middle, on a file system that does not keep its word. */
	for (size_t n = strlen(text) - 3; n > 10; n = n * 3 / 4) {
		_cleanup_free_ char *cut = strndup(text, n);

		assert_none(f, cut);
	}
	word = strstr(text, "\"undone\"");
	memcpy(word, "\"whoops\"", 8);
	assert_none(f, text);
	{
		struct wb_record *none = NULL;

		assert_int_equal(wb_record_read(&f->root, "/gone.json", &none), -ENOENT);
	}
}

/* A number where a number belongs. */
static void an_error_that_is_none(void **state)
{
	struct fixture *f = *state;

	assert_none(
		f,
		"{\"plan\": {\"id\": \"x\", \"steps\": [{\"kind\": \"sync\", \"phase\": "
		"\"commit\", \"target\": \"t\", \"because\": \"b\"}], \"findings\": []}, "
		"\"end\": \"undone\", \"results\": [{\"outcome\": \"done\", \"error\": "
		"\"text\"}]}");
}

static void times_of_phases(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1);

	(void)state;
	assert_true(wb_record_phase_usec(r, WB_PHASE_PREPARE) == 100);
	assert_true(wb_record_phase_usec(r, WB_PHASE_QUIESCE) == 23);
	assert_true(wb_record_phase_usec(r, WB_PHASE_LATE) == 0);
}

#define record_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		record_test(round_trip),      record_test(an_empty_one),
		record_test(words),           record_test(keys),
		record_test(that_are_none),   record_test(an_error_that_is_none),
		record_test(times_of_phases),
	};

	return RUN_TESTS(tests);
}
