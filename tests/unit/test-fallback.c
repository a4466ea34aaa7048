/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where an ordinary reboot may take the place of a plan that is refused, and where not.
 */

#include <string.h>

#include "base/text.h"
#include "planning.h"
#include "unit.h"

#define SAYS "the machine reboots through its firmware instead"

/* A plan with the fallback that is refused. */
static void build(struct planning *p)
{
	p->request.reboot = true;
	planning_build(p);
	assert_true(p->plan->reboot);
	assert_non_null(wb_findings_blocker(&p->plan->findings));
}

static void assert_veto(struct planning *p, const char *subject)
{
	const struct wb_finding *veto;

	build(p);
	veto = wb_findings_veto(&p->plan->findings);
	assert_non_null(veto);
	assert_string_equal(veto->subject, subject);
}

static void assert_no_veto(struct planning *p)
{
	build(p);
	assert_null(wb_findings_veto(&p->plan->findings));
}

static void it_is_asked_for(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_false(p->plan->reboot);
	assert_false(planning_says(p, WB_INFO, SAYS));
	p->request.reboot = true;
	planning_build(p);
	assert_true(p->plan->reboot);
	assert_true(planning_says(p, WB_INFO, SAYS));
	assert_null(wb_findings_blocker(&p->plan->findings));
}

static void what_a_machine_lacks(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "usr/sbin/kexec");
	assert_no_veto(p);
	fixture_remove(&p->f, "sys/kernel/kexec_loaded");
	assert_no_veto(p);
	/* Not even a kernel is found. */
	fixture_remove(&p->f, "boot");
	build(p);
	assert_null(p->choice.kernel);
	assert_no_veto(p);
}

static void a_container(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "run/systemd/container", "podman\n");
	assert_veto(p, "container");
}

static void another_manager(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "run/systemd");
	assert_veto(p, "systemd");
}

/* What the command line names is a mistake; what a file names may have gone since. */
static void a_kernel_that_is_not_there(void **state)
{
	static const char *const typed[] = { "6.1.0-27-amd46", "/nowhere", "*amd64*" };
	struct planning *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(typed); i++) {
		p->request.kernel = typed[i];
		assert_veto(p, "kernel");
	}
	p->request.kernel_origin = "Kernel= in /x";
	assert_no_veto(p);
	p->request.kernel_origin = NULL;
	p->request.kernel = "default";
	assert_no_veto(p);
}

static void a_target_that_is_not_there(void **state)
{
	char target[] = "nowhere.target";
	struct wb_config config = { .target = { target, NULL } };
	struct planning *p = *state;

	p->request.target = "nowhere.target";
	assert_veto(p, "target");
	p->request.config = &config;
	p->request.target = config.target.text;
	assert_no_veto(p);
	p->request.config = NULL;
}

#define fallback_test(name)                                                              \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fallback_test(it_is_asked_for),
		fallback_test(what_a_machine_lacks),
		fallback_test(a_container),
		fallback_test(another_manager),
		fallback_test(a_kernel_that_is_not_there),
		fallback_test(a_target_that_is_not_there),
	};

	return RUN_TESTS(tests);
}
