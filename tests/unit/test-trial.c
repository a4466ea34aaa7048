/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A trial load leaves nothing in memory, whatever becomes of it. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "fake-sys.h"
#include "run/trial.h"
#include "unit.h"

#define LOAD   "spawn /sbin/kexec --load x"
#define UNLOAD "spawn /sbin/kexec --unload"

struct trial {
	struct fake_sys fake;
	struct wb_plan *plan;
};

static void quiet(const struct wb_message *message, void *userdata)
{
	(void)message, (void)userdata;
}

static int setup(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));
	struct wb_step *s;

	wb_log_setup(LOG_ERR, quiet, NULL);
	fake_begin(&t->fake);
	t->plan = calloc(1, sizeof(*t->plan));
	s = wb_plan_add(t->plan, WB_PHASE_PREPARE, WB_STEP_SYNC, "x", 1, "x");
	assert_non_null(s);
	s = wb_plan_add(t->plan, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, "6.1", 10000000,
			"x");
	assert_int_equal(wb_strv_split(&s->argv, "/sbin/kexec --load x"), 0);
	assert_int_equal(wb_strv_split(&s->undo_argv, "/sbin/kexec --unload"), 0);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct trial *t = *state;

	wb_plan_free(t->plan);
	fake_end(&t->fake);
	free(t);
	return 0;
}

static int try(struct trial *t, const char *part)
{
	_cleanup_free_ char *why = NULL;
	int r = wb_trial_load(&t->fake.sys, t->plan, &why);

	if (part && (!why || !strstr(why, part)))
		fail_msg("'%s' does not say '%s'", why ? why : "", part);
	if (!part)
		assert_null(why);
	return r;
}

static void good(void **state)
{
	struct trial *t = *state;

	assert_int_equal(try(t, NULL), 0);
	assert_string_equal(fake_trace(&t->fake), LOAD "\n" UNLOAD "\n");
}

/* Nobody's image is touched. */
static void loaded_by_another(void **state)
{
	struct trial *t = *state;

	fake_file(&t->fake, "sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(try(t, "loaded already"), -EBUSY);
	assert_string_equal(fake_trace(&t->fake), "");
}

static void refused(void **state)
{
	struct fake_rule rules[] = { { LOAD, 255, 0 }, { NULL, 0, 0 } };
	struct trial *t = *state;

	t->fake.rules = rules;
	assert_int_equal(try(t, "failed with status 255"), -EIO);
	assert_string_equal(fake_trace(&t->fake), LOAD "\n");
}

/* The program does not unload it: then the system call does. */
static void not_unloaded(void **state)
{
	struct fake_rule rules[] = { { UNLOAD, 1, 0 }, { NULL, 0, 0 } };
	struct trial *t = *state;

	t->fake.rules = rules;
	assert_int_equal(try(t, NULL), 0);
	assert_non_null(strstr(fake_trace(&t->fake), LOAD "\n" UNLOAD "\n"));
	assert_true(strlen(fake_trace(&t->fake)) > strlen(LOAD "\n" UNLOAD "\n"));
}

static void nothing_to_load(void **state)
{
	struct trial *t = *state;

	t->plan->n_steps--;
	t->plan->steps[1].kind = WB_STEP_SYNC;
	assert_int_equal(try(t, NULL), -ENOENT);
	t->plan->n_steps++;
	assert_string_equal(fake_trace(&t->fake), "");
}

#define trial_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		trial_test(good),
		trial_test(loaded_by_another),
		trial_test(refused),
		trial_test(not_unloaded),
		trial_test(nothing_to_load),
	};

	return RUN_TESTS(tests);
}
