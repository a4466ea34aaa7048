/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the exit status of a hook does to a run, and where a hook may keep things. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "fake-sys.h"
#include "run/run.h"
#include "unit.h"

#define PREPARE "spawn /hooks/gpu prepare\n"
#define LOAD    "spawn /sbin/kexec --load x\n"
#define QUIESCE "spawn /hooks/gpu quiesce\n"
#define RESUME  "spawn /hooks/gpu resume\n"
#define UNLOAD  "spawn /sbin/kexec --unload\n"
#define STOP    "stop nvidia-persistenced.service\n"
#define JUMP    "enqueue kexec.target\n"

enum { AT_PREPARE, AT_LOAD, AT_QUIESCE, AT_STOP, AT_KEXEC, AT_LATE };

struct scene {
	struct fake_sys fake;
	struct wb_record *record;
};

static void quiet(const struct wb_message *message, void *userdata)
{
	(void)message;
	(void)userdata;
}

static void add(struct wb_plan *plan, enum wb_phase phase, enum wb_step_kind kind,
		const char *target, const char *argv, const char *undo)
{
	struct wb_step *s = wb_plan_add(plan, phase, kind, target, 10000000, "test");

	assert_non_null(s);
	assert_int_equal(wb_strv_split(&s->argv, argv), 0);
	assert_int_equal(wb_strv_split(&s->undo_argv, undo), 0);
	s->required = true;
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	plan->id = strdup("11111111-2222-3333-4444-555555555555");
	add(plan, WB_PHASE_PREPARE, WB_STEP_RUN_HOOK, "gpu", "/hooks/gpu prepare", "");
	add(plan, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, "6.1", "/sbin/kexec --load x",
	    "/sbin/kexec --unload");
	add(plan, WB_PHASE_QUIESCE, WB_STEP_RUN_HOOK, "gpu", "/hooks/gpu quiesce",
	    "/hooks/gpu resume");
	add(plan, WB_PHASE_QUIESCE, WB_STEP_STOP_UNIT, "nvidia-persistenced.service", "",
	    "");
	add(plan, WB_PHASE_COMMIT, WB_STEP_KEXEC, "kexec.target", "", "");
	add(plan, WB_PHASE_LATE, WB_STEP_RUN_HOOK, "gpu", "/hooks/gpu late", "");
	fake_begin(&scene->fake);
	scene->record = wb_record_new(plan);
	*state = scene;
	return scene->record ? 0 : -1;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	wb_record_free(scene->record);
	fake_end(&scene->fake);
	free(scene);
	return 0;
}

static struct wb_step *step(struct scene *scene, size_t i)
{
	return &scene->record->plan->steps[i];
}

static enum wb_end run_with(struct scene *scene, struct fake_rule *rules)
{
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	scene->fake.rules = rules;
	return wb_run(&run);
}

/* For as long as there is time. */
static void not_ready(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu prepare", 75, 2 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake),
			    PREPARE PREPARE PREPARE LOAD QUIESCE STOP JUMP);
	assert_int_equal(scene->record->results[AT_PREPARE].outcome, WB_OUTCOME_DONE);
}

static void never_ready(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu quiesce", 75, 0 }, { 0 } };
	struct scene *scene = *state;

	/* After one, two and four of ten seconds there is none left for eight. */
	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    PREPARE LOAD QUIESCE QUIESCE QUIESCE QUIESCE RESUME UNLOAD);
	assert_non_null(strstr(scene->record->failure, "not ready in time: so it says"));
}

static void ready_to_resume_at_the_second_try(void **state)
{
	struct fake_rule rules[] = { { "stop nvidia-persistenced.service", -EIO, 0 },
				     { "spawn /hooks/gpu resume", 75, 1 },
				     { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_non_null(strstr(fake_trace(&scene->fake), RESUME RESUME UNLOAD));
}

/* Each status, in prepare and in quiesce, of a hook that is not required. */
static void statuses(void **state)
{
	static const struct {
		const char *act;
		int status;
		enum wb_end end;
		int error;
		const char *says;
	} cases[] = {
		{ PREPARE, 0, WB_END_HANDED_OVER, 0, NULL },
		{ PREPARE, 77, WB_END_HANDED_OVER, 0, NULL },
		{ PREPARE, 1, WB_END_REFUSED, -ECANCELED, "refuses: so it says" },
		{ PREPARE, 76, WB_END_REFUSED, -ECANCELED, "refuses: so it says" },
		{ PREPARE, 69, WB_END_UNDONE, -ENOTSUP, "firmware reboot: so it says" },
		{ QUIESCE, 0, WB_END_HANDED_OVER, 0, NULL },
		{ QUIESCE, 77, WB_END_HANDED_OVER, 0, NULL },
		{ QUIESCE, 1, WB_END_HANDED_OVER, -EIO, "failed with status 1" },
		{ QUIESCE, 76, WB_END_UNDONE, -ECANCELED, "refuses: so it says" },
		{ QUIESCE, 69, WB_END_UNDONE, -ENOTSUP, "firmware reboot: so it says" },
		{ QUIESCE, 78, WB_END_HANDED_OVER, -EINVAL, "not configured" },
		{ QUIESCE, 2, WB_END_HANDED_OVER, -EIO, "failed with status 2" },
		{ QUIESCE, 137, WB_END_HANDED_OVER, -EIO, "failed with status 137" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *act = strndup(cases[i].act, strcspn(cases[i].act, "\n"));
		struct fake_rule rules[] = { { act, cases[i].status, 0 }, { 0 } };
		size_t at = strcmp(cases[i].act, PREPARE) == 0 ? AT_PREPARE : AT_QUIESCE;
		const struct wb_result *result;
		struct scene *scene;

		tear_down(state);
		set_up(state);
		scene = *state;
		step(scene, AT_QUIESCE)->required = false;
		if (run_with(scene, rules) != cases[i].end)
			fail_msg("%s with %d", act, cases[i].status);
		result = &scene->record->results[at];
		assert_int_equal(result->error, cases[i].error);
		if (cases[i].says && !strstr(result->detail, cases[i].says))
			fail_msg("'%s' does not say '%s'", result->detail, cases[i].says);
		free(act);
	}
}

/* There is nothing left to refuse; they are failures like any other. */
static void no_in_resume(void **state)
{
	static const int says_no[] = { 1, 76, 69 };

	for (size_t i = 0; i < ARRAY_SIZE(says_no); i++) {
		struct fake_rule rules[] = { { "stop nvidia-persistenced.service", -EIO,
					       0 },
					     { "spawn /hooks/gpu resume", says_no[i], 0 },
					     { 0 } };
		struct scene *scene;

		tear_down(state);
		set_up(state);
		scene = *state;
		assert_int_equal(run_with(scene, rules), WB_END_NOT_UNDONE);
		assert_int_equal(scene->record->results[AT_QUIESCE].error, -EIO);
	}
}

static void no_in_late(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu late", 76, 0 }, { 0 } };
	struct scene *scene = *state;
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	scene->fake.rules = rules;
	assert_int_equal(wb_run_later_phase(&run, WB_PHASE_LATE), -EIO);
}

#define FOLDER "run/warmboot/hooks/gpu"

static void set_folder(struct scene *scene)
{
	struct wb_step *s = step(scene, AT_PREPARE);

	assert_int_equal(wb_strv_append(&s->environment, "WARMBOOT_STATE_DIR=/" FOLDER),
			 0);
}

static void a_folder_of_its_own(void **state)
{
	struct scene *scene = *state;
	const struct wb_root *root = &scene->fake.sys.root;
	struct stat st;

	set_folder(scene);
	assert_int_equal(run_with(scene, NULL), WB_END_HANDED_OVER);
	assert_int_equal(wb_root_stat(root, FOLDER, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(wb_root_stat(root, "run/warmboot", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

/* What one verb leaves there is there for the next. */
static void a_folder_that_stays(void **state)
{
	struct scene *scene = *state;

	set_folder(scene);
	fake_file(&scene->fake, FOLDER "/saved", "x");
	assert_int_equal(run_with(scene, NULL), WB_END_HANDED_OVER);
	assert_true(wb_root_exists(&scene->fake.sys.root, FOLDER "/saved"));
}

static void no_room_for_a_folder(void **state)
{
	struct scene *scene = *state;

	set_folder(scene);
	fake_file(&scene->fake, "run/warmboot/hooks", "no folder");
	assert_int_equal(run_with(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_non_null(strstr(scene->record->failure, "/" FOLDER));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(not_ready),
		TEST(never_ready),
		TEST(ready_to_resume_at_the_second_try),
		TEST(statuses),
		TEST(no_in_resume),
		TEST(no_in_late),
		TEST(a_folder_of_its_own),
		TEST(a_folder_that_stays),
		TEST(no_room_for_a_folder),
	};

	wb_log_setup(LOG_EMERG, quiet, NULL);
	return RUN_TESTS(tests);
}
