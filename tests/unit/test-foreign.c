/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Drivers for the image of somebody else: what is done, when it is given up, and what the
 * next boot finds. */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "run/foreign.h"
#include "scene.h"
#include "sys/interrupt.h"
#include "unit.h"

#define RECORD   "/var/lib/warmboot/" SCENE_ID ".json"
#define DISABLED "proc/sys/kernel/kexec_load_disabled"

static char *said;
static unsigned int begun;

static void remember(const struct wb_message *message, void *userdata)
{
	char *all =
		wb_format("%s<%d>%s\n", said ? said : "", message->level, message->text);

	(void)userdata;
	begun += message->event == WB_EVENT_RUN_STARTED;
	free(said);
	said = all;
}

static int set_up(void **state)
{
	int r = scene_set_up(state);
	struct scene *scene = *state;

	fake_file(&scene->fake, "sys/kernel/kexec_loaded", "1\n");
	fake_file(&scene->fake, DISABLED, "0\n");
	fake_file(&scene->fake, "var/lib/systemd/random-seed", "x");
	fake_file(&scene->fake, "proc/sys/kernel/random/boot_id", "boot-1\n");
	fake_file(&scene->fake, "proc/sys/kernel/osrelease", "6.1.0\n");
	wb_log_setup(LOG_INFO, remember, NULL);
	return r;
}

static int tear_down(void **state)
{
	free(said);
	said = NULL;
	begun = 0;
	return scene_tear_down(state);
}

static void add_module(struct scene *scene, const char *name, bool required)
{
	_cleanup_free_ char *path = wb_format("sys/module/%s/initstate", name);

	fake_file(&scene->fake, path, "live\n");
	scene_add(scene, WB_STEP_REMOVE_MODULE, name)->required = required;
}

static enum wb_end run(struct scene *scene, struct fake_rule *rules)
{
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	scene->fake.rules = rules;
	return wb_foreign_run(&run);
}

static struct wb_record *read_record(struct scene *scene, const char *path)
{
	struct wb_record *record = NULL;

	assert_int_equal(wb_record_read(&scene->fake.sys.root, path, &record), 0);
	return record;
}

static bool exists(struct scene *scene, const char *path)
{
	return wb_root_exists(&scene->fake.sys.root, path);
}

static void assert_said(const char *part)
{
	if (!said || !strstr(said, part))
		fail_msg("'%s' is not in:\n%s", part, said ? said : "");
}

static void all_goes_well(void **state)
{
	struct scene *scene = *state;
	_cleanup_(wb_record_freep) struct wb_record *live = NULL, *kept = NULL;
	_cleanup_free_ char *id = NULL;

	add_module(scene, "nvidia_drm", true);
	add_module(scene, "nvidia", true);
	/* The late helper's. */
	scene_add_phase(scene, WB_PHASE_LATE, WB_STEP_REMOVE_MODULE, "ixgbe");
	assert_int_equal(run(scene, NULL), WB_END_HANDED_OVER);
	assert_int_equal(begun, 1);
	assert_string_equal(fake_trace(&scene->fake), "rmmod nvidia_drm\nrmmod nvidia\n");
	live = read_record(scene, WB_RECORD_LIVE);
	kept = read_record(scene, RECORD);
	assert_true(live->foreign && kept->foreign);
	assert_int_equal(live->end, WB_END_HANDED_OVER);
	assert_int_equal(kept->end, WB_END_HANDED_OVER);
	assert_true(kept->committed_usec >= kept->started_usec && kept->started_usec > 0);
	assert_string_equal(kept->boot_id, "boot-1");
	assert_int_equal(kept->results[2].outcome, WB_OUTCOME_PENDING);
	assert_int_equal(wb_root_read_line(&scene->fake.sys.root, WB_FOREIGN_MARK, &id),
			 0);
	assert_string_equal(id, SCENE_ID);
}

static void nothing_to_do(void **state)
{
	assert_int_equal(run(*state, NULL), WB_END_HANDED_OVER);
}

static void what_is_not_required_may_fail(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod bochs", -EBUSY, 0 }, { NULL, 0, 0 } };

	add_module(scene, "bochs", false);
	add_module(scene, "nvidia", true);
	assert_int_equal(run(scene, rules), WB_END_HANDED_OVER);
	assert_non_null(strstr(fake_trace(&scene->fake), "rmmod nvidia\n"));
	assert_said("remove-module bochs is not required, continuing");
}

static void assert_given_up(struct scene *scene, const char *why)
{
	_cleanup_(wb_record_freep) struct wb_record *live = NULL, *kept = NULL;
	const char *trace = fake_trace(&scene->fake);

	assert_non_null(strstr(trace, "kexec unload\nwrite " DISABLED " 1\n"));
	assert_null(strstr(trace, "modprobe"));
	assert_null(strstr(trace, "enqueue"));
	assert_null(strstr(trace, "restart"));
	live = read_record(scene, WB_RECORD_LIVE);
	kept = read_record(scene, RECORD);
	assert_int_equal(live->end, WB_END_COLD);
	assert_int_equal(kept->end, WB_END_COLD);
	assert_int_equal(kept->committed_usec, 0);
	assert_non_null(strstr(kept->failure, why));
	assert_said(why);
	assert_said(
		"the image is unloaded, and the machine reboots through its firmware");
}

/* No undo: nobody is left for whom it would be. */
static void what_is_required_may_not(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 }, { NULL, 0, 0 } };

	add_module(scene, "nvidia_drm", true);
	add_module(scene, "nvidia", true);
	add_module(scene, "after", true);
	assert_int_equal(run(scene, rules), WB_END_COLD);
	assert_null(strstr(fake_trace(&scene->fake), "rmmod after"));
	assert_given_up(scene, "nvidia");
}

/* Required or not: the kernel would wait for it on its way down. */
static void what_hangs_is_never_handed_on(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod bochs", -ETIMEDOUT, 0 }, { NULL, 0, 0 } };

	add_module(scene, "bochs", false);
	assert_int_equal(run(scene, rules), WB_END_COLD);
	assert_given_up(scene, "a driver hangs");
}

static void watch_signals(void)
{
	assert_int_equal(wb_interrupt_setup(/* terminate= */ true), 0);
	/* Of the test before. */
	if (wb_interrupted())
		wb_interrupt_take();
	assert_false(wb_interrupted());
}

/* Of systemd, which gives the unit no more time. */
static void a_signal(void **state)
{
	struct scene *scene = *state;

	watch_signals();
	scene->fake.raise_at = "rmmod nvidia_drm";
	add_module(scene, "nvidia_drm", true);
	add_module(scene, "nvidia", true);
	assert_int_equal(run(scene, NULL), WB_END_COLD);
	assert_null(strstr(fake_trace(&scene->fake), "rmmod nvidia\n"));
	assert_given_up(scene, "interrupted");
	/* Nothing after that may be cut short by it. */
	assert_false(wb_interrupted());
}

static void a_signal_at_the_end(void **state)
{
	struct scene *scene = *state;

	watch_signals();
	scene->fake.raise_at = "rmmod nvidia";
	add_module(scene, "nvidia", true);
	assert_int_equal(run(scene, NULL), WB_END_COLD);
	assert_non_null(strstr(fake_trace(&scene->fake), "rmmod nvidia\n"));
	assert_given_up(scene, "interrupted");
}

/* The root is still writable: nobody pulls the plug here, and the late helper does. */
static void an_image_that_stays(void **state)
{
	struct scene *scene = *state;
	struct fake_rule rules[] = { { "rmmod nvidia", -EPERM, 0 },
				     { "kexec unload", -EBUSY, 0 },
				     { NULL, 0, 0 } };
	_cleanup_(wb_record_freep) struct wb_record *live = NULL;

	add_module(scene, "nvidia", true);
	assert_int_equal(run(scene, rules), WB_END_COLD);
	assert_null(strstr(fake_trace(&scene->fake), "restart"));
	/* Under that no one could unload it later. */
	assert_null(strstr(fake_trace(&scene->fake), DISABLED));
	assert_said("the image cannot be unloaded now: ");
	live = read_record(scene, WB_RECORD_LIVE);
	assert_int_equal(live->end, WB_END_COLD);
}

static void giving_up_before_anything(void **state)
{
	struct scene *scene = *state;
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	add_module(scene, "nvidia", true);
	wb_foreign_give_up(&run, "its firmware is bad");
	assert_null(strstr(fake_trace(&scene->fake), "rmmod"));
	assert_given_up(scene, "its firmware is bad");
	/* What ends in the journal has begun there. */
	assert_int_equal(begun, 1);
}

/* What is written to a mount point nobody would see again. */
static void without_its_var(void **state)
{
	struct scene *scene = *state;
	_cleanup_(wb_record_freep) struct wb_record *live = NULL;

	fake_remove(&scene->fake, "var/lib/systemd");
	add_module(scene, "nvidia", true);
	assert_int_equal(run(scene, NULL), WB_END_HANDED_OVER);
	assert_false(exists(scene, WB_RECORD_FOLDER));
	assert_said("is not mounted any more: warmboot report will know nothing");
	live = read_record(scene, WB_RECORD_LIVE);
	assert_int_equal(live->end, WB_END_HANDED_OVER);
}

/* A mark must not lead the next boot to a record that is not there, nor to an old one. */
static void a_record_that_cannot_be_written(void **state)
{
	struct scene *scene = *state;

	fake_file(&scene->fake, "var/lib/warmboot/" SCENE_ID ".json/in-the-way", "");
	fake_file(&scene->fake, "var/lib/warmboot/quiesced", "older");
	assert_int_equal(run(scene, NULL), WB_END_HANDED_OVER);
	assert_false(exists(scene, WB_FOREIGN_MARK));
	assert_said("the next boot will not know of this");
}

#define foreign_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		foreign_test(all_goes_well),
		foreign_test(nothing_to_do),
		foreign_test(what_is_not_required_may_fail),
		foreign_test(what_is_required_may_not),
		foreign_test(what_hangs_is_never_handed_on),
		foreign_test(an_image_that_stays),
		foreign_test(giving_up_before_anything),
		foreign_test(without_its_var),
		foreign_test(a_record_that_cannot_be_written),
		foreign_test(a_signal),
		foreign_test(a_signal_at_the_end),
	};

	return RUN_TESTS(tests);
}
