/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Unbinding devices, blocking modules, taking modules out: and all of it back. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/step.h"
#include "scene.h"
#include "unit.h"

#define NIC    "0000:00:03.0"
#define UNBIND "write sys/bus/pci/drivers/e1000e/unbind " NIC "\n"
#define BIND   "write sys/bus/pci/drivers/e1000e/bind " NIC "\n"
#define FREE   "write sys/bus/pci/devices/" NIC "/driver_override "
#define BLOCK  "run/modprobe.d/00-warmboot-nvidia.conf"

static void assert_driver(struct scene *scene, const char *id, const char *driver)
{
	_cleanup_free_ char *now = scene_driver(scene, id);

	assert_string_equal(now, driver);
}

static void assert_file(struct scene *scene, const char *path, const char *text)
{
	_cleanup_free_ char *now = NULL;

	assert_int_equal(wb_root_read_line(&scene->fake.sys.root, path, &now), 0);
	assert_string_equal(now, text);
}

/* --- unbind-device ------------------------------------------------------------------ */

static void a_device_is_unbound(void **state)
{
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), FREE "none\n" UNBIND);
	assert_driver(scene, NIC, "");
	assert_string_equal(scene->record->results[0].saved[0], "driver e1000e");
	assert_string_equal(scene->record->results[0].saved[1], "override (null)");
}

static void a_device_is_bound_again(void **state)
{
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    FREE "none\n" UNBIND FREE "-\n" BIND);
	assert_driver(scene, NIC, "e1000e");
	assert_file(scene, "sys/bus/pci/devices/" NIC "/driver_override", "(null)");
}

/* An operator gave it to vfio-pci, and so it is again. */
static void an_override_comes_back(void **state)
{
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "e1000e\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_driver(scene, NIC, "e1000e");
	assert_file(scene, "sys/bus/pci/devices/" NIC "/driver_override", "e1000e");
}

static void buses_without_an_override(void **state)
{
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", NULL);
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), UNBIND BIND);
}

static void nothing_bound_is_skipped(void **state)
{
	struct scene *scene = *state;

	scene_pci(scene, NIC, NULL, "(null)\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci 0000:00:1f.6");
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_SKIPPED);
	assert_int_equal(scene->record->results[1].outcome, WB_OUTCOME_SKIPPED);
}

/* systemd goes on when it cannot unmount something. */
static void a_disk_in_use_is_left_alone(void **state)
{
	static const struct {
		const char *path, *text, *part;
	} uses[] = {
		{ "proc/self/mountinfo", "9 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n",
		  "/srv is still mounted from it" },
		{ "proc/self/mountinfo", "9 1 0:40 / /srv rw - btrfs /dev/sda1 rw\n",
		  "/srv is still mounted from it" },
		{ "proc/swaps", "Filename Type\n/dev/sda1 partition 1 0 -2\n",
		  "the swap /dev/sda1 is still in use" },
		{ "sys/dev/block/8:1/holders/dm-0", "", "dm-0 is still made of it" },
	};
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	fake_file(&scene->fake, "dev/sda1", "b 8:1\n");
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		struct wb_step step = {
			.kind = WB_STEP_UNBIND_DEVICE,
			.phase = WB_PHASE_LATE,
			.target = (char[]){ "pci " NIC },
			.devices = (char *[]){ (char[]){ "c 195:0" }, (char[]){ "b 8:1" },
					       NULL },
			.timeout_usec = 200000,
		};
		struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };
		struct wb_result result = { 0 };

		fake_file(&scene->fake, uses[i].path, uses[i].text);
		assert_int_equal(wb_step_unbind_device.run(&run, &step, &result), -EBUSY);
		assert_non_null(strstr(result.detail, uses[i].part));
		assert_driver(scene, NIC, "e1000e");
		fake_file(&scene->fake, "proc/self/mountinfo", "");
		fake_file(&scene->fake, "proc/swaps", "");
		wb_result_done(&result);
	}
}

static void targets_that_are_none(void **state)
{
	static const char *const targets[] = {
		"", "pci", "pci ", " " NIC, "pci ..", ".. " NIC, "pci a/b", "a/b c",
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		scene_add(scene, WB_STEP_UNBIND_DEVICE, targets[i])->required = false;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		assert_int_equal(scene->record->results[i].error, -EINVAL);
}

static void a_driver_that_does_not_let_go(void **state)
{
	struct fake_rule rules[] = {
		{ "write sys/bus/pci/drivers/e1000e/unbind " NIC, -EPERM, 0 }, { 0 }
	};
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_string_equal(scene->record->failure,
			    "cannot unbind pci " NIC " from e1000e: Operation not "
			    "permitted");
	/* What it never lost needs no bind. */
	assert_string_equal(fake_trace(&scene->fake), FREE "none\n" UNBIND FREE "-\n");
	assert_driver(scene, NIC, "e1000e");
}

/* Of a hook it would be a veto; of a driver it is an error like any other. */
static void an_error_is_no_veto(void **state)
{
	static const int errors[] = { -ECANCELED, -EOPNOTSUPP };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(errors); i++) {
		struct fake_rule rules[] = {
			{ "write sys/bus/pci/drivers/e1000e/unbind " NIC, errors[i / 2],
			  0 },
			{ 0 },
		};
		struct scene *scene;
		bool required = i % 2;

		scene_tear_down(state);
		scene_set_up(state);
		scene = *state;
		scene_pci(scene, NIC, "e1000e", "(null)\n");
		scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC)->required = required;
		assert_int_equal(scene_run(scene, rules),
				 required ? WB_END_UNDONE : WB_END_HANDED_OVER);
		assert_int_equal(scene->record->results[0].error, errors[i / 2]);
	}
}

static void a_driver_that_hangs(void **state)
{
	struct fake_rule rules[] = {
		{ "write sys/bus/pci/drivers/e1000e/unbind " NIC, -ETIMEDOUT, 0 },
		{ "write sys/bus/pci/devices/" NIC "/driver_override -", -ETIMEDOUT, 0 },
		{ 0 },
	};
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	fake_file(&scene->fake, "proc/4711/wchan", "e1000e_down\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	assert_int_equal(scene_run(scene, rules), WB_END_NOT_UNDONE);
	assert_non_null(
		strstr(scene->record->failure,
		       "its process 4711 hangs in e1000e_down; this machine needs "
		       "a firmware reboot"));
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_UNDO_FAILED);
}

/* One that was taught the device by new_id, and has been loaded anew since. */
static void a_driver_that_forgot_the_device(void **state)
{
	struct fake_rule rules[] = {
		{ "write sys/bus/pci/drivers/e1000e/bind " NIC, -ENODEV, 1 }, { 0 }
	};
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    FREE "none\n" UNBIND FREE "-\n" BIND FREE "e1000e\n" BIND FREE
				 "-\n");
	assert_driver(scene, NIC, "e1000e");
}

static void another_driver_took_it(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, FREE "-") == 0)
		fake_link(fake, "sys/bus/pci/devices/" NIC "/driver",
			  "../../drivers/vfio-pci");
}

static void the_wrong_driver_is_sent_away(void **state)
{
	struct scene *scene = *state;

	scene_pci(scene, NIC, "e1000e", "(null)\n");
	scene->fake.on_act = another_driver_took_it;
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci " NIC);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_non_null(strstr(fake_trace(&scene->fake),
			       "write sys/bus/pci/drivers/vfio-pci/unbind " NIC
			       "\n" BIND));
	assert_driver(scene, NIC, "e1000e");
}

#define N_GONE 4

static void unplug_all(struct fake_sys *fake)
{
	if (strstr(fake_trace(fake), "drivers/e1000e/unbind 0000:03:00.3"))
		fake_remove(fake, "sys/bus/pci/devices");
}

/* The undo waits once for devices that may be on their way, not for each. */
static void devices_that_are_gone_cost_one_wait(void **state)
{
	const uint64_t limit_usec = 2 * USEC_PER_SEC;
	struct scene *scene = *state;
	uint64_t begin;

	for (int i = 0; i < N_GONE; i++) {
		_cleanup_free_ char *id = wb_format("0000:03:00.%d", i);
		_cleanup_free_ char *target = wb_format("pci %s", id);

		scene_pci(scene, id, "e1000e", "(null)\n");
		scene_add(scene, WB_STEP_UNBIND_DEVICE, target)->timeout_usec =
			limit_usec;
	}
	scene_fail_at_the_end(scene);
	scene->fake.on_done = unplug_all;
	begin = wb_now_usec(CLOCK_BOOTTIME);
	assert_int_equal(scene_run(scene, NULL), WB_END_NOT_UNDONE);
	assert_true(wb_now_usec(CLOCK_BOOTTIME) - begin <
		    N_GONE * limit_usec - USEC_PER_SEC);
	for (int i = 0; i < N_GONE; i++)
		assert_non_null(
			strstr(scene->record->results[i].detail, "the device is gone"));
}

/* --- unbind-console ----------------------------------------------------------------- */

#define CONSOLE "sys/class/vtconsole/vtcon1/bind"

static void console(struct scene *scene, const char *bound)
{
	fake_file(&scene->fake, "sys/class/vtconsole/vtcon1/name",
		  "(M) frame buffer device\n");
	fake_file(&scene->fake, CONSOLE, bound);
	scene_add(scene, WB_STEP_UNBIND_CONSOLE, "vtcon1");
	scene_fail_at_the_end(scene);
}

static void a_console_is_unbound(void **state)
{
	struct scene *scene = *state;

	console(scene, "1\n");
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    "write " CONSOLE " 0\nwrite " CONSOLE " 1\n");
}

/* Somebody took it off before, and wants it so. */
static void an_unbound_console_stays_so(void **state)
{
	struct scene *scene = *state;

	console(scene, "0\n");
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_SKIPPED);
}

static void a_console_that_hangs(void **state)
{
	struct fake_rule rules[] = { { "write " CONSOLE " 0", -ETIMEDOUT, 0 },
				     { "write " CONSOLE " 1", -ETIMEDOUT, 0 },
				     { 0 } };
	struct scene *scene = *state;

	console(scene, "1\n");
	fake_file(&scene->fake, "proc/4711/wchan", "console_lock\n");
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_non_null(
		strstr(scene->record->failure, "its process 4711 hangs in console_lock"));
}

/* --- block-modules ------------------------------------------------------------------ */

static void set_modules(struct wb_step *step, const char *text)
{
	assert_int_equal(wb_strv_split(&step->modules, text), 0);
}

static void modules_are_blocked(void **state)
{
	struct scene *scene = *state;

	set_modules(scene_add(scene, WB_STEP_BLOCK_MODULES, "nvidia"),
		    "nvidia nvidia_drm");
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_file(scene, BLOCK,
		    "# warmboot: gone when its run has ended\n"
		    "install nvidia /bin/false\ninstall nvidia_drm /bin/false");
}

/* The undo of one may come while another is still at work. */
static void each_hook_has_its_own_block(void **state)
{
	struct scene *scene = *state;
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	set_modules(scene_add(scene, WB_STEP_BLOCK_MODULES, "amdgpu"), "amdgpu radeon");
	set_modules(scene_add(scene, WB_STEP_BLOCK_MODULES, "nvidia"), "nvidia");
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_file(scene, BLOCK,
		    "# warmboot: gone when its run has ended\n"
		    "install nvidia /bin/false");
	assert_file(scene, "run/modprobe.d/00-warmboot-amdgpu.conf",
		    "# warmboot: gone when its run has ended\n"
		    "install amdgpu /bin/false\ninstall radeon /bin/false");
	assert_int_equal(wb_step_block_modules.undo(&run, &scene->plan->steps[1],
						    &scene->record->results[1]),
			 0);
	assert_false(wb_root_exists(&scene->fake.sys.root, BLOCK));
	assert_true(wb_root_exists(&scene->fake.sys.root,
				   "run/modprobe.d/00-warmboot-amdgpu.conf"));
}

static void a_block_for_what_is_no_hook(void **state)
{
	struct scene *scene = *state;

	set_modules(scene_add(scene, WB_STEP_BLOCK_MODULES, "x/../../nvidia"), "nvidia");
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_int_equal(scene->record->results[0].error, -EINVAL);
	assert_false(wb_root_exists(&scene->fake.sys.root, "run/modprobe.d"));
}

static void look_at_the_block(struct fake_sys *fake, const char *act)
{
	if (wb_startswith(act, "modprobe"))
		fake_file(fake, "run/found",
			  wb_root_exists(&fake->sys.root, BLOCK) ? "blocked\n"
								 : "free\n");
}

/* Else no module would come back. */
static void the_block_is_lifted_before_modules_are_loaded(void **state)
{
	struct scene *scene = *state;

	fake_file(&scene->fake, "sys/module/nvidia/initstate", "live\n");
	scene->fake.on_act = look_at_the_block;
	set_modules(scene_add(scene, WB_STEP_BLOCK_MODULES, "nvidia"), "nvidia");
	scene_add(scene, WB_STEP_REMOVE_MODULE, "nvidia");
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "rmmod nvidia\nmodprobe nvidia\n");
	assert_file(scene, "run/found", "free");
	assert_false(wb_root_exists(&scene->fake.sys.root, BLOCK));
}

static void names_that_are_no_modules(void **state)
{
	static const char *const names[] = { "a b", "a\ninstall b /bin/sh", "../x", "",
					     "a;b" };
	struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct wb_step *s = scene_add(scene, WB_STEP_BLOCK_MODULES, "nvidia");

		s->required = false;
		assert_int_equal(wb_strv_append(&s->modules, names[i]), 0);
	}
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(scene->record->results[i].error, -EINVAL);
	assert_false(wb_root_exists(&scene->fake.sys.root, BLOCK));
}

/* --- remove-module ------------------------------------------------------------------ */

static void gpu(struct scene *scene)
{
	struct fake_sys *fake = &scene->fake;

	fake_file(fake, "sys/module/gpu/initstate", "live\n");
	fake_file(fake, "sys/module/gpu/parameters/modeset", "1\n");
	fake_file(fake, "sys/module/gpu/parameters/firmware", "(null)\n");
	fake_file(fake, "sys/module/gpu/parameters/empty", "\n");
	fake_file(fake, "sys/module/gpu/parameters/name", "two words\n");
	fake_file(fake, "sys/module/gpu/parameters/quoted", "a\"b\n");
	scene_pci(scene, "0000:01:00.0", "gpu", "(null)\n");
	scene_pci(scene, "0000:02:00.0", "gpu", "(null)\n");
	fake_file(fake, "sys/bus/pci/drivers/gpu/new_id", "");
	fake_link(fake, "sys/bus/pci/drivers/gpu/module", "../../../../module/gpu");
	fake_link(fake, "sys/module/gpu/drivers/pci:gpu", "../../../bus/pci/drivers/gpu");
	scene_add(scene, WB_STEP_REMOVE_MODULE, "gpu");
}

/* With the module its devices lose their driver. */
static void lose_devices(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "rmmod gpu") != 0)
		return;
	fake_remove(fake, "sys/bus/pci/devices/0000:01:00.0/driver");
	fake_remove(fake, "sys/bus/pci/devices/0000:02:00.0/driver");
}

static void what_a_module_was_is_saved(void **state)
{
	static const char expected[] =
		"gpu|option empty=|option firmware=(null)|option modeset=1|"
		"option name=two words|option quoted=a\"b|"
		"device pci 0000:01:00.0 gpu|override pci 0000:01:00.0 (null)|"
		"device pci 0000:02:00.0 gpu|override pci 0000:02:00.0 (null)";
	struct scene *scene = *state;
	_cleanup_free_ char *saved = NULL;

	gpu(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	saved = wb_strv_join(scene->record->results[0].saved, "|");
	assert_string_equal(saved, expected);
}

#define LOAD "modprobe gpu modeset=1 name=\"two words\"\n"

static void a_module_is_as_it_was(void **state)
{
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = lose_devices;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    "rmmod gpu\n" LOAD
			    "write sys/bus/pci/drivers/gpu/bind 0000:01:00.0\n"
			    "write sys/bus/pci/drivers/gpu/bind 0000:02:00.0\n");
	assert_driver(scene, "0000:01:00.0", "gpu");
	assert_driver(scene, "0000:02:00.0", "gpu");
}

static void a_parameter_that_is_not_taken(void **state)
{
	struct fake_rule rules[] = {
		{ "modprobe gpu modeset=1 name=\"two words\"", -EINVAL, 0 }, { 0 }
	};
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake),
			    "rmmod gpu\n" LOAD "modprobe gpu\n");
}

static void change_a_parameter(struct fake_sys *fake, const char *act)
{
	if (wb_startswith(act, "modprobe"))
		fake_file(fake, "sys/module/gpu/parameters/quoted", "new\n");
}

/* What cannot be said to modprobe can still be written. */
static void a_parameter_is_written(void **state)
{
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = change_a_parameter;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_file(scene, "sys/module/gpu/parameters/quoted", "a\"b");
}

/* The way back does not hang with it. */
static void a_parameter_that_hangs(void **state)
{
	struct fake_rule rules[] = {
		{ "write sys/module/gpu/parameters/quoted a\"b", -ETIMEDOUT, 0 }, { 0 }
	};
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = change_a_parameter;
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_file(scene, "sys/module/gpu/parameters/quoted", "new");
}

static void a_device_that_does_not_come_back(void **state)
{
	struct fake_rule rules[] = {
		{ "write sys/bus/pci/drivers/gpu/bind 0000:02:00.0", -EIO, 0 }, { 0 }
	};
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = lose_devices;
	assert_int_equal(scene_run(scene, rules), WB_END_NOT_UNDONE);
	assert_non_null(strstr(scene->record->results[0].detail,
			       "pci 0000:02:00.0 to gpu: Input/output error"));
	assert_driver(scene, "0000:01:00.0", "gpu");
}

/* As a bind leaves it that went through it and was killed in the middle. */
static void leave_an_override(struct fake_sys *fake, const char *act)
{
	lose_devices(fake, act);
	if (strcmp(act, "rmmod gpu") == 0)
		fake_file(fake, "sys/bus/pci/devices/0000:02:00.0/driver_override",
			  "gpu\n");
}

static void an_override_that_was_left_is_reset(void **state)
{
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = leave_an_override;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_file(scene, "sys/bus/pci/devices/0000:02:00.0/driver_override", "(null)");
	assert_driver(scene, "0000:02:00.0", "gpu");
}

static void an_override_that_cannot_be_reset(void **state)
{
	struct fake_rule rules[] = {
		{ "write sys/bus/pci/devices/0000:02:00.0/driver_override -", -EIO, 0 },
		{ 0 }
	};
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = leave_an_override;
	assert_int_equal(scene_run(scene, rules), WB_END_NOT_UNDONE);
	assert_non_null(strstr(scene->record->results[0].detail,
			       "pci 0000:02:00.0 to its driver_override: Input/output"));
	assert_driver(scene, "0000:02:00.0", "gpu");
}

static void lose_a_device_for_ever(struct fake_sys *fake, const char *act)
{
	lose_devices(fake, act);
	if (strcmp(act, "rmmod gpu") == 0)
		fake_remove(fake, "sys/bus/pci/devices/0000:02:00.0");
}

static void a_device_that_is_gone_is_no_failure(void **state)
{
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	scene->fake.on_act = lose_a_device_for_ever;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_driver(scene, "0000:01:00.0", "gpu");
}

static void a_module_that_vanished(void **state)
{
	struct fake_rule rules[] = { { "rmmod gpu", -ENOENT, 0 }, { 0 } };
	struct scene *scene = *state;

	gpu(scene);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "rmmod gpu\n");
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_SKIPPED);
}

/* No patience helps against a module without an exit function. */
static void a_module_that_stays_for_ever(void **state)
{
	struct fake_rule rules[] = { { "rmmod gpu", -EBUSY, 0 }, { 0 } };
	struct scene *scene = *state;

	gpu(scene);
	fake_file(&scene->fake, "proc/modules",
		  "gpu 100 1 [permanent], Live 0x0000000000000000\n");
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "rmmod gpu\n");
	assert_non_null(strstr(scene->record->failure, "stays for ever"));
}

/* A process of its own may say it. */
static void remember(const struct wb_message *message, void *userdata)
{
	dprintf(*(int *)userdata, "%s\n", message->text);
}

/* What a run says of a module. Valid until the next one. */
static const char *words_of(struct scene *scene, struct fake_rule *rules)
{
	static char text[4096];
	FILE *f = tmpfile();
	int fd = f ? fileno(f) : -1;
	struct wb_log_target before;
	ssize_t n;

	assert_non_null(f);
	before = wb_log_setup(LOG_INFO, remember, &fd);
	(void)scene_run(scene, rules);
	wb_log_restore(before);
	n = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void a_module_that_stayed_is_not_loaded_again(void **state)
{
	struct fake_rule rules[] = { { "rmmod gpu", -EPERM, 0 }, { NULL, 0, 0 } };
	struct scene *scene = *state;
	const char *text;

	gpu(scene);
	text = words_of(scene, rules);
	assert_null(strstr(text, "loading the module"));
	assert_non_null(strstr(text, "the module gpu has stayed loaded"));
	assert_string_equal(fake_trace(&scene->fake), "rmmod gpu\n");
}

static void one_that_went_is(void **state)
{
	struct scene *scene = *state;
	const char *text;

	gpu(scene);
	scene->fake.on_act = lose_devices;
	scene_fail_at_the_end(scene);
	fake_remove(&scene->fake, "sys/module/gpu/initstate");
	text = words_of(scene, NULL);
	assert_non_null(strstr(text, "loading the module gpu again"));
	assert_null(strstr(text, "has stayed"));
}

static void users_are_counted_in_words(void **state)
{
	struct fake_rule rules[] = { { "rmmod gpu", -EAGAIN, 0 }, { NULL, 0, 0 } };
	struct scene *scene = *state;

	fake_file(&scene->fake, "proc/modules", "gpu 1 1 - Live 0x0\n");
	scene_add(scene, WB_STEP_REMOVE_MODULE, "gpu")->timeout_usec = 0;
	(void)scene_run(scene, rules);
	assert_non_null(strstr(scene->record->failure, "in use by 1 user that the"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_device_is_unbound),
		TEST(a_device_is_bound_again),
		TEST(an_override_comes_back),
		TEST(buses_without_an_override),
		TEST(nothing_bound_is_skipped),
		TEST(targets_that_are_none),
		TEST(a_disk_in_use_is_left_alone),
		TEST(a_driver_that_does_not_let_go),
		TEST(an_error_is_no_veto),
		TEST(a_driver_that_hangs),
		TEST(a_console_is_unbound),
		TEST(an_unbound_console_stays_so),
		TEST(a_console_that_hangs),
		TEST(a_parameter_that_hangs),
		TEST(a_driver_that_forgot_the_device),
		TEST(the_wrong_driver_is_sent_away),
		TEST(devices_that_are_gone_cost_one_wait),
		TEST(modules_are_blocked),
		TEST(each_hook_has_its_own_block),
		TEST(a_block_for_what_is_no_hook),
		TEST(the_block_is_lifted_before_modules_are_loaded),
		TEST(names_that_are_no_modules),
		TEST(what_a_module_was_is_saved),
		TEST(a_module_is_as_it_was),
		TEST(a_parameter_that_is_not_taken),
		TEST(a_parameter_is_written),
		TEST(a_device_that_does_not_come_back),
		TEST(an_override_that_was_left_is_reset),
		TEST(an_override_that_cannot_be_reset),
		TEST(a_device_that_is_gone_is_no_failure),
		TEST(a_module_that_vanished),
		TEST(a_module_that_stays_for_ever),
		TEST(a_module_that_stayed_is_not_loaded_again),
		TEST(one_that_went_is),
		TEST(users_are_counted_in_words),
	};

	return RUN_TESTS(tests);
}
