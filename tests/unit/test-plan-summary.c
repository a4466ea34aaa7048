/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan-summary.h"

#include <string.h>

#include "base/strv.h"
#include "unit.h"

static int setup(void **state)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	plan->kernel.version = strdup("6.1.0-28-amd64");
	plan->kernel.running = true;
	*state = plan;
	return 0;
}

static int teardown(void **state)
{
	wb_plan_free(*state);
	return 0;
}

static struct wb_step *add(struct wb_plan *plan, enum wb_step_kind kind,
			   const char *target)
{
	return wb_plan_add(plan, WB_PHASE_QUIESCE, kind, target, 0, "it is so");
}

static void check(const struct wb_plan *plan, unsigned int columns, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(wb_plan_summarize(plan, columns, f), 0);
	fclose(f);
	assert_string_equal(text, expected);
}

static void of_a_workstation(void **state)
{
	struct wb_plan *plan = *state;
	struct wb_step *step;

	add(plan, WB_STEP_ISOLATE, "multi-user.target");
	step = add(plan, WB_STEP_RELEASE_DEVICES, "nvidia");
	assert_int_equal(wb_strv_append(&step->held_by,
					"Xorg (pid 9, x.service, /dev/a)"),
			 0);
	step = add(plan, WB_STEP_RELEASE_DEVICES, "nvidia");
	/* The same one, seen twice. */
	assert_int_equal(wb_strv_append(&step->held_by,
					"Xorg (pid 9, x.service, /dev/a)"),
			 0);
	add(plan, WB_STEP_REMOVE_MODULE, "nvidia_drm");
	add(plan, WB_STEP_REMOVE_MODULE, "nvidia");
	add(plan, WB_STEP_KEXEC, "kexec.target");
	check(plan, 0,
	      "Warm boot into 6.1.0-28-amd64, the running kernel, in 6 steps\n\n"
	      "  isolates  multi-user.target\n"
	      "  ends      Xorg (pid 9, x.service, /dev/a)\n"
	      "  removes   nvidia_drm, nvidia\n"
	      "  for good  sessions and the programs in them, also where a step fails and "
	      "the rest is undone\n"
	      "  each step and its reason: warmboot plan\n\n");
	check(plan, 40,
	      "Warm boot into 6.1.0-28-amd64, the running kernel, in 6 steps\n\n"
	      "  isolates  multi-user.target\n"
	      "  ends      Xorg (pid 9, x.service,\n"
	      "            /dev/a)\n"
	      "  removes   nvidia_drm, nvidia\n"
	      "  for good  sessions and the programs in\n"
	      "            them, also where a step\n"
	      "            fails and the rest is undone\n"
	      "  each step and its reason: warmboot plan\n\n");
}

static void of_a_server(void **state)
{
	struct wb_plan *plan = *state;

	plan->kernel.running = false;
	add(plan, WB_STEP_KEXEC, "kexec.target");
	check(plan, 0,
	      "Warm boot into 6.1.0-28-amd64, in 1 step\n\n"
	      "  for good  all sessions, from the hand-over on; until then all is undone "
	      "where a step fails\n"
	      "  each step and its reason: warmboot plan\n\n");
}

static void with_force(void **state)
{
	struct wb_plan *plan = *state;

	add(plan, WB_STEP_KEXEC, "now");
	check(plan, 0,
	      "Warm boot into 6.1.0-28-amd64, the running kernel, in 1 step\n\n"
	      "  for good  nothing is stopped in order: what is not on disk is lost\n"
	      "  each step and its reason: warmboot plan\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_a_workstation, setup, teardown),
		cmocka_unit_test_setup_teardown(of_a_server, setup, teardown),
		cmocka_unit_test_setup_teardown(with_force, setup, teardown),
	};

	return RUN_TESTS(tests);
}
