/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A plan that cannot even be begun: what becomes of its fallback. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "cmd.h"
#include "fake-sys.h"
#include "run/record.h"
#include "unit.h"

#define ID    "01234567-89ab-cdef-0123-456789abcdef"
#define DRAFT "/run/warmboot/" ID ".json"
#define PATH  "/var/lib/warmboot/" ID ".json"

struct scene {
	struct fake_sys fake;
	struct wb_record *record;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	fake_begin(&s->fake);
	plan->id = strdup(ID);
	plan->reboot = true;
	s->record = wb_record_new(plan);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	wb_log_setup(LOG_INFO, NULL, NULL);
	wb_record_free(s->record);
	fake_end(&s->fake);
	free(s);
	return 0;
}

static int execute(struct scene *s)
{
	char draft[] = DRAFT, *words[] = { draft, NULL };
	struct wb_cli cli = { .words = words };

	int status;

	assert_int_equal(wb_record_write(s->record, &s->fake.sys.root, DRAFT), 0);
	status = wb_cmd_execute.run(&cli, &s->fake.sys);
	/* Nobody speaks through its frame any more. */
	wb_warning("the plan is done with");
	return status;
}

/* The name of the kernel cannot be read, of which the report would tell. */
static void it_cannot_begin(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *read = NULL;
	struct scene *s = *state;

	fake_file(&s->fake, "proc/sys/kernel/random/boot_id", "boot\n");
	assert_int_equal(execute(s), WB_EXIT_DONE);
	assert_string_equal(fake_trace(&s->fake), "enqueue reboot.target\n");
	assert_int_equal(wb_record_read(&s->fake.sys.root, PATH, &read), 0);
	assert_int_equal(read->end, WB_END_COLD);
	assert_non_null(strstr(read->failure, "cannot begin: "));
	assert_string_equal(read->boot_id, "boot");
}

static void without_a_fallback(void **state)
{
	struct scene *s = *state;

	s->record->plan->reboot = false;
	assert_int_equal(execute(s), WB_EXIT_REFUSED);
	assert_string_equal(fake_trace(&s->fake), "");
	assert_false(wb_root_exists(&s->fake.sys.root, PATH));
}

static void an_earlier_run_was_killed(void **state)
{
	struct scene *s = *state;

	assert_int_equal(wb_record_write(s->record, &s->fake.sys.root, WB_RECORD_LIVE),
			 0);
	assert_int_equal(execute(s), WB_EXIT_DONE);
	assert_string_equal(fake_trace(&s->fake), "enqueue reboot.target\n");
}

static void it_cannot_be_queued(void **state)
{
	struct fake_rule rules[] = { { "enqueue reboot.target", -EIO, 0 }, { 0 } };
	struct scene *s = *state;

	s->fake.rules = rules;
	assert_int_equal(execute(s), WB_EXIT_REFUSED);
	assert_false(wb_root_exists(&s->fake.sys.root, PATH));
}

#define execute_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		execute_test(it_cannot_begin),
		execute_test(without_a_fallback),
		execute_test(an_earlier_run_was_killed),
		execute_test(it_cannot_be_queued),
	};

	return RUN_TESTS(tests);
}
