/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/text.h"
#include "plan/held.h"
#include "plan/screen.h"
#include "planning.h"
#include "unit.h"

#define CONSOLES "sys/class/vtconsole/"

static void console(struct planning *p, const char *name, const char *title,
		    const char *bind)
{
	_cleanup_free_ char *title_path = wb_format(CONSOLES "%s/name", name);
	_cleanup_free_ char *bind_path = wb_format(CONSOLES "%s/bind", name);

	fixture_file(&p->f, title_path, title);
	fixture_file(&p->f, bind_path, bind);
}

static void forget_console(struct planning *p, const char *name)
{
	_cleanup_free_ char *title_path = wb_format(CONSOLES "%s/name", name);
	_cleanup_free_ char *bind_path = wb_format(CONSOLES "%s/bind", name);

	fixture_remove(&p->f, title_path);
	fixture_remove(&p->f, bind_path);
}

/* The GPU of the desktop, with another driver. */
static void use_driver(struct planning *p, const char *driver, const char *required)
{
	_cleanup_free_ char *link = wb_format("../../../bus/pci/drivers/%s", driver);
	_cleanup_free_ char *module_path =
		wb_format("sys/bus/pci/drivers/%s/module", driver);
	_cleanup_free_ char *module = wb_format("../../../../module/%s", driver);
	_cleanup_free_ char *modules = wb_format("%s 1 1 - Live 0x0\n", driver);
	_cleanup_free_ char *hook = wb_format("# Warmboot-Hook: 1\n# Modules: %s\n"
					      "# Required: %s\n",
					      driver, required);

	fixture_remove(&p->f, "sys/devices/pci0000:00/0000:01:00.0/driver");
	fixture_link(&p->f, "sys/devices/pci0000:00/0000:01:00.0/driver", link);
	fixture_link(&p->f, module_path, module);
	fixture_file(&p->f, "proc/modules", modules);
	fixture_file(&p->f, "usr/lib/warmboot/hooks.d/gpu", hook);
}

static bool has_step(const struct planning *p, enum wb_step_kind kind)
{
	return planning_first(p, kind) != NULL;
}

/* do_unbind_con_driver(): "check if backup driver exists". */
static void without_another_console(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_true(has_step(p, WB_STEP_UNBIND_CONSOLE));
	forget_console(p, "vtcon0");
	planning_build(p);
	assert_false(has_step(p, WB_STEP_UNBIND_CONSOLE));
	/* The hook nvidia has to have its modules out. */
	assert_true(
		planning_says(p, WB_BLOCKER, "the frame buffer console is the only one"));
	/* One that nobody is bound to is in nobody's way. */
	console(p, "vtcon1", "(M) frame buffer device\n", "0\n");
	planning_build(p);
	assert_false(has_step(p, WB_STEP_UNBIND_CONSOLE));
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_true(has_step(p, WB_STEP_REMOVE_MODULE));
}

static void what_need_not_go_stays(void **state)
{
	struct planning *p = *state;

	use_driver(p, "i915", "no");
	planning_build(p);
	assert_true(has_step(p, WB_STEP_REMOVE_MODULE));
	forget_console(p, "vtcon0");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_false(has_step(p, WB_STEP_UNBIND_CONSOLE));
	assert_false(has_step(p, WB_STEP_REMOVE_MODULE));
	assert_true(planning_says(p, WB_WARNING, "is left to its shutdown"));
	/* Asked for by name it is another matter. */
	fixture_remove(&p->f, "usr/lib/warmboot/hooks.d/gpu");
	p->request.unload = (char *[]){ (char[]){ "i915" }, NULL };
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER,
				  "leave it to its shutdown with "
				  "--keep=i915"));
}

/* The verdict that "devices" shows, as it comes to it. */
static void assert_verdict(const struct planning *p, const char *id,
			   enum wb_verdict verdict, const char *part)
{
	struct wb_judgements judgements = { 0 };
	struct wb_removals removals = { 0 };
	struct wb_findings findings = { 0 };
	bool found = false;

	assert_int_equal(wb_judgements_build(&p->request, &p->facts, &judgements), 0);
	assert_int_equal(wb_removals_build(&p->request, &p->facts, &judgements, &removals,
					   &findings),
			 0);
	assert_int_equal(wb_screen_keep(&judgements, &removals, &p->facts, &findings), 0);
	assert_int_equal(wb_judgements_follow(&judgements, &p->facts, &removals), 0);
	for (size_t i = 0; i < p->facts.n_devices; i++) {
		if (strcmp(p->facts.devices[i].id, id) != 0)
			continue;
		found = true;
		assert_int_equal(judgements.items[i].verdict, verdict);
		assert_non_null(strstr(judgements.items[i].because, part));
	}
	assert_true(found);
	wb_judgements_done(&judgements);
	wb_removals_done(&removals);
	wb_findings_done(&findings);
}

/* Two of one module: where the one with the screen keeps it, the other has it, too. */
static void a_second_gpu_without_a_screen(void **state)
{
	struct planning *p = *state;

	use_driver(p, "i915", "no");
	fixture_link(&p->f, "sys/bus/pci/devices/0000:09:00.0",
		     "../../../devices/pci0000:00/0000:09:00.0");
	fixture_file(&p->f, "sys/devices/pci0000:00/0000:09:00.0/class", "0x038000\n");
	fixture_link(&p->f, "sys/devices/pci0000:00/0000:09:00.0/driver",
		     "../../../bus/pci/drivers/i915");
	planning_build(p);
	assert_verdict(p, "0000:09:00.0", WB_VERDICT_UNLOAD, "");
	forget_console(p, "vtcon0");
	planning_build(p);
	assert_false(has_step(p, WB_STEP_REMOVE_MODULE));
	assert_verdict(p, "0000:01:00.0", WB_VERDICT_SHUTDOWN, "the only one");
	assert_verdict(p, "0000:09:00.0", WB_VERDICT_SHUTDOWN,
		       "i915 stays, since the screen of 0000:01:00.0 is on it");
}

static void a_kernel_without_binding(void **state)
{
	static const char *const paths[] = { "boot/config-" MACHINE_RELEASE,
					     "lib/modules/" MACHINE_RELEASE "/config" };
	struct planning *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		fixture_file(&p->f, paths[i],
			     "CONFIG_VT=y\nCONFIG_VT_HW_CONSOLE_BINDING=y\n");
		planning_build(p);
		assert_true(has_step(p, WB_STEP_UNBIND_CONSOLE));
		fixture_file(&p->f, paths[i],
			     "CONFIG_VT=y\n"
			     "# CONFIG_VT_HW_CONSOLE_BINDING is not set\n");
		planning_build(p);
		assert_false(has_step(p, WB_STEP_UNBIND_CONSOLE));
		assert_true(planning_says(p, WB_BLOCKER, "CONFIG_VT_HW_CONSOLE_BINDING"));
		fixture_remove(&p->f, paths[i]);
	}
}

/* vt_bind() looks for a system driver: undo could not write 1. */
static void a_screen_that_cannot_come_back(void **state)
{
	struct planning *p = *state;

	console(p, "vtcon0", "(M) dummy device\n", "0\n");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	/* Nvidia's driver takes the console along. */
	assert_true(has_step(p, WB_STEP_REMOVE_MODULE));
	assert_false(has_step(p, WB_STEP_UNBIND_CONSOLE));
	/* The console holds others. */
	use_driver(p, "i915", "no");
	planning_build(p);
	assert_true(has_step(p, WB_STEP_UNBIND_CONSOLE));
	assert_true(planning_says(p, WB_WARNING, "the screen stays dark until then"));
}

#define screen_test(name)                                                                \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		screen_test(without_another_console),
		screen_test(what_need_not_go_stays),
		screen_test(a_second_gpu_without_a_screen),
		screen_test(a_kernel_without_binding),
		screen_test(a_screen_that_cannot_come_back),
	};

	return RUN_TESTS(tests);
}
