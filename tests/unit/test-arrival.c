/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "facts/state.h"
#include "fixture.h"
#include "proof/arrival.h"
#include "unit.h"

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_init(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_done(*state);
	free(*state);
	return 0;
}

static void there_and_back(void **state)
{
	const struct wb_arrival stamp = { 1, 2, UINT64_MAX, 4 };
	struct fixture *f = *state;
	struct wb_arrival again = { 0 };
	_cleanup_free_ char *text = NULL;

	fixture_folder(f, "run");
	assert_int_equal(wb_arrival_write(&f->root, &stamp), 0);
	assert_int_equal(wb_arrival_read(&f->root, &again), 0);
	assert_memory_equal(&again, &stamp, sizeof(stamp));
	assert_int_equal(wb_root_read(&f->root, "run/warmboot/initramfs", &text, NULL),
			 0);
	assert_string_equal(text, "reached_boottime_usec=1\nreached_realtime_usec=2\n"
				  "left_boottime_usec=18446744073709551615\n"
				  "left_realtime_usec=4\n");
}

static void in_part(void **state)
{
	struct fixture *f = *state;
	struct wb_arrival stamp = { 9, 9, 9, 9 };

	fixture_file(f, WB_STAMP_PATH,
		     "later_usec=what\n\nleft_boottime_usec=7\nreached");
	assert_int_equal(wb_arrival_read(&f->root, &stamp), 0);
	assert_true(stamp.left_boottime_usec == 7);
	assert_true(stamp.reached_boottime_usec == 0);
}

static void damaged(void **state)
{
	static const char *const texts[] = {
		"left_boottime_usec=", "left_boottime_usec=-1\n",
		"left_boottime_usec=7 \n", "reached_realtime_usec=99999999999999999999\n"
	};
	struct fixture *f = *state;
	struct wb_arrival stamp = { 9, 9, 9, 9 };

	assert_int_equal(wb_arrival_read(&f->root, &stamp), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		fixture_file(f, WB_STAMP_PATH, texts[i]);
		assert_int_equal(wb_arrival_read(&f->root, &stamp), -EINVAL);
	}
	assert_true(stamp.left_boottime_usec == 9);
}

static void applied(void **state)
{
	const struct wb_arrival stamp = { 1500, 70001500, 9000, 70009900 };
	struct wb_confirmation c = { .kernel_usec = 50000000 };

	(void)state;
	wb_arrival_apply(&stamp, &c);
	assert_true(c.initramfs_usec == 50001500);
	assert_true(c.switch_root_usec == 50009000);
	/* Where systemd does not know when the kernel began. */
	c.kernel_usec = 0;
	wb_arrival_apply(&stamp, &c);
	assert_true(c.initramfs_usec == 70001500);
	assert_true(c.switch_root_usec == 70009900);
}

static void applied_in_part(void **state)
{
	const struct wb_arrival stamp = { .reached_boottime_usec = 1500 };
	struct wb_confirmation c = { .kernel_usec = 50000000 };

	(void)state;
	wb_arrival_apply(&stamp, &c);
	assert_true(c.initramfs_usec == 50001500);
	assert_true(c.switch_root_usec == 0);
}

#define fixture_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(there_and_back),
		fixture_test(in_part),
		fixture_test(damaged),
		cmocka_unit_test(applied),
		cmocka_unit_test(applied_in_part),
	};

	return RUN_TESTS(tests);
}
