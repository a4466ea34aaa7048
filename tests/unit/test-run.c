/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The walk through a plan: what is done, in which order, and undone in which. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/strv.h"
#include "facts/kernel/stamp-file.h"
#include "fake-sys.h"
#include "run/foreign.h"
#include "run/run.h"
#include "sys/interrupt.h"

#define ID "11111111-2222-3333-4444-555555555555"

struct scene {
	struct fake_sys fake;
	struct wb_record *record;
};

static void quiet(const struct wb_message *message, void *userdata)
{
	(void)message;
	(void)userdata;
}

static struct wb_step *add(struct wb_plan *plan, enum wb_phase phase,
			   enum wb_step_kind kind, const char *target)
{
	struct wb_step *s = wb_plan_add(plan, phase, kind, target, 200000,
					"for the sake of the test");

	assert_non_null(s);
	return s;
}

static void set_argv(char ***argv, const char *text)
{
	assert_int_equal(wb_strv_split(argv, text), 0);
}

static struct wb_plan *make_plan(void)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	struct wb_step *s;

	plan->id = strdup(ID);
	s = add(plan, WB_PHASE_PREPARE, WB_STEP_RUN_HOOK, "gpu");
	set_argv(&s->argv, "/hooks/gpu prepare");
	s = add(plan, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, "6.1");
	set_argv(&s->argv, "/sbin/kexec --load /boot/vmlinuz");
	set_argv(&s->undo_argv, "/sbin/kexec --unload");
	add(plan, WB_PHASE_QUIESCE, WB_STEP_ISOLATE, "multi-user.target");
	add(plan, WB_PHASE_QUIESCE, WB_STEP_STOP_UNIT, "nvidia-persistenced.service");
	s = add(plan, WB_PHASE_QUIESCE, WB_STEP_RUN_HOOK, "gpu");
	set_argv(&s->argv, "/hooks/gpu quiesce");
	set_argv(&s->undo_argv, "/hooks/gpu resume");
	add(plan, WB_PHASE_QUIESCE, WB_STEP_REMOVE_MODULE, "nvidia_drm");
	add(plan, WB_PHASE_QUIESCE, WB_STEP_REMOVE_MODULE, "nvidia");
	add(plan, WB_PHASE_COMMIT, WB_STEP_WRITE_RECORD, "/var/lib/warmboot/" ID ".json");
	add(plan, WB_PHASE_COMMIT, WB_STEP_SYNC, "file systems");
	add(plan, WB_PHASE_COMMIT, WB_STEP_KEXEC, "kexec.target");
	s = add(plan, WB_PHASE_LATE, WB_STEP_RUN_HOOK, "gpu");
	set_argv(&s->argv, "/hooks/gpu late");
	return plan;
}

#define WAY_DOWN                                                                         \
	"spawn /hooks/gpu prepare\n"                                                     \
	"spawn /sbin/kexec --load /boot/vmlinuz\n"                                       \
	"isolate multi-user.target\n"                                                    \
	"stop nvidia-persistenced.service\n"                                             \
	"spawn /hooks/gpu quiesce\n"

#define MODULES_OUT "rmmod nvidia_drm\nrmmod nvidia\n"

#define WAY_UP                                                                           \
	"spawn /hooks/gpu resume\n"                                                      \
	"start nvidia-persistenced.service\n"                                            \
	"isolate graphical.target\n"                                                     \
	"start lightdm.service\n"                                                        \
	"spawn /sbin/kexec --unload\n"

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	fake_begin(&scene->fake);
	fake_file(&scene->fake, "sys/module/nvidia/initstate", "live\n");
	fake_file(&scene->fake, "sys/module/nvidia_drm/initstate", "live\n");
	scene->record = wb_record_new(make_plan());
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

static enum wb_end run_with(struct scene *scene, struct fake_rule *rules)
{
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	scene->fake.rules = rules;
	return wb_run(&run);
}

/* The record on disk says the same as the one in memory. */
static void assert_recorded(struct scene *scene)
{
	_cleanup_(wb_record_freep) struct wb_record *read = NULL;

	assert_int_equal(wb_record_read(&scene->fake.sys.root,
					"/var/lib/warmboot/" ID ".json", &read),
			 0);
	assert_int_equal(read->end, scene->record->end);
	if (scene->record->failure)
		assert_string_equal(read->failure, scene->record->failure);
}

static void all_well(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN MODULES_OUT "sync all\nenqueue kexec.target\n");
	assert_true(scene->record->committed_usec >= scene->record->started_usec);
	/* The late phase is the helper's. */
	assert_int_equal(scene->record->results[10].outcome, WB_OUTCOME_PENDING);
	assert_recorded(scene);
}

/* By this number the unit for other restarts knows its own. */
static void the_job_of_the_hand_over_is_noted(void **state)
{
	struct scene *scene = *state;
	const struct wb_plan *plan = scene->record->plan;

	scene->fake.job = 41;
	assert_int_equal(run_with(scene, NULL), WB_END_HANDED_OVER);
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == WB_STEP_KEXEC)
			assert_string_equal(scene->record->results[i].saved[0], "41");
}

/* Of a boot that nobody confirmed: the next one is to look for this run. */
static void the_mark_of_another_image_goes(void **state)
{
	struct scene *scene = *state;

	fake_file(&scene->fake, "var/lib/warmboot/quiesced", "x");
	assert_int_equal(run_with(scene, NULL), WB_END_HANDED_OVER);
	assert_false(wb_root_exists(&scene->fake.sys.root, WB_FOREIGN_MARK));
}

static void a_veto_refuses(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu prepare", 1, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_REFUSED);
	assert_string_equal(fake_trace(&scene->fake), "spawn /hooks/gpu prepare\n");
	assert_non_null(strstr(scene->record->failure, "so it says"));
	assert_recorded(scene);
}

static void nothing_to_do_is_no_veto(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu prepare", 77, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_HANDED_OVER);
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_SKIPPED);
}

static void a_refused_load_touches_nothing(void **state)
{
	struct fake_rule rules[] = { { "spawn /sbin/kexec --load /boot/vmlinuz", 255, 0 },
				     { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    "spawn /hooks/gpu prepare\n"
			    "spawn /sbin/kexec --load /boot/vmlinuz\n");
	assert_non_null(strstr(scene->record->failure, "status 255"));
}

static const struct wb_step *load_step(const struct scene *scene)
{
	for (size_t i = 0; i < scene->record->plan->n_steps; i++)
		if (scene->record->plan->steps[i].kind == WB_STEP_LOAD_KERNEL)
			return &scene->record->plan->steps[i];
	return NULL;
}

/* Put the file there as the plan saw it. */
static struct wb_stamp *put_planned(struct scene *scene, const char *path)
{
	struct wb_step *s = (struct wb_step *)(uintptr_t)load_step(scene);

	assert_non_null(s);
	fake_file(&scene->fake, path + 1, "as planned");
	assert_int_equal(wb_stamps_look(&scene->fake.sys.root, path, &s->files,
					&s->n_files),
			 0);
	assert_int_equal(s->n_files, 1);
	return s->files;
}

static void assert_not_loaded(struct scene *scene, const char *why)
{
	assert_int_equal(run_with(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "spawn /hooks/gpu prepare\n");
	if (!strstr(scene->record->failure, why))
		fail_msg("'%s' does not say '%s'", scene->record->failure, why);
}

static void what_was_planned_is_loaded(void **state)
{
	struct scene *scene = *state;

	put_planned(scene, "/boot/vmlinuz");
	assert_int_equal(run_with(scene, NULL), WB_END_HANDED_OVER);
}

/* Each of the numbers counts. */
static void what_has_changed_is_not_loaded(void **state)
{
	struct scene *scene = *state;
	struct wb_stamp *stamp = put_planned(scene, "/boot/vmlinuz");
	uint64_t *const numbers[] = { &stamp->device, &stamp->inode, &stamp->size,
				      &stamp->mtime_nsec };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct wb_stamp now = *stamp;

		(*numbers[i])++;
		assert_int_equal(wb_stamp_compare(&scene->fake.sys.root, stamp), 1);
		*stamp = now;
	}
	assert_int_equal(wb_stamp_compare(&scene->fake.sys.root, stamp), 0);
	fake_file(&scene->fake, "boot/vmlinuz", "another one");
	assert_not_loaded(scene, "/boot/vmlinuz changed since it was looked at; run "
				 "warmboot again");
}

static void what_is_gone_is_not_loaded(void **state)
{
	struct scene *scene = *state;
	struct wb_stamp *stamp = put_planned(scene, "/boot/vmlinuz");

	strcpy(stamp->path, "/boot/none");
	assert_not_loaded(scene, "/boot/none is not what it was");
}

static void a_failed_isolate_goes_back(void **state)
{
	struct fake_rule rules[] = { { "isolate multi-user.target", -EIO, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    "spawn /hooks/gpu prepare\n"
			    "spawn /sbin/kexec --load /boot/vmlinuz\n"
			    "isolate multi-user.target\n"
			    "isolate graphical.target\n"
			    "spawn /sbin/kexec --unload\n");
}

static void a_failed_hook_may_resume(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu quiesce", 3, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), WAY_DOWN WAY_UP);
}

static void a_busy_module_is_tried_again(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia_drm", -EAGAIN, 2 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN "rmmod nvidia_drm\nrmmod nvidia_drm\n" MODULES_OUT
				     "sync all\nenqueue kexec.target\n");
}

static void undo_loads_what_is_out(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN MODULES_OUT "modprobe nvidia_drm\n" WAY_UP);
	assert_int_equal(scene->record->results[6].outcome, WB_OUTCOME_FAILED);
	assert_int_equal(scene->record->results[5].outcome, WB_OUTCOME_UNDONE);
	assert_recorded(scene);
}

static void a_module_in_use_names_its_users(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -EAGAIN, 0 }, { 0 } };
	struct scene *scene = *state;

	fake_file(&scene->fake, "proc/modules",
		  "nvidia 100 2 nvidia_fs,gdrdrv, Live 0x0\n");
	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(
		scene->record->failure,
		"cannot remove nvidia: in use by the modules nvidia_fs, gdrdrv");
}

/* Its exit function hangs: nothing can bring it back, and that is said. */
static void a_stuck_module_cannot_be_undone(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -ETIMEDOUT, 0 }, { 0 } };
	struct scene *scene = *state;

	fake_file(&scene->fake, "proc/4711/wchan", "nv_pci_remove_helper\n");
	assert_int_equal(run_with(scene, rules), WB_END_NOT_UNDONE);
	assert_string_equal(scene->record->failure,
			    "cannot remove nvidia: its exit function has not come back "
			    "after 0 s: its process 4711 hangs in nv_pci_remove_helper; "
			    "this machine needs a firmware reboot");
	/* All the rest is undone nevertheless. */
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN MODULES_OUT "modprobe nvidia_drm\n" WAY_UP);
	assert_int_equal(scene->record->results[6].outcome, WB_OUTCOME_UNDO_FAILED);
}

static void finish_its_exit(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "pause") == 0)
		fake_remove(fake, "sys/module/nvidia");
}

/* It took too long, but it has come to its end meanwhile. */
static void a_slow_module_is_loaded_again(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -ETIMEDOUT, 0 }, { 0 } };
	struct scene *scene = *state;

	scene->fake.on_act = finish_its_exit;
	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), WAY_DOWN MODULES_OUT
			    "modprobe nvidia\nmodprobe nvidia_drm\n" WAY_UP);
}

/* A signal that comes while the last module goes is no reason to go on. */
static void an_interruption_at_the_last_moment_counts(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(wb_interrupt_setup(true), 0);
	scene->fake.raise_at = "rmmod nvidia";
	assert_int_equal(run_with(scene, NULL), WB_END_UNDONE);
	wb_interrupt_ignore();
	assert_string_equal(fake_trace(&scene->fake), WAY_DOWN MODULES_OUT
			    "modprobe nvidia\nmodprobe nvidia_drm\n" WAY_UP);
}

/* All is started that the target did not bring back, also where it failed itself. */
static void an_isolate_that_fails_on_the_way_back(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 },
				     { "isolate graphical.target", -EIO, 0 },
				     { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_NOT_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN MODULES_OUT "modprobe nvidia_drm\n" WAY_UP);
}

static void an_undo_that_fails_goes_on(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 },
				     { "modprobe nvidia_drm", -EIO, 0 },
				     { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_NOT_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN MODULES_OUT "modprobe nvidia_drm\n" WAY_UP);
	/* The one who failed first is to blame, not the undo. */
	assert_string_equal(scene->record->failure,
			    "cannot remove nvidia: Operation not permitted");
}

static void what_is_not_required_may_fail(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 }, { 0 } };
	struct scene *scene = *state;

	scene->record->plan->steps[6].required = false;
	assert_int_equal(run_with(scene, rules), WB_END_HANDED_OVER);
	assert_int_equal(scene->record->results[6].outcome, WB_OUTCOME_FAILED);
}

/* Nothing irrevocable has happened yet, so it is no reason to give up the machine. */
static void a_failed_sync_is_undone(void **state)
{
	struct fake_rule rules[] = { { "sync all", -ETIMEDOUT, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), WAY_DOWN MODULES_OUT
			    "sync all\nmodprobe nvidia\nmodprobe nvidia_drm\n" WAY_UP);
}

static void a_failed_handover_reboots_cold(void **state)
{
	struct fake_rule rules[] = { { "enqueue kexec.target", -EIO, 0 }, { 0 } };
	struct scene *scene = *state;

	assert_int_equal(run_with(scene, rules), WB_END_COLD);
	/* Without the image: a reboot that finds one might jump all the same. */
	assert_string_equal(fake_trace(&scene->fake),
			    WAY_DOWN MODULES_OUT "sync all\nenqueue kexec.target\n"
						 "spawn /sbin/kexec --unload\n"
						 "enqueue reboot.target\n");
	assert_recorded(scene);
}

static void a_unit_that_does_not_run_is_left_alone(void **state)
{
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 }, { 0 } };
	struct scene *scene = *state;

	fake_unit(&scene->fake, "nvidia-persistenced.service", false);
	assert_int_equal(run_with(scene, rules), WB_END_UNDONE);
	assert_null(strstr(fake_trace(&scene->fake), "nvidia-persistenced"));
	assert_int_equal(scene->record->results[3].outcome, WB_OUTCOME_SKIPPED);
}

static void the_late_phase_goes_to_its_end(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu late", 3, 0 }, { 0 } };
	struct scene *scene = *state;
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	scene->fake.rules = rules;
	assert_int_equal(wb_run_later_phase(&run, WB_PHASE_LATE), -EIO);
	assert_string_equal(fake_trace(&scene->fake), "spawn /hooks/gpu late\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(all_well),
		TEST(the_mark_of_another_image_goes),
		TEST(the_job_of_the_hand_over_is_noted),
		TEST(a_veto_refuses),
		TEST(nothing_to_do_is_no_veto),
		TEST(a_refused_load_touches_nothing),
		TEST(what_was_planned_is_loaded),
		TEST(what_has_changed_is_not_loaded),
		TEST(what_is_gone_is_not_loaded),
		TEST(a_failed_isolate_goes_back),
		TEST(a_failed_hook_may_resume),
		TEST(a_busy_module_is_tried_again),
		TEST(undo_loads_what_is_out),
		TEST(a_module_in_use_names_its_users),
		TEST(a_stuck_module_cannot_be_undone),
		TEST(a_slow_module_is_loaded_again),
		TEST(an_interruption_at_the_last_moment_counts),
		TEST(an_isolate_that_fails_on_the_way_back),
		TEST(an_undo_that_fails_goes_on),
		TEST(what_is_not_required_may_fail),
		TEST(a_failed_sync_is_undone),
		TEST(a_failed_handover_reboots_cold),
		TEST(a_unit_that_does_not_run_is_left_alone),
		TEST(the_late_phase_goes_to_its_end),
	};

	wb_log_setup(LOG_EMERG, quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
