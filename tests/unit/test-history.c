/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fixture.h"
#include "proof/history.h"
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

static void put(struct fixture *f, const char *id, uint64_t started_usec)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record(id, started_usec);
	_cleanup_free_ char *path = wb_record_path(id);

	assert_int_equal(wb_record_write(r, &f->root, path), 0);
}

static void none(void **state)
{
	struct fixture *f = *state;
	_cleanup_(wb_history_done) struct wb_history history = { 0 };

	assert_int_equal(wb_history_read(&f->root, &history), 0);
	assert_int_equal(history.n, 0);
	assert_null(wb_history_find(&history, NULL));
}

static void newest_first(void **state)
{
	struct fixture *f = *state;
	_cleanup_(wb_history_done) struct wb_history history = { 0 };

	put(f, "aa-2", 200);
	put(f, "ab-3", 300);
	put(f, "aa-1", 100);
	/* "Files that are no records are passed over." */
	fixture_file(f, "var/lib/warmboot/broken.json", "{");
	fixture_file(f, "var/lib/warmboot/README", "text");
	fixture_file(f, "var/lib/warmboot/.aa-9.json.new", "{");
	fixture_folder(f, "var/lib/warmboot/folder.json");
	assert_int_equal(wb_history_read(&f->root, &history), 0);
	assert_int_equal(history.n, 3);
	assert_string_equal(history.records[0]->plan->id, "ab-3");
	assert_string_equal(history.records[1]->plan->id, "aa-2");
	assert_string_equal(history.records[2]->plan->id, "aa-1");
	/* "The newest whose id begins with @prefix" */
	assert_string_equal(wb_history_find(&history, NULL)->plan->id, "ab-3");
	assert_string_equal(wb_history_find(&history, "aa")->plan->id, "aa-2");
	assert_string_equal(wb_history_find(&history, "aa-1")->plan->id, "aa-1");
	assert_null(wb_history_find(&history, "b"));
	assert_null(wb_history_find(&history, "aa-11"));
}

#define history_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		history_test(none),
		history_test(newest_first),
	};

	return RUN_TESTS(tests);
}
