/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scene.h"

#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "unit.h"

static void quiet(const struct wb_message *message, void *userdata)
{
	(void)message;
	(void)userdata;
}

static void renew_record(struct scene *scene, struct wb_plan *plan)
{
	wb_record_free(scene->record);
	scene->record = wb_record_new(plan);
	assert_non_null(scene->record);
	scene->plan = plan;
}

int scene_set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	wb_log_setup(LOG_EMERG, quiet, NULL);
	fake_begin(&scene->fake);
	plan->id = strdup(SCENE_ID);
	renew_record(scene, plan);
	*state = scene;
	return 0;
}

int scene_tear_down(void **state)
{
	struct scene *scene = *state;

	wb_record_free(scene->record);
	fake_end(&scene->fake);
	free(scene);
	return 0;
}

struct wb_step *scene_add_phase(struct scene *scene, enum wb_phase phase,
				enum wb_step_kind kind, const char *target)
{
	struct wb_step *step = wb_plan_add(scene->plan, phase, kind, target, 200000,
					   "for the sake of the test");
	size_t n = scene->plan->n_steps;

	assert_non_null(step);
	/* One result for each step, and as before wb_record_new() one more. */
	scene->record->results = reallocarray(scene->record->results, n + 1,
					      sizeof(*scene->record->results));
	assert_non_null(scene->record->results);
	memset(&scene->record->results[n - 1], 0, 2 * sizeof(*scene->record->results));
	return step;
}

struct wb_step *scene_add(struct scene *scene, enum wb_step_kind kind, const char *target)
{
	return scene_add_phase(scene, WB_PHASE_QUIESCE, kind, target);
}

void scene_fail_at_the_end(struct scene *scene)
{
	struct wb_step *step = scene_add(scene, WB_STEP_RUN_HOOK, "fail");

	/* It is not there, so that it cannot be run. */
	assert_int_equal(wb_strv_append(&step->argv, "/hooks/fail"), 0);
}

enum wb_end scene_run(struct scene *scene, struct fake_rule *rules)
{
	struct wb_run run = { .sys = &scene->fake.sys,
			      .record = scene->record,
			      .margin_usec = scene->margin_usec };

	scene->fake.rules = rules;
	return wb_run(&run);
}

char *scene_record_text(struct scene *scene)
{
	char *text = NULL;

	assert_int_equal(wb_root_read(&scene->fake.sys.root, WB_RECORD_LIVE, &text, NULL),
			 0);
	return text;
}

int scene_restore_from(struct scene *scene, const char *record_text)
{
	struct wb_run run = { .sys = &scene->fake.sys };
	struct wb_record *record = NULL;
	int r;

	scene->fake.on_act = NULL;
	scene->fake.rules = NULL;
	fake_forget_trace(&scene->fake);
	assert_int_equal(wb_root_replace(&scene->fake.sys.root, WB_RECORD_LIVE,
					 record_text),
			 0);
	assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &record), 0);
	assert_non_null(record);
	run.record = record;
	r = wb_run_restore(&run);
	assert_int_equal(record->end, r < 0 ? WB_END_NOT_UNDONE : WB_END_UNDONE);
	wb_record_free(record);
	/* Once is enough, where all was undone. */
	record = NULL;
	assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &record), 0);
	assert_int_equal(record != NULL, r < 0);
	wb_record_free(record);
	return r;
}

void scene_pci(struct scene *scene, const char *id, const char *driver,
	       const char *override)
{
	_cleanup_free_ char *base = wb_format("sys/bus/pci/devices/%s", id);
	_cleanup_free_ char *file = wb_format("%s/vendor", base);
	_cleanup_free_ char *link = wb_format("%s/driver", base);
	_cleanup_free_ char *attribute = wb_format("%s/driver_override", base);
	_cleanup_free_ char *target = wb_format("../../drivers/%s", driver);
	_cleanup_free_ char *of_driver =
		wb_format("sys/bus/pci/drivers/%s/%s", driver, id);
	_cleanup_free_ char *back = wb_format("../../devices/%s", id);

	fake_file(&scene->fake, file, "0x10de\n");
	if (override)
		fake_file(&scene->fake, attribute, override);
	if (!driver)
		return;
	fake_link(&scene->fake, of_driver, back);
	fake_link(&scene->fake, link, target);
}

char *scene_driver(struct scene *scene, const char *id)
{
	_cleanup_free_ char *path = wb_format("sys/bus/pci/devices/%s/driver", id);
	char *driver = NULL;

	if (wb_root_link_name(&scene->fake.sys.root, path, &driver) < 0)
		driver = strdup("");
	return driver;
}

void scene_holder(struct scene *scene, int pid, const char *comm, const char *cgroup)
{
	_cleanup_free_ char *comm_path = wb_format("proc/%d/comm", pid);
	_cleanup_free_ char *group_path = wb_format("proc/%d/cgroup", pid);
	_cleanup_free_ char *group = wb_format("0::%s\n", cgroup);
	_cleanup_free_ char *fd = wb_format("proc/%d/fd/7", pid);

	fake_file(&scene->fake, "dev/dri/card0", "c 226:0\n");
	fake_file(&scene->fake, comm_path, comm);
	fake_file(&scene->fake, group_path, group);
	fake_link(&scene->fake, fd, "/dev/dri/card0");
}
