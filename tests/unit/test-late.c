/* SPDX-License-Identifier: GPL-2.0-or-later */

/* After the hand-over: what is done, when it is given up, and that others are let be. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"
#include "fake-sys.h"
#include "run/late.h"

#define ID     "11111111-2222-3333-4444-555555555555"
#define HELPER "run/initramfs/usr/lib/warmboot/late"
#define MOUNTS "proc/self/mountinfo"
#define TMPFS  "21 1 0:20 / / rw - tmpfs tmpfs rw\n"

struct scene {
	struct fake_sys fake;
	struct wb_record *record;
	char *log;
};

static void remember(const struct wb_message *message, void *userdata)
{
	struct scene *scene = userdata;
	char *all = wb_format("%s<%d>%s\n", scene->log ? scene->log : "", message->level,
			      message->text);

	free(scene->log);
	scene->log = all;
}

static struct wb_step *add(struct scene *scene, enum wb_phase phase, const char *module)
{
	struct wb_plan *plan = scene->record->plan;
	struct wb_step *s = wb_plan_add(plan, phase, WB_STEP_REMOVE_MODULE, module,
					200000, "for the sake of the test");

	assert_non_null(s);
	s->required = false;
	/* The results are as many as the steps. */
	scene->record->results =
		realloc(scene->record->results, plan->n_steps * sizeof(struct wb_result));
	memset(&scene->record->results[plan->n_steps - 1], 0, sizeof(struct wb_result));
	return s;
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	plan->id = strdup(ID);
	fake_begin(&scene->fake);
	scene->record = wb_record_new(plan);
	scene->record->end = WB_END_HANDED_OVER;
	fake_file(&scene->fake, "sys/kernel/kexec_loaded", "1\n");
	wb_log_setup(LOG_INFO, remember, scene);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	wb_log_setup(LOG_INFO, NULL, NULL);
	wb_record_free(scene->record);
	fake_end(&scene->fake);
	free(scene->log);
	free(scene);
	return 0;
}

static void put(struct scene *scene)
{
	assert_int_equal(wb_record_write(scene->record, &scene->fake.sys.root,
					 WB_RECORD_LIVE),
			 0);
}

static struct wb_record *look(struct scene *scene)
{
	struct wb_record *record = NULL;

	assert_int_equal(wb_record_read(&scene->fake.sys.root, WB_RECORD_LIVE, &record),
			 0);
	return record;
}

/* As the helper does it, without its child. */
static int run_phase(struct scene *scene, enum wb_phase phase, struct fake_rule *rules)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct wb_run run = { .sys = &scene->fake.sys };
	int r = wb_late_open(run.sys, &record);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	run.record = record;
	scene->fake.rules = rules;
	(void)!wb_late_run(&run, phase);
	return wb_late_close(run.sys, phase);
}

static void assert_given_up(struct scene *scene, const char *word)
{
	_cleanup_(wb_record_freep) struct wb_record *record = look(scene);

	assert_int_equal(record->end, WB_END_COLD);
	assert_non_null(strstr(record->failure, word));
	assert_non_null(strstr(fake_trace(&scene->fake), "kexec unload\n"));
	/* "loudly with the reason" */
	assert_non_null(strstr(scene->log, "<3>giving up this warm boot: "));
	assert_non_null(strstr(scene->log, word));
}

static void all_goes_well(void **state)
{
	struct scene *scene = *state;
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	add(scene, WB_PHASE_LATE, "ixgbe")->required = true;
	add(scene, WB_PHASE_LATE, "mlx5_core");
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), 0);
	assert_string_equal(fake_trace(&scene->fake), "rmmod ixgbe\nrmmod mlx5_core\n");
	record = look(scene);
	assert_int_equal(record->end, WB_END_HANDED_OVER);
	assert_int_equal(record->results[1].outcome, WB_OUTCOME_DONE);
	assert_non_null(strstr(scene->log, "<6>remove-module mlx5_core: done after "));
}

static void what_is_not_required_may_fail(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod ixgbe", -EPERM, 0 }, { NULL, 0, 0 } };

	add(scene, WB_PHASE_LATE, "ixgbe");
	add(scene, WB_PHASE_LATE, "mlx5_core")->required = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, rules), 0);
	assert_string_equal(fake_trace(&scene->fake), "rmmod ixgbe\nrmmod mlx5_core\n");
	assert_non_null(strstr(scene->log, "remove-module ixgbe: failed after "));
}

static void what_is_required_may_not(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod ixgbe", -EPERM, 0 }, { NULL, 0, 0 } };

	add(scene, WB_PHASE_LATE, "ixgbe")->required = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, rules), -ECANCELED);
	assert_given_up(scene, "remove-module ixgbe is required, and failed");
	/* Nothing hangs: the ordinary reboot is good enough. */
	assert_null(strstr(fake_trace(&scene->fake), "restart"));
}

static void look_for_the_record(struct fake_sys *fake, const char *act)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	if (strcmp(act, "restart later") != 0)
		return;
	assert_int_equal(wb_record_read(&fake->sys.root, WB_RECORD_LIVE, &record), 0);
	assert_int_equal(record->end, WB_END_HANDED_OVER);
}

/* Writing the record may hang as well. */
static void a_restart_is_armed_before_anything_is_written(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod ixgbe", -ETIMEDOUT, 0 }, { NULL, 0, 0 } };

	add(scene, WB_PHASE_LATE, "ixgbe");
	put(scene);
	scene->fake.on_act = look_for_the_record;
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, rules), -ECANCELED);
	assert_given_up(scene, "remove-module ixgbe has not come back");
	assert_non_null(strstr(fake_trace(&scene->fake), "restart later\n"));
}

static void what_hangs_is_never_handed_on(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod ixgbe", -ETIMEDOUT, 0 }, { NULL, 0, 0 } };

	add(scene, WB_PHASE_LATE, "ixgbe");
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, rules), -ECANCELED);
	assert_given_up(scene, "remove-module ixgbe has not come back");
	/* It may hold the lock that the reboot wants. */
	assert_non_null(strstr(fake_trace(&scene->fake), "restart later\n"));
	/* And the process that waits for it does not outlive the old root. */
	assert_int_equal(run_phase(scene, WB_PHASE_EXITRD, NULL), -ENOENT);
	assert_string_equal(strstr(fake_trace(&scene->fake), "kexec unload"),
			    "kexec unload\nrestart later\nrestart later\n");
}

/* The child that runs the steps was ended at the limit of the whole phase. */
static void no_time_left(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_LATE, "ixgbe");
	add(scene, WB_PHASE_LATE, "mlx5_core");
	scene->record->results[0].outcome = WB_OUTCOME_RUNNING;
	put(scene);
	assert_int_equal(wb_late_close(&scene->fake.sys, WB_PHASE_LATE), -ECANCELED);
	assert_given_up(scene, "remove-module ixgbe has not come back");
}

static void no_time_left_for_what_is_required(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_LATE, "ixgbe");
	add(scene, WB_PHASE_LATE, "mlx5_core");
	scene->record->results[0].outcome = WB_OUTCOME_DONE;
	put(scene);
	assert_int_equal(wb_late_close(&scene->fake.sys, WB_PHASE_LATE), 0);
	scene->record->plan->steps[1].required = true;
	put(scene);
	assert_int_equal(wb_late_close(&scene->fake.sys, WB_PHASE_LATE), -ECANCELED);
	assert_given_up(scene, "there was no time left for it");
}

/* kernel.kexec_load_disabled forbids this as well: nobody may jump all the same. */
static void an_image_that_stays(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod ixgbe", -EPERM, 0 },
				     { "kexec unload", -EPERM, 0 },
				     { "restart now", -EIO, 0 },
				     { NULL, 0, 0 } };

	add(scene, WB_PHASE_LATE, "ixgbe")->required = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, rules), -ECANCELED);
	assert_given_up(scene, "ixgbe");
	assert_non_null(strstr(fake_trace(&scene->fake), "restart now\n"));
	assert_non_null(strstr(scene->log, "cannot restart either"));
}

static void another_kexec(void **state)
{
	struct scene *scene = *state;

	/* No record at all. */
	add(scene, WB_PHASE_LATE, "ixgbe")->required = true;
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ENOENT);
	/* Ours was undone, or confirmed; this one is somebody else's. */
	for (int end = 0; end < _WB_END_MAX; end++) {
		if (end == WB_END_HANDED_OVER)
			continue;
		scene->record->end = (enum wb_end)end;
		put(scene);
		assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ENOENT);
	}
	/* The image is gone: this is a reboot. */
	scene->record->end = WB_END_HANDED_OVER;
	put(scene);
	fake_file(&scene->fake, "sys/kernel/kexec_loaded", "0\n");
	assert_null(scene->log);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ENOENT);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_non_null(strstr(scene->log, "<4>no image is loaded any more"));
}

/* What it would have required was not done. */
static void a_record_that_is_none(void **state)
{
	struct fake_rule rules[] = { { "kexec unload", -EPERM, 0 },
				     { "restart now", -EIO, 0 },
				     { NULL, 0, 0 } };
	struct scene *scene = *state;

	fake_file(&scene->fake, "run/warmboot/record.json", "{\"id\": 7");
	assert_true(run_phase(scene, WB_PHASE_LATE, NULL) < 0);
	assert_string_equal(fake_trace(&scene->fake), "kexec unload\n");
	assert_non_null(strstr(scene->log, "this warm boot is given up"));
	fake_forget_trace(&scene->fake);
	assert_true(wb_late_close(&scene->fake.sys, WB_PHASE_LATE) < 0);
	assert_string_equal(fake_trace(&scene->fake), "kexec unload\n");
	/* Nobody may jump all the same. */
	fake_forget_trace(&scene->fake);
	scene->fake.rules = rules;
	assert_true(wb_late_close(&scene->fake.sys, WB_PHASE_EXITRD) < 0);
	assert_string_equal(fake_trace(&scene->fake), "kexec unload\nrestart now\n");
	/* An ordinary reboot is none of its business. */
	fake_forget_trace(&scene->fake);
	assert_true(wb_late_guard(&scene->fake.sys) < 0);
	assert_string_equal(fake_trace(&scene->fake), "");
}

static void guard(struct scene *scene, enum wb_end end, const char *trace)
{
	scene->record->end = end;
	put(scene);
	fake_forget_trace(&scene->fake);
	assert_int_equal(wb_late_guard(&scene->fake.sys), 0);
	assert_string_equal(fake_trace(&scene->fake), trace);
}

/* The fallback after a driver that did not come back. */
static void a_reboot_that_may_hang(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(wb_late_guard(&scene->fake.sys), 0);
	assert_string_equal(fake_trace(&scene->fake), "");
	add(scene, WB_PHASE_QUIESCE, "nvidia");
	scene->record->results[0].outcome = WB_OUTCOME_FAILED;
	scene->record->results[0].error = -EBUSY;
	guard(scene, WB_END_COLD, "");
	scene->record->results[0].error = -ETIMEDOUT;
	guard(scene, WB_END_COLD, "restart later\n");
	assert_non_null(strstr(scene->log, "it is forced after 120 s"));
	scene->record->results[0].outcome = WB_OUTCOME_UNDO_FAILED;
	guard(scene, WB_END_COLD, "restart later\n");
	/* Somebody else's reboot, later. */
	guard(scene, WB_END_UNDONE, "");
	guard(scene, WB_END_CONFIRMED, "");
	/* A unit that does not stop holds no lock of a driver. */
	scene->record->plan->steps[0].kind = WB_STEP_STOP_UNIT;
	guard(scene, WB_END_COLD, "");
}

static void arranging(void **state)
{
	struct scene *scene = *state;
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	add(scene, WB_PHASE_LATE, "ixgbe");
	assert_int_equal(wb_late_arrange(&run), 0);
	assert_false(wb_root_exists(&run.sys->root, "run/initramfs"));
	add(scene, WB_PHASE_EXITRD, "mpt3sas");
	assert_int_equal(wb_late_arrange(&run), 0);
	/* dracut-initramfs-restore looks for this one. */
	assert_true(wb_root_exists(&run.sys->root, "run/initramfs/.need_shutdown"));
}

static void without_the_initramfs(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_EXITRD, "mpt3sas");
	put(scene);
	/* Not required: said, and left to the driver's shutdown. */
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), 0);
	assert_non_null(strstr(scene->log, "<4>remove-module mpt3sas is left out: "));
	scene->record->plan->steps[0].required = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ECANCELED);
	assert_given_up(scene, "the shutdown initramfs cannot do it");
}

static void with_the_initramfs(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_EXITRD, "mpt3sas")->required = true;
	put(scene);
	/* Ours alone is not enough. */
	fake_file(&scene->fake, HELPER, "");
	fake_file(&scene->fake, "run/initramfs/shutdown", "");
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), 0);
	assert_string_equal(fake_trace(&scene->fake), "");
	fake_file(&scene->fake, MOUNTS, TMPFS);
	assert_int_equal(run_phase(scene, WB_PHASE_EXITRD, NULL), 0);
	assert_string_equal(fake_trace(&scene->fake), "rmmod mpt3sas\n");
}

/* dracut calls its hooks at last whether or not the root could be unmounted. */
static void a_root_that_stays(void **state)
{
	struct scene *scene = *state;
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	add(scene, WB_PHASE_EXITRD, "mpt3sas");
	put(scene);
	fake_file(&scene->fake, MOUNTS,
		  TMPFS "30 21 8:1 / /oldroot ro - ext4 /dev/sda1 ro\n");
	assert_int_equal(run_phase(scene, WB_PHASE_EXITRD, NULL), 0);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_non_null(strstr(scene->log, "mpt3sas is left out: the old root is still"));
	record = look(scene);
	assert_int_equal(record->results[0].outcome, WB_OUTCOME_FAILED);
	scene->record->plan->steps[0].required = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_EXITRD, NULL), -ECANCELED);
	assert_given_up(scene, "the old root is still mounted");
}

static void a_root_of_which_nothing_is_known(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_EXITRD, "mpt3sas")->required = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_EXITRD, NULL), -ECANCELED);
	assert_string_equal(fake_trace(&scene->fake), "kexec unload\n");
}

static void with_another_initramfs(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_EXITRD, "mpt3sas")->required = true;
	put(scene);
	fake_file(&scene->fake, "run/initramfs/shutdown", "");
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ECANCELED);
	assert_given_up(scene, "mpt3sas");
}

static void jumping(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "sync all", -ETIMEDOUT, 0 },
				     { "kexec now", -EINVAL, 0 },
				     { NULL, 0, 0 } };

	scene->fake.rules = rules;
	assert_int_equal(wb_late_jump(&scene->fake.sys), -EINVAL);
	assert_string_equal(fake_trace(&scene->fake), "sync all\nkexec now\n");
	assert_non_null(strstr(scene->log, "<3>cannot start the new kernel: "));
}

/* "where a disk can still be written to" */
static void the_record_on_disk(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod ixgbe", -EPERM, 0 }, { NULL, 0, 0 } };
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	add(scene, WB_PHASE_LATE, "ixgbe")->required = true;
	put(scene);
	fake_file(&scene->fake, "var/lib/warmboot/" ID ".json", "{}");
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, rules), -ECANCELED);
	assert_int_equal(wb_record_read(&scene->fake.sys.root,
					"/var/lib/warmboot/" ID ".json", &record),
			 0);
	assert_int_equal(record->end, WB_END_COLD);
}

/* The unit was killed, or the image stayed when it gave up. */
static void a_run_for_another_image_that_did_not_end(void **state)
{
	static const enum wb_end ends[] = { WB_END_RUNNING, WB_END_COLD };
	struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		scene->record->foreign = true;
		scene->record->end = ends[i];
		fake_file(&scene->fake, "sys/kernel/kexec_loaded", "1\n");
		put(scene);
		assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ENOENT);
		assert_string_equal(fake_trace(&scene->fake), "kexec unload\n");
		assert_non_null(strstr(scene->log, "not all drivers were put to rest"));
		fake_forget_trace(&scene->fake);
	}
	/* It is gone already, and under kexec_load_disabled this could only fail. */
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ENOENT);
	assert_string_equal(fake_trace(&scene->fake), "");
}

static void a_run_for_another_image_that_hangs(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_QUIESCE, "bochs");
	scene->record->foreign = true;
	scene->record->end = WB_END_RUNNING;
	scene->record->results[0].outcome = WB_OUTCOME_RUNNING;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), -ENOENT);
	assert_string_equal(fake_trace(&scene->fake), "kexec unload\nrestart later\n");
}

static void a_run_for_another_image(void **state)
{
	struct scene *scene = *state;

	add(scene, WB_PHASE_LATE, "ixgbe");
	scene->record->foreign = true;
	put(scene);
	assert_int_equal(run_phase(scene, WB_PHASE_LATE, NULL), 0);
	assert_string_equal(fake_trace(&scene->fake), "rmmod ixgbe\n");
}

#define late_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		late_test(all_goes_well),
		late_test(what_is_not_required_may_fail),
		late_test(what_is_required_may_not),
		late_test(what_hangs_is_never_handed_on),
		late_test(a_restart_is_armed_before_anything_is_written),
		late_test(no_time_left),
		late_test(no_time_left_for_what_is_required),
		late_test(an_image_that_stays),
		late_test(another_kexec),
		late_test(a_record_that_is_none),
		late_test(a_reboot_that_may_hang),
		late_test(arranging),
		late_test(without_the_initramfs),
		late_test(with_the_initramfs),
		late_test(a_root_that_stays),
		late_test(a_root_of_which_nothing_is_known),
		late_test(with_another_initramfs),
		late_test(jumping),
		late_test(a_run_for_another_image_that_did_not_end),
		late_test(a_run_for_another_image_that_hangs),
		late_test(a_run_for_another_image),
		late_test(the_record_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
