/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "plan/plan-json.h"
#include "plan/plan-text.h"
#include "planning.h"
#include "unit.h"

static size_t index_of(const struct planning *p, const struct wb_step *step)
{
	return (size_t)(step - p->plan->steps);
}

static const struct wb_step *find(const struct planning *p, enum wb_step_kind kind,
				  const char *target)
{
	const struct wb_step *s = planning_step(p, kind, target);

	if (!s)
		fail_msg("there is no %s %s", wb_step_kind_to_string(kind), target);
	return s;
}

static const struct wb_step *find_last(const struct planning *p, enum wb_step_kind kind,
				       const char *target)
{
	const struct wb_step *s, *last = NULL;
	size_t i = 0;

	while ((s = planning_find(p, &i, kind)))
		if (strcmp(s->target, target) == 0)
			last = s;
	assert_non_null(last);
	return last;
}

static bool has(const struct planning *p, enum wb_step_kind kind)
{
	return planning_first(p, kind) != NULL;
}

static void assert_argv(char *const *argv, const char *expected)
{
	_cleanup_free_ char *joined = wb_strv_join(argv, "|");

	assert_string_equal(joined, expected);
}

static void the_desktop(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_string_equal(p->plan->id, PLANNING_ID);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_string_equal(p->plan->kernel.version, MACHINE_RELEASE);
	assert_string_equal(p->plan->kernel.options,
			    "root=/dev/sda1 ro quiet warmboot.id=" PLANNING_ID);
	assert_true(has(p, WB_STEP_LOAD_KERNEL));
	assert_true(has(p, WB_STEP_ISOLATE));
	assert_true(has(p, WB_STEP_KEXEC));
}

/* Phases in their order, each step with a reason and a limit. */
static void every_step(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_true(p->plan->n_steps > 10);
	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct wb_step *s = &p->plan->steps[i];

		assert_true(i == 0 || p->plan->steps[i - 1].phase <= s->phase);
		assert_true(s->because && *s->because);
		assert_true(s->target && *s->target);
		assert_true(s->timeout_usec > 0);
	}
}

static void loading(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	planning_build(p);
	s = planning_first(p, WB_STEP_LOAD_KERNEL);
	assert_int_equal(s->phase, WB_PHASE_PREPARE);
	assert_true(s->required);
	assert_argv(s->argv,
		    "/usr/sbin/kexec|--load|/boot/vmlinuz-" MACHINE_RELEASE
		    "|--initrd=/boot/initrd.img-" MACHINE_RELEASE
		    "|--command-line=root=/dev/sda1 ro quiet warmboot.id=" PLANNING_ID
		    "|--kexec-syscall-auto");
	assert_string_equal(s->undo_argv[0], "/usr/sbin/kexec");
	assert_string_equal(s->undo_argv[1], "--unload");
	/* A veto comes before the image is loaded. */
	assert_true(index_of(p, find(p, WB_STEP_RUN_HOOK, "code")) < index_of(p, s));
}

/* kexec_load(2) has no file that IMA could look at. */
static void loading_what_ima_appraises(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	fixture_file(&p->f, "sys/kernel/security/ima/policy",
		     "appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n");
	planning_build(p);
	s = planning_first(p, WB_STEP_LOAD_KERNEL);
	assert_true(wb_strv_contains(s->argv, "--kexec-file-syscall"));
	assert_false(wb_strv_contains(s->argv, "--kexec-syscall-auto"));
}

/* kexec takes one initramfs: several are put together for it, in order. */
static void loading_several_initramfs(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	fixture_file(&p->f, "boot/loader/entries/both.conf",
		     "title Both\nlinux /vmlinuz-" MACHINE_RELEASE "\n"
		     "initrd /initrd.img-" MACHINE_RELEASE "\n"
		     "initrd /initrd.img-" MACHINE_OLDER "\noptions root=/dev/sda1\n");
	p->request.kernel = "both";
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	s = planning_first(p, WB_STEP_LOAD_KERNEL);
	assert_string_equal(s->argv[2], "/boot/vmlinuz-" MACHINE_RELEASE);
	assert_string_equal(s->argv[3], "--initrd=/proc/self/fd/3");
	assert_int_equal(s->n_inputs, 1);
	assert_int_equal(s->inputs[0].n_pieces, 2);
	assert_string_equal(s->inputs[0].pieces[0].path,
			    "/boot/initrd.img-" MACHINE_RELEASE);
	assert_string_equal(s->inputs[0].pieces[1].path,
			    "/boot/initrd.img-" MACHINE_OLDER);
	assert_int_equal(wb_strv_length(p->plan->kernel.initrd), 2);
}

/* kexec_file_load(2) would leave it out. */
static void loading_with_a_device_tree(void **state)
{
	struct planning *p = *state;

	p->request.dtb = "/boot/board.dtb";
	planning_build(p);
	assert_argv(planning_first(p, WB_STEP_LOAD_KERNEL)->argv,
		    "/usr/sbin/kexec|--load|/boot/vmlinuz-" MACHINE_RELEASE
		    "|--initrd=/boot/initrd.img-" MACHINE_RELEASE
		    "|--command-line=root=/dev/sda1 ro quiet warmboot.id=" PLANNING_ID
		    "|--dtb=/boot/board.dtb|--kexec-syscall");
}

/* A boot loader would start it without, and so does this program. */
static void loading_an_entry_without_initramfs(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "boot/loader/entries/bare.conf",
		     "title Bare\nlinux /vmlinuz-" MACHINE_RELEASE
		     "\noptions root=/dev/sda1\n");
	p->request.kernel = "bare";
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_true(planning_says(p, WB_WARNING, "the entry bare names no initramfs"));
	assert_int_equal(planning_first(p, WB_STEP_LOAD_KERNEL)->n_inputs, 0);
}

/* Isolate; stop and release; hooks; consoles; modules, users before what they use. */
static void the_way_down(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;
	size_t isolate, jobs, stop, release, hook, console, drm, modeset, nvidia;

	planning_build(p);
	isolate = index_of(p, find(p, WB_STEP_ISOLATE, "multi-user.target"));
	s = find(p, WB_STEP_STOP_UNIT, "nvidia-persistenced.service");
	assert_true(s->required);
	stop = index_of(p, s);
	s = find(p, WB_STEP_RELEASE_DEVICES, "nvidia");
	assert_true(wb_strv_contains(s->devices, "c 195:*"));
	assert_true(wb_strv_contains(s->devices, "c 226:0"));
	/* It says who holds them now, and what is ended for that. */
	assert_int_equal(wb_strv_length(s->held_by), 1);
	assert_non_null(strstr(s->held_by[0], "Xorg (pid 812, lightdm.service"));
	assert_non_null(strstr(s->because, "lightdm.service"));
	/* Who works with the GPU goes before what serves it, and then nobody is left. */
	assert_int_equal(wb_strv_length(s->spare), 1);
	assert_string_equal(s->spare[0], "nvidia-persistenced.service");
	jobs = index_of(p, s);
	release = index_of(p, find_last(p, WB_STEP_RELEASE_DEVICES, "nvidia"));
	assert_null(p->plan->steps[release].spare);
	s = find(p, WB_STEP_UNBIND_CONSOLE, "vtcon1");
	console = index_of(p, s);
	drm = index_of(p, find(p, WB_STEP_REMOVE_MODULE, "nvidia_drm"));
	modeset = index_of(p, find(p, WB_STEP_REMOVE_MODULE, "nvidia_modeset"));
	nvidia = index_of(p, find(p, WB_STEP_REMOVE_MODULE, "nvidia"));
	hook = 0;
	for (size_t i = 0; i < p->plan->n_steps; i++)
		if (p->plan->steps[i].kind == WB_STEP_RUN_HOOK &&
		    p->plan->steps[i].phase == WB_PHASE_QUIESCE)
			hook = i;
	assert_true(isolate < jobs && jobs < stop && stop < release && release < hook &&
		    hook < console && console < drm && drm < modeset && modeset < nvidia);
	/* What is not loaded or not of this phase has no step. */
	for (size_t i = 0; i < p->plan->n_steps; i++) {
		assert_string_not_equal(p->plan->steps[i].target, "nvidia_uvm");
		assert_false(p->plan->steps[i].kind == WB_STEP_REMOVE_MODULE &&
			     strcmp(p->plan->steps[i].target, "nvme") == 0);
		assert_string_not_equal(p->plan->steps[i].target, "vtcon0");
	}
}

static void the_commit(void **state)
{
	struct planning *p = *state;
	const struct wb_step *record, *sync, *kexec;
	size_t i;

	planning_build(p);
	/* The first of two is written before anything else is done. */
	record = find(p, WB_STEP_WRITE_RECORD, "/var/lib/warmboot/" PLANNING_ID ".json");
	assert_ptr_equal(record, &p->plan->steps[0]);
	assert_int_equal(record->phase, WB_PHASE_PREPARE);
	i = 1;
	record = planning_find(p, &i, WB_STEP_WRITE_RECORD);
	assert_non_null(record);
	sync = planning_first(p, WB_STEP_SYNC);
	kexec = find(p, WB_STEP_KEXEC, "kexec.target");
	assert_int_equal(record->phase, WB_PHASE_COMMIT);
	assert_true(record < sync && sync < kexec);
	/* After it there is only forward. */
	for (i = index_of(p, kexec) + 1; i < p->plan->n_steps; i++)
		assert_true(p->plan->steps[i].phase > WB_PHASE_COMMIT);
}

static void calls_of_hooks(void **state)
{
	static const char *const expected[] = {
		"code prepare", "late prepare", "code quiesce",
		"late late",    "code confirm", "late confirm",
	};
	struct planning *p = *state;
	const struct wb_step *s;
	size_t i = 0, n = 0;

	planning_build(p);
	while ((s = planning_find(p, &i, WB_STEP_RUN_HOOK))) {
		char text[100];

		snprintf(text, sizeof(text), "%s %s", s->target, s->argv[1]);
		assert_true(n < ARRAY_SIZE(expected));
		assert_string_equal(text, expected[n++]);
		/* A veto counts, whoever gives it. */
		assert_true(s->required || (s->phase != WB_PHASE_PREPARE &&
					    strcmp(s->target, "code") != 0));
	}
	assert_int_equal(n, ARRAY_SIZE(expected));
}

static void one_call_of_a_hook(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s = NULL;
	size_t i = 0;

	planning_build(p);
	do
		s = planning_find(p, &i, WB_STEP_RUN_HOOK);
	while (s->phase != WB_PHASE_QUIESCE);
	assert_argv(s->argv, "/etc/warmboot/hooks.d/code|quiesce");
	assert_argv(s->undo_argv, "/etc/warmboot/hooks.d/code|resume");
	assert_true(s->timeout_usec == 60000000);
	assert_true(wb_strv_contains(s->environment, "WARMBOOT_ID=" PLANNING_ID));
	assert_true(wb_strv_contains(s->environment, "WARMBOOT_HOOK=code"));
	assert_true(
		wb_strv_contains(s->environment, "WARMBOOT_RELEASE=" MACHINE_RELEASE));
	assert_true(wb_strv_contains(s->environment,
				     "WARMBOOT_KERNEL=/boot/vmlinuz-" MACHINE_RELEASE));
	assert_true(wb_strv_contains(s->environment, "LC_ALL=C.UTF-8"));
	assert_true(
		wb_strv_contains(s->environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
}

/* The modules that go on behalf of the hook, users first. */
static void modules_in_the_environment(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_true(wb_strv_contains(planning_first(p, WB_STEP_RUN_HOOK)->environment,
				     "WARMBOOT_MODULES="));
	fixture_mode(&p->f, "usr/lib/warmboot/hooks.d/nvidia", 0755);
	fixture_remove(&p->f, "etc/warmboot/hooks.d/code");
	fixture_remove(&p->f, "usr/lib/warmboot/hooks.d/late");
	planning_build(p);
	assert_true(
		wb_strv_contains(planning_first(p, WB_STEP_RUN_HOOK)->environment,
				 "WARMBOOT_MODULES=nvidia_drm nvidia_modeset nvidia"));
}

static void a_server(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "proc/modules", "nvme 1 1 - Live 0x0\n");
	fixture_remove(&p->f, "sys/devices/pci0000:00/0000:01:00.0/driver");
	fixture_remove(&p->f, "etc/warmboot/hooks.d/code");
	fixture_remove(&p->f, "proc/900");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	/* No driver has to be put to rest. */
	for (size_t i = 0; i < p->plan->n_steps; i++)
		assert_true(p->plan->steps[i].phase != WB_PHASE_QUIESCE);
	assert_true(has(p, WB_STEP_KEXEC));
}

/* "GPU drivers that no hook names are found anyway: display class devices in sysfs." */
static void a_display_without_a_hook(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "usr/lib/warmboot/hooks.d/nvidia");
	fixture_remove(&p->f, "etc/warmboot/hooks.d/code");
	planning_build(p);
	assert_non_null(strstr(find(p, WB_STEP_REMOVE_MODULE, "nvidia")->because,
			       "0000:01:00.0"));
	assert_true(find(p, WB_STEP_REMOVE_MODULE, "nvidia_drm")->required);
	assert_true(has(p, WB_STEP_ISOLATE));
	assert_true(has(p, WB_STEP_RELEASE_DEVICES));
	assert_true(has(p, WB_STEP_UNBIND_CONSOLE));
}

static void no_isolate(void **state)
{
	struct planning *p = *state;

	p->request.no_isolate = true;
	planning_build(p);
	assert_false(has(p, WB_STEP_ISOLATE));
	assert_true(has(p, WB_STEP_RELEASE_DEVICES));
}

static void another_target(void **state)
{
	struct planning *p = *state;

	p->request.target = "rescue.target";
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_string_equal(planning_first(p, WB_STEP_ISOLATE)->target, "rescue.target");
}

static void by_force(void **state)
{
	struct planning *p = *state;

	p->request.force = true;
	planning_build(p);
	assert_string_equal(planning_first(p, WB_STEP_KEXEC)->target, "now");
	assert_true(planning_first(p, WB_STEP_SYNC) < planning_first(p, WB_STEP_KEXEC));
	assert_true(planning_says(p, WB_WARNING, "--force"));
}

/* "What will happen": systemd does not stop anything, so nobody calls the late hooks. */
static void by_force_nothing_is_late(void **state)
{
	struct planning *p = *state;

	p->request.force = true;
	planning_build(p);
	for (size_t i = 0; i < p->plan->n_steps; i++)
		assert_true(p->plan->steps[i].phase != WB_PHASE_LATE);
}

static void without_a_kernel(void **state)
{
	struct planning *p = *state;

	p->request.kernel = "9.9.9";
	planning_build(p);
	assert_non_null(wb_findings_blocker(&p->plan->findings));
	assert_int_equal(p->plan->n_steps, 0);
	assert_null(p->plan->kernel.linux);
}

static char *text_of(const struct wb_plan *plan)
{
	_cleanup_json_ struct json_object *o = wb_plan_to_json(plan);

	return wb_json_to_text(o);
}

/* "Pure: the same input gives the same bytes." */
static void the_same_bytes(void **state)
{
	struct planning *p = *state;
	_cleanup_(wb_plan_freep) struct wb_plan *again = NULL;
	_cleanup_free_ char *first = NULL, *second = NULL, *third = NULL;

	planning_build(p);
	first = text_of(p->plan);
	/* From the same facts, at another time, in another place. */
	assert_int_equal(setenv("LC_ALL", "de_DE.UTF-8", 1), 0);
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(wb_planner_build(&p->in, &again), 0);
	second = text_of(again);
	assert_string_equal(first, second);
	/* And from the same machine, read again. */
	planning_build(p);
	third = text_of(p->plan);
	assert_string_equal(first, third);
}

static void as_a_page(void **state)
{
	struct planning *p = *state;
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	planning_build(p);
	assert_int_equal(wb_plan_to_text(p->plan, 0, f), 0);
	assert_int_equal(fclose(f), 0);
	/* Every step and its reason, and what can be typed. */
	for (size_t i = 0; i < p->plan->n_steps; i++) {
		assert_non_null(strstr(text, p->plan->steps[i].target));
		assert_non_null(strstr(text, p->plan->steps[i].because));
	}
	assert_non_null(
		strstr(text, "'--command-line=root=/dev/sda1 ro quiet warmboot.id="));
	for (size_t i = 0; i < p->plan->findings.n; i++)
		assert_non_null(strstr(text, p->plan->findings.items[i].message));
}

/* The firmware's frame buffer stays, and with it what people read on it. */
static void without_a_frame_buffer(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_non_null(planning_first(p, WB_STEP_UNBIND_CONSOLE));
	fixture_remove(&p->f, "sys/dev/char/29:0");
	fixture_link(&p->f, "sys/dev/char/29:0",
		     "../../devices/platform/efi-framebuffer.0/graphics/fb0");
	planning_build(p);
	assert_non_null(planning_first(p, WB_STEP_REMOVE_MODULE));
	assert_null(planning_first(p, WB_STEP_UNBIND_CONSOLE));
}

static bool has_finding_of(const struct planning *p, const char *check)
{
	for (size_t i = 0; i < p->plan->findings.n; i++)
		if (strcmp(p->plan->findings.items[i].check, check) == 0)
			return true;
	return false;
}

/* The choice of a kernel is not made then, and nobody is asked about it. */
static void build_drivers_alone(struct planning *p)
{
	p->request.quiesce_only = true;
	planning_look(p);
	wb_choice_done(&p->choice);
	p->choice = (struct wb_choice){ 0 };
	assert_int_equal(wb_planner_build(&p->in, &p->plan), 0);
}

static void the_drivers_alone(void **state)
{
	static const enum wb_step_kind never[] = { WB_STEP_LOAD_KERNEL, WB_STEP_ISOLATE,
						   WB_STEP_WRITE_RECORD, WB_STEP_SYNC,
						   WB_STEP_KEXEC };
	_cleanup_json_ struct json_object *o = NULL;
	_cleanup_(wb_plan_freep) struct wb_plan *again = NULL;
	struct planning *p = *state;

	p->request.target = "rescue.target";
	build_drivers_alone(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		assert_false(has(p, never[i]));
	assert_true(index_of(p, find(p, WB_STEP_REMOVE_MODULE, "nvidia_drm")) <
		    index_of(p, find(p, WB_STEP_REMOVE_MODULE, "nvidia")));
	assert_true(has(p, WB_STEP_RELEASE_DEVICES));
	assert_true(has(p, WB_STEP_UNBIND_CONSOLE));
	for (size_t i = 1; i < p->plan->n_steps; i++)
		assert_true(p->plan->steps[i - 1].phase <= p->plan->steps[i].phase);
	/* prepare, quiesce and confirm of one, late of the other */
	assert_int_equal(find_last(p, WB_STEP_RUN_HOOK, "late")->phase, WB_PHASE_CONFIRM);
	assert_int_equal(find(p, WB_STEP_RUN_HOOK, "code")->phase, WB_PHASE_PREPARE);
	/* "the plan stays a value" */
	assert_null(p->plan->kernel.linux);
	o = wb_plan_to_json(p->plan);
	assert_int_equal(wb_plan_from_json(o, &again), 0);
	assert_int_equal(again->n_steps, p->plan->n_steps);
}

/* Inhibitors, images, logins: they are of no use any more. Drivers are. */
static void findings_of_the_drivers_alone(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "sys/kernel/kexec_loaded", "1\n");
	planning_build(p);
	assert_true(has_finding_of(p, "loaded"));
	wb_plan_free(p->plan);
	p->plan = NULL;
	build_drivers_alone(p);
	assert_false(has_finding_of(p, "loaded"));
	wb_plan_free(p->plan);
	p->plan = NULL;
	fixture_file(&p->f, "etc/warmboot/hooks.d/broken", "Nothing of a hook.\n");
	build_drivers_alone(p);
	assert_true(has_finding_of(p, "hooks"));
	assert_non_null(wb_findings_blocker(&p->plan->findings));
}

#define plan_test(name)                                                                  \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		plan_test(without_a_frame_buffer),
		plan_test(the_desktop),
		plan_test(every_step),
		plan_test(loading),
		plan_test(loading_with_a_device_tree),
		plan_test(loading_what_ima_appraises),
		plan_test(loading_several_initramfs),
		plan_test(loading_an_entry_without_initramfs),
		plan_test(the_way_down),
		plan_test(the_commit),
		plan_test(calls_of_hooks),
		plan_test(one_call_of_a_hook),
		plan_test(modules_in_the_environment),
		plan_test(a_server),
		plan_test(a_display_without_a_hook),
		plan_test(no_isolate),
		plan_test(another_target),
		plan_test(by_force),
		plan_test(by_force_nothing_is_late),
		plan_test(without_a_kernel),
		plan_test(the_drivers_alone),
		plan_test(findings_of_the_drivers_alone),
		plan_test(the_same_bytes),
		plan_test(as_a_page),
	};

	return RUN_TESTS(tests);
}
