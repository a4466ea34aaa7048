/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The next boot: whose record it is that is confirmed, and what is done besides. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "cmd.h"
#include "fake-sys.h"
#include "run/foreign.h"
#include "unit.h"

#define OWN     "fedcba98-89ab-cdef-0123-456789abcdef"
#define FOREIGN "01234567-89ab-cdef-0123-456789abcdef"
#define LOADER  "proc/sys/kernel/bootloader_type"

/* There is no systemd that could be asked. */
int __wrap_wb_bus_wait_boot_finished(uint64_t timeout_usec);
int __wrap_wb_bus_manager_stamp(const char *property, uint64_t *ret);

int __wrap_wb_bus_wait_boot_finished(uint64_t timeout_usec)
{
	(void)timeout_usec;
	return 0;
}

int __wrap_wb_bus_manager_stamp(const char *property, uint64_t *ret)
{
	(void)property;
	*ret = 0;
	return 0;
}

static int setup(void **state)
{
	struct fake_sys *fake = calloc(1, sizeof(*fake));

	fake_begin(fake);
	fake_file(fake, "proc/sys/kernel/random/boot_id", "boot-3\n");
	fake_file(fake, "proc/sys/kernel/osrelease", "6.2.0\n");
	fake_file(fake, "proc/cmdline", "root=/dev/sda1\n");
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	wb_log_setup(LOG_INFO, NULL, NULL);
	fake_end(*state);
	free(*state);
	return 0;
}

static void add_hook(struct wb_plan *plan)
{
	struct wb_step *step = wb_plan_add(plan, WB_PHASE_CONFIRM, WB_STEP_RUN_HOOK,
					   "gpu", 1000000, "because");

	assert_non_null(step);
	assert_int_equal(wb_strv_append(&step->argv, "/hooks/gpu"), 0);
	assert_int_equal(wb_strv_append(&step->argv, "confirm"), 0);
}

/* As it goes down: nobody has confirmed it. */
static void put(struct fake_sys *fake, const char *id, bool foreign)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	_cleanup_(wb_record_freep) struct wb_record *r = NULL;
	_cleanup_free_ char *path = wb_record_path(id);

	assert_non_null(plan);
	plan->id = strdup(id);
	add_hook(plan);
	r = wb_record_new(plan);
	r->foreign = foreign;
	r->started_usec = 1;
	r->committed_usec = 2;
	r->end = WB_END_HANDED_OVER;
	assert_int_equal(wb_record_write(r, &fake->sys.root, path), 0);
}

static struct wb_record *get(struct fake_sys *fake, const char *id)
{
	_cleanup_free_ char *path = wb_record_path(id);
	struct wb_record *record = NULL;

	assert_int_equal(wb_record_read(&fake->sys.root, path, &record), 0);
	return record;
}

static int confirm(struct fake_sys *fake)
{
	char *words[] = { NULL };
	struct wb_cli cli = { .words = words };

	return wb_cmd_confirm.run(&cli, &fake->sys);
}

/* Whatever stands there, a run of our own led here. */
static void a_mark_that_leads_nowhere(void **state)
{
	static const char *const marks[] = { "", "../../etc/passwd",
					     "99999999-89ab-cdef-0123-456789abcdef" };
	struct fake_sys *fake = *state;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		_cleanup_(wb_record_freep) struct wb_record *own = NULL;

		put(fake, OWN, false);
		fake_file(fake, "proc/cmdline", "root=/dev/sda1 warmboot.id=" OWN "\n");
		fake_file(fake, "var/lib/warmboot/quiesced", marks[i]);
		assert_int_equal(confirm(fake), WB_EXIT_DONE);
		own = get(fake, OWN);
		assert_int_equal(own->end, WB_END_CONFIRMED);
		assert_string_equal(own->confirmation.boot_id, "boot-3");
	}
}

static void a_mark_alone_that_leads_nowhere(void **state)
{
	struct fake_sys *fake = *state;

	fake_file(fake, "var/lib/warmboot/quiesced", "x");
	assert_int_equal(confirm(fake), WB_EXIT_DONE);
	assert_false(wb_root_exists(&fake->sys.root, WB_FOREIGN_MARK));
}

/* After a jump into a kernel that hung, as after none: what is not known is not said. */
/* More than are kept. */
static void put_many(struct fake_sys *fake)
{
	for (unsigned int i = 0; i < 120; i++) {
		_cleanup_free_ char *id = wb_format("id-%03u", i);

		put(fake, id, true);
	}
}

static void assert_pruned(struct fake_sys *fake)
{
	_cleanup_strv_ char **names = NULL;

	assert_int_equal(wb_root_list(&fake->sys.root, WB_RECORD_FOLDER, &names), 0);
	assert_int_equal(wb_strv_length(names), 100);
}

/* As on each architecture but x86, where nothing else is ever confirmed. */
static void a_kernel_that_does_not_say(void **state)
{
	struct fake_sys *fake = *state;

	put_many(fake);
	put(fake, FOREIGN, true);
	fake_file(fake, "var/lib/warmboot/quiesced", FOREIGN);
	assert_int_equal(confirm(fake), WB_EXIT_DONE);
	assert_string_equal(fake_trace(fake), "spawn /hooks/gpu confirm\n");
	assert_pruned(fake);
}

static void through_the_firmware(void **state)
{
	struct fake_sys *fake = *state;
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	put(fake, FOREIGN, true);
	fake_file(fake, "var/lib/warmboot/quiesced", FOREIGN);
	fake_file(fake, LOADER, "114\n");
	assert_int_equal(confirm(fake), WB_EXIT_DONE);
	record = get(fake, FOREIGN);
	assert_int_equal(record->end, WB_END_HANDED_OVER);
	assert_non_null(strstr(record->failure, "did not come up"));
	/* There is nothing to ask a hook, but records to remove. */
	assert_string_equal(fake_trace(fake), "");
	put_many(fake);
	assert_int_equal(confirm(fake), WB_EXIT_DONE);
	assert_pruned(fake);
}

#define confirm_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		confirm_test(a_mark_that_leads_nowhere),
		confirm_test(a_mark_alone_that_leads_nowhere),
		confirm_test(a_kernel_that_does_not_say),
		confirm_test(through_the_firmware),
	};

	return RUN_TESTS(tests);
}
