/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the headers of hooks do to a plan: refusals, words for the next kernel, and what
 * their code is told. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "planning.h"
#include "unit.h"

#define HOOKS "etc/warmboot/hooks.d/"

/* A hook with the lines behind the first of its header. */
static void put(struct planning *p, const char *name, unsigned int mode,
		const char *lines)
{
	_cleanup_free_ char *path = wb_format(HOOKS "%s", name);
	_cleanup_free_ char *text = wb_format("#!/bin/sh\n# Warmboot-Hook: 1\n%s", lines);

	fixture_file(&p->f, path, text);
	fixture_mode(&p->f, path, mode);
}

static void holders_are_refused(void **state)
{
	struct planning *p = *state;

	put(p, "guests", 0644,
	    "# Description: guests\n# Devices: /dev/nvidia0\n# Holders: refuse\n");
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "guests: in use by Xorg (pid 812"));
	assert_true(planning_says(p, WB_BLOCKER, "lightdm.service"));
	/* No reboot in its place either. */
	assert_non_null(wb_findings_veto(&p->plan->findings));
	/* It matches nothing here. */
	put(p, "guests", 0644,
	    "# Devices: /dev/nvidia0\n# Holders: refuse\n# Match: cpus:offline\n");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	/* Nobody has it open. */
	fixture_file(&p->f, "dev/kvm", "c 10:232\n");
	put(p, "guests", 0644, "# Devices: /dev/kvm\n# Holders: refuse\n");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
}

/* One sentence for all of them, and each process once. */
static void many_holders_are_refused(void **state)
{
	struct planning *p = *state;
	size_t n = 0;

	for (int pid = 1000; pid < 1020; pid++) {
		_cleanup_free_ char *comm = wb_format("proc/%d/comm", pid);
		_cleanup_free_ char *cgroup = wb_format("proc/%d/cgroup", pid);
		_cleanup_free_ char *first = wb_format("proc/%d/fd/3", pid);
		_cleanup_free_ char *second = wb_format("proc/%d/fd/4", pid);

		fixture_file(&p->f, comm, "qemu\n");
		fixture_file(&p->f, cgroup, "0::/machine.slice/vm.scope\n");
		fixture_link(&p->f, first, "/dev/kvm");
		fixture_link(&p->f, second, "/dev/kvm");
	}
	fixture_file(&p->f, "dev/kvm", "c 10:232\n");
	put(p, "guests", 0644, "# Devices: /dev/kvm\n# Holders: refuse\n");
	planning_build(p);
	for (size_t i = 0; i < p->plan->findings.n; i++)
		n += p->plan->findings.items[i].severity == WB_BLOCKER;
	assert_int_equal(n, 1);
	assert_true(planning_says(p, WB_BLOCKER,
				  "(pid 1005, vm.scope, /dev/kvm), 14 more, and"));
}

static const struct wb_step *release_of(struct planning *p, const char *hook,
					enum wb_phase phase)
{
	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct wb_step *s = &p->plan->steps[i];

		if (s->kind == WB_STEP_RELEASE_DEVICES && s->phase == phase &&
		    strcmp(s->target, hook) == 0)
			return s;
	}
	return NULL;
}

/* A guest may be started between the plan and the act. */
static void holders_are_looked_for_again(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	fixture_file(&p->f, "dev/kvm", "c 10:232\n");
	put(p, "guests", 0644, "# Devices: /dev/kvm\n# Holders: refuse\n");
	planning_build(p);
	s = release_of(p, "guests", WB_PHASE_PREPARE);
	assert_non_null(s);
	assert_true(s->look_only && s->required);
	assert_true(wb_strv_contains(s->devices, "c 10:232"));
	/* The image is loaded by then, and nothing is touched yet. */
	assert_int_equal(s[-1].kind, WB_STEP_LOAD_KERNEL);
	assert_int_equal(s[1].phase, WB_PHASE_QUIESCE);
	assert_null(release_of(p, "guests", WB_PHASE_QUIESCE));
	/* A module of it goes: nobody is stopped for that either. */
	p->request.kill = true;
	put(p, "guests", 0644,
	    "# Devices: /dev/kvm\n# Modules: nvme\n# Holders: refuse\n");
	planning_build(p);
	assert_non_null(release_of(p, "guests", WB_PHASE_PREPARE));
	s = release_of(p, "guests", WB_PHASE_QUIESCE);
	assert_non_null(s);
	assert_true(s->look_only && s->required && !s->kill);
	/* Others are sent away as ever. */
	put(p, "guests", 0644, "# Devices: /dev/kvm\n# Modules: nvme\n");
	planning_build(p);
	assert_null(release_of(p, "guests", WB_PHASE_PREPARE));
	s = release_of(p, "guests", WB_PHASE_QUIESCE);
	assert_non_null(s);
	assert_true(!s->look_only && s->kill);
}

static const struct wb_step *call_of(struct planning *p, const char *hook,
				     enum wb_phase phase)
{
	for (size_t i = 0; i < p->plan->n_steps; i++) {
		const struct wb_step *s = &p->plan->steps[i];

		if (s->kind == WB_STEP_RUN_HOOK && s->phase == phase &&
		    strcmp(s->target, hook) == 0)
			return s;
	}
	return NULL;
}

static void what_code_is_told(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	put(p, "gpu", 0755, "# Match: pci-class:03\n");
	planning_build(p);
	s = call_of(p, "gpu", WB_PHASE_QUIESCE);
	assert_non_null(s);
	assert_true(wb_strv_contains(s->environment, "WARMBOOT_PCI=0000:01:00.0"));
	assert_true(wb_strv_contains(s->environment,
				     "WARMBOOT_STATE_DIR=/run/warmboot/hooks/gpu"));
	s = call_of(p, "code", WB_PHASE_QUIESCE);
	assert_true(wb_strv_contains(s->environment, "WARMBOOT_PCI="));
}

/* "nobody holds the devices any more", although no module of it goes. */
static void devices_are_released_for_code(void **state)
{
	struct planning *p = *state;
	bool found = false;

	fixture_file(&p->f, "dev/acme0", "c 240:0\n");
	put(p, "acme", 0755, "# Devices: /dev/acme*\n");
	planning_build(p);
	for (size_t i = 0; i < p->plan->n_steps; i++)
		found = found || (p->plan->steps[i].kind == WB_STEP_RELEASE_DEVICES &&
				  strcmp(p->plan->steps[i].target, "acme") == 0);
	assert_true(found);
}

/* The hooks themselves are gone with the root. */
static void no_code_in_the_shutdown_initramfs(void **state)
{
	struct planning *p = *state;

	put(p, "last", 0755, "# Phase: exitrd\n");
	planning_build(p);
	assert_non_null(call_of(p, "last", WB_PHASE_PREPARE));
	assert_non_null(call_of(p, "last", WB_PHASE_CONFIRM));
	assert_null(call_of(p, "last", WB_PHASE_QUIESCE));
	assert_null(call_of(p, "last", WB_PHASE_LATE));
	assert_null(call_of(p, "last", WB_PHASE_EXITRD));
}

static void modules_of_a_hook_that_does_not_match(void **state)
{
	struct planning *p = *state;

	put(p, "storage", 0644, "# Modules: nvme\n# Match: cpus:offline\n");
	planning_build(p);
	for (size_t i = 0; i < p->plan->n_steps; i++)
		assert_string_not_equal(p->plan->steps[i].target, "nvme");
	fixture_file(&p->f, "sys/devices/system/cpu/present", "0-1\n");
	fixture_file(&p->f, "sys/devices/system/cpu/online", "0\n");
	planning_build(p);
	assert_string_equal(p->plan->steps[p->plan->n_steps - 1].target,
			    "late"); /* confirm */
	for (size_t i = 0; i < p->plan->n_steps; i++)
		if (strcmp(p->plan->steps[i].target, "nvme") == 0)
			return;
	fail_msg("nvme stays");
}

static void words_of_hooks(void **state)
{
	struct planning *p = *state;

	put(p, "words", 0644, "# Cmdline: a=b quiet !nomodeset\n");
	planning_look(p);
	assert_string_equal(p->choice.options,
			    "root=/dev/sda1 ro quiet a=b warmboot.id=" PLANNING_ID);
	assert_int_equal(p->choice.findings.n, 1);
	assert_string_equal(p->choice.findings.items[0].subject, "words");
}

/* Whoever asks for it knows better, and nothing is said of what was not done. */
static void words_that_are_not_wanted(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	put(p, "words", 0644, "# Cmdline: a=b\n");
	assert_int_equal(wb_strv_append(&p->request.remove, "a=b"), 0);
	planning_look(p);
	assert_null(strstr(p->choice.options, "a=b"));
	assert_int_equal(p->choice.findings.n, 0);
	config.remove = p->request.remove;
	p->request.remove = NULL;
	p->request.config = &config;
	planning_look(p);
	assert_null(strstr(p->choice.options, "a=b"));
	assert_int_equal(p->choice.findings.n, 0);
	p->request.config = NULL;
	wb_strv_free(config.remove);
}

static void words_for_another_kernel(void **state)
{
	struct planning *p = *state;

	put(p, "words", 0644, "# Cmdline: a=b\n");
	p->request.kernel = MACHINE_OLDER;
	planning_look(p);
	assert_non_null(strstr(p->choice.options, " a=b "));
}

static void the_board(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "sys/class/dmi/id/modalias", "dmi:bvnX:svnACME:pnBlade7:\n");
	put(p, "board", 0755, "# Match: dmi:*:pnBlade7:*\n");
	planning_build(p);
	assert_non_null(call_of(p, "board", WB_PHASE_PREPARE));
	put(p, "board", 0755, "# Match: dmi:*:pnBlade8:*\n");
	planning_build(p);
	assert_null(call_of(p, "board", WB_PHASE_PREPARE));
}

#define plan_test(name)                                                                  \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		plan_test(holders_are_refused),
		plan_test(many_holders_are_refused),
		plan_test(holders_are_looked_for_again),
		plan_test(what_code_is_told),
		plan_test(devices_are_released_for_code),
		plan_test(no_code_in_the_shutdown_initramfs),
		plan_test(modules_of_a_hook_that_does_not_match),
		plan_test(words_of_hooks),
		plan_test(words_that_are_not_wanted),
		plan_test(words_for_another_kernel),
		plan_test(the_board),
	};

	return RUN_TESTS(tests);
}
