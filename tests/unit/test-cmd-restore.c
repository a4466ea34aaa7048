/* SPDX-License-Identifier: GPL-2.0-or-later */

/* warmboot restore: in its service, and where there is none in the caller. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/strv.h"
#include "cmd.h"
#include "follow.h"
#include "scene.h"
#include "service.h"
#include "unit.h"

/* --- the service, as this test has it ------------------------------------------------
 */

static struct {
	int journal;  /* what wb_follow_begin() gives */
	int start;    /* the service's start */
	int followed; /* how it ended */
	bool started;
	char id[64];
	enum wb_end end;
} service;

/* Whoever runs the tests. */
uid_t geteuid(void)
{
	return 0;
}

int wb_follow_begin(const char *id, const struct wb_plan *plan, const char *unit,
		    bool quiet, struct wb_follow *ret)
{
	(void)plan;
	(void)quiet;
	assert_string_equal(unit, WB_BUS_SERVICE);
	snprintf(service.id, sizeof(service.id), "%s", id);
	ret->unit = unit;
	return service.journal;
}

void wb_follow_done(struct wb_follow *follow)
{
	(void)follow;
}

static void leave_record(struct wb_sys *sys)
{
	struct wb_record *record = NULL;

	assert_int_equal(wb_record_read(&sys->root, WB_RECORD_LIVE, &record), 0);
	record->end = service.end;
	assert_int_equal(wb_record_write(record, &sys->root, WB_RECORD_LIVE), 0);
	wb_record_free(record);
}

int wb_follow_until_end(struct wb_follow *follow)
{
	assert_true(follow->to_its_end);
	return service.followed;
}

int wb_service_start(struct wb_sys *sys, const char *description, const char *verb,
		     const char *word, char **problem)
{
	(void)description;
	assert_string_equal(verb, "undo");
	/* What is followed is what it writes under. */
	assert_string_equal(word, service.id);
	service.started = true;
	if (service.start < 0)
		*problem = strdup("cannot start it");
	else
		leave_record(sys);
	return service.start;
}

/* --- the machine ----------------------------------------------------------------------
 */

static int setup(void **state)
{
	struct scene *scene;

	assert_int_equal(scene_set_up(state), 0);
	scene = *state;
	memset(&service, 0, sizeof(service));
	fake_file(&scene->fake, "proc/sys/kernel/random/uuid", "a-new-one\n");
	scene_add(scene, WB_STEP_STOP_UNIT, "a.service");
	scene->record->results[0].outcome = WB_OUTCOME_RUNNING;
	assert_int_equal(wb_strv_append(&scene->record->results[0].saved, "a.service"),
			 0);
	assert_int_equal(wb_record_write(scene->record, &scene->fake.sys.root,
					 WB_RECORD_LIVE),
			 0);
	return 0;
}

static int restore(struct scene *scene)
{
	struct wb_cli cli = { 0 };

	return wb_cmd_restore.run(&cli, &scene->fake.sys);
}

/* The caller may be in what the undo stops. */
static void the_service_does_it(void **state)
{
	struct scene *scene = *state;

	service.followed = WB_EXIT_NOT_UNDONE;
	assert_int_equal(restore(scene), WB_EXIT_NOT_UNDONE);
	assert_true(service.started);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_string_equal(service.id, "a-new-one");
}

static void the_caller_leaves(void **state)
{
	service.followed = -EINTR;
	assert_int_equal(restore(*state), WB_EXIT_NOT_UNDONE);
}

static void it_ends_without_a_word(void **state)
{
	static const struct {
		enum wb_end end;
		int status;
	} cases[] = {
		{ WB_END_UNDONE, WB_EXIT_DONE },
		{ WB_END_UNDONE_WITH_LOSS, WB_EXIT_NOT_UNDONE },
		{ WB_END_NOT_UNDONE, WB_EXIT_NOT_UNDONE },
		{ WB_END_RUNNING, WB_EXIT_NOT_UNDONE },
	};

	service.followed = -ENODATA;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scene *scene = *state;

		assert_int_equal(wb_record_write(scene->record, &scene->fake.sys.root,
						 WB_RECORD_LIVE),
				 0);
		service.end = cases[i].end;
		assert_int_equal(restore(scene), cases[i].status);
		assert_string_equal(fake_trace(&scene->fake), "");
	}
}

/* No bus, no journal, or the remains of the run that was killed. */
static void there_is_no_service(void **state)
{
	static const struct {
		int journal, start;
	} cases[] = { { 0, -ECONNREFUSED }, { -ENOENT, 0 }, { 0, -EEXIST } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scene *scene = *state;

		assert_int_equal(wb_record_write(scene->record, &scene->fake.sys.root,
						 WB_RECORD_LIVE),
				 0);
		service.journal = cases[i].journal;
		service.start = cases[i].start;
		fake_forget_trace(&scene->fake);
		assert_int_equal(restore(scene), WB_EXIT_DONE);
		assert_string_equal(fake_trace(&scene->fake), "start a.service\n");
	}
}

static void nothing_to_restore(void **state)
{
	struct scene *scene = *state;

	fake_remove(&scene->fake, "run/warmboot/record.json");
	assert_int_equal(restore(scene), WB_EXIT_DONE);
	assert_false(service.started);
}

static void a_record_that_nobody_can_read(void **state)
{
	struct scene *scene = *state;

	fake_file(&scene->fake, "run/warmboot/record.json", "{");
	assert_int_equal(restore(scene), WB_EXIT_NOT_UNDONE);
	assert_false(service.started);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_service_does_it),    TEST(the_caller_leaves),
		TEST(it_ends_without_a_word), TEST(there_is_no_service),
		TEST(nothing_to_restore),     TEST(a_record_that_nobody_can_read),
	};

	return RUN_TESTS(tests);
}
