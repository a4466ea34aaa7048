/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An ordinary reboot in the place of a plan that was refused: what is queued, and what
 * stays on record. */

#include "run/cold.h"

#include <errno.h>
#include <string.h>

#include "fake-sys.h"
#include "unit.h"

#define ID   "01234567-89ab-cdef-0123-456789abcdef"
#define PATH "/var/lib/warmboot/" ID ".json"

struct scene {
	struct fake_sys fake;
	struct wb_record *record;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	fake_begin(&s->fake);
	fake_file(&s->fake, "proc/sys/kernel/random/boot_id", "boot\n");
	fake_file(&s->fake, "proc/sys/kernel/osrelease", "6.1.0\n");
	/* Refused: there is not even a kernel in it. */
	plan->id = strdup(ID);
	plan->reboot = true;
	s->record = wb_record_new(plan);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	wb_record_free(s->record);
	fake_end(&s->fake);
	free(s);
	return 0;
}

static void it_is_queued_and_on_record(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *read = NULL;
	_cleanup_free_ char *why = NULL;
	struct scene *s = *state;

	assert_int_equal(wb_cold_reboot(&s->fake.sys, s->record, "kexec is missing",
					&why),
			 0);
	assert_string_equal(fake_trace(&s->fake), "enqueue reboot.target\n");
	assert_int_equal(wb_record_read(&s->fake.sys.root, PATH, &read), 0);
	assert_int_equal(read->end, WB_END_COLD);
	assert_string_equal(read->failure, "kexec is missing");
	assert_string_equal(read->release, "6.1.0");
	assert_string_equal(read->boot_id, "boot");
	assert_true(read->started_usec > 0);
	assert_int_equal(read->committed_usec, 0);
	assert_true(read->plan->reboot);
}

/* A record would tell of a reboot that did not take place. */
static void it_cannot_be_queued(void **state)
{
	struct fake_rule rules[] = { { "enqueue reboot.target", -EIO, 0 }, { 0 } };
	_cleanup_free_ char *why = NULL;
	struct scene *s = *state;

	s->fake.rules = rules;
	assert_int_equal(wb_cold_reboot(&s->fake.sys, s->record, "no", &why), -EIO);
	assert_false(wb_root_exists(&s->fake.sys.root, PATH));
}

/* A disk that is full is no reason to leave a remote machine as it is. */
static void it_cannot_be_recorded(void **state)
{
	_cleanup_free_ char *why = NULL;
	struct scene *s = *state;

	fake_file(&s->fake, "var/lib/warmboot", "");
	assert_int_equal(wb_cold_reboot(&s->fake.sys, s->record, "no", &why), 0);
	assert_string_equal(fake_trace(&s->fake), "enqueue reboot.target\n");
}

#define cold_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cold_test(it_is_queued_and_on_record),
		cold_test(it_cannot_be_queued),
		cold_test(it_cannot_be_recorded),
	};

	return RUN_TESTS(tests);
}
