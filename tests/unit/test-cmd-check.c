/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What "check" tries, and that it leaves no trace of that in how the program talks. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "check-show.h"
#include "fake-sys.h"
#include "prepare.h"
#include "unit.h"

/* What the plan has found; NULL: nothing. */
static const char *found;

/* --- what stands in for the rest of the program ----------------------------------- */

int wb_prepare_plan(struct wb_cli *cli, struct wb_sys *sys, struct wb_plan **ret)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	struct wb_step *s;

	(void)cli, (void)sys;
	assert_non_null(plan);
	s = wb_plan_add(plan, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, "6.1", 10000000,
			"x");
	assert_int_equal(wb_strv_split(&s->argv, "/sbin/kexec --load x"), 0);
	assert_int_equal(wb_strv_split(&s->undo_argv, "/sbin/kexec --unload"), 0);
	if (found) {
		assert_int_equal(wb_findings_add(&plan->findings, WB_WARNING, found, "x"),
				 0);
		assert_int_equal(wb_findings_name(&plan->findings, 0, found), 0);
	}
	*ret = plan;
	return 0;
}

/* The last to speak. */
int wb_check_show(const struct wb_cli *cli, const struct wb_plan *plan)
{
	(void)cli, (void)plan;
	wb_warning("a warning");
	wb_info("an information");
	return WB_EXIT_DONE;
}

int wb_check_columns(const struct wb_cli *cli)
{
	return cli->columns ? WB_EXIT_USAGE : WB_EXIT_DONE;
}

/* ---------------------------------------------------------------------------------- */

static void remember(const struct wb_message *message, void *userdata)
{
	strcat(strcat(userdata, message->text), "\n");
}

static void quiet_it_stays(void **state)
{
	struct fake_sys fake = { 0 };
	struct wb_cli cli = { .quiet = true };
	char said[256] = "";

	(void)state;
	/* Only root loads anything. */
	if (geteuid() != 0)
		skip();
	fake_begin(&fake);
	fake.sys.root.live = true;
	wb_log_setup(LOG_WARNING, remember, said);
	assert_int_equal(wb_cmd_check.run(&cli, &fake.sys), WB_EXIT_DONE);
	wb_log_setup(LOG_INFO, NULL, NULL);
	assert_non_null(strstr(fake_trace(&fake), "kexec --load"));
	assert_string_equal(said, "a warning\n");
	fake_end(&fake);
}

static bool is_tried_beside(const char *finding)
{
	struct fake_sys fake = { 0 };
	struct wb_cli cli = { .quiet = true };
	bool tried;

	found = finding;
	fake_begin(&fake);
	fake.sys.root.live = true;
	assert_int_equal(wb_cmd_check.run(&cli, &fake.sys), WB_EXIT_DONE);
	tried = strstr(fake_trace(&fake), "kexec --load");
	fake_end(&fake);
	found = NULL;
	return tried;
}

/* Also where it is a warning only: the OOM killer would make room. */
static void not_where_memory_is_short(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_false(is_tried_beside("memory"));
	assert_false(is_tried_beside("loaded"));
	assert_true(is_tried_beside("taint"));
}

/* It may be loaded a few times only, and it takes its time. */
static void nothing_is_loaded_for_a_wrong_word(void **state)
{
	struct fake_sys fake = { 0 };
	struct wb_cli cli = { .columns = "colour" };

	(void)state;
	fake_begin(&fake);
	fake.sys.root.live = true;
	assert_int_equal(wb_cmd_check.run(&cli, &fake.sys), WB_EXIT_USAGE);
	assert_string_equal(fake_trace(&fake), "");
	fake_end(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_it_stays),
		cmocka_unit_test(not_where_memory_is_short),
		cmocka_unit_test(nothing_is_loaded_for_a_wrong_word),
	};

	return RUN_TESTS(tests);
}
