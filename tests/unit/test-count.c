/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/count.h"
#include "fixture.h"
#include "unit.h"

#define CPU "sys/devices/system/cpu/"
#define PCI "sys/bus/pci/devices/"

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

static void cpus(void **state)
{
	static const struct {
		const char *present, *online;
		unsigned int offline;
	} cases[] = {
		{ "0-7\n", "0-7\n", 0 },
		{ "0-7\n", "0-3,6\n", 3 },
		{ "0\n", "0\n", 0 },
		{ "0-127\n", "0,64\n", 126 },
		/* What is damaged says nothing, rather than something wrong. */
		{ "0-7\n", "\n", 0 },
		{ "\n", "0-7\n", 0 },
		{ "7-0\n", "0-3\n", 0 },
		{ "x\n", "0\n", 0 },
		{ "0-99999999999999999999\n", "0\n", 0 },
		{ "0-3,\n", "0-2,,\n", 1 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int n = 77;

		fixture_file(f, CPU "present", cases[i].present);
		fixture_file(f, CPU "online", cases[i].online);
		assert_int_equal(wb_count_cpus_offline(&f->root, &n), 0);
		if (n != cases[i].offline)
			fail_msg("%s of %s: %u", cases[i].online, cases[i].present, n);
	}
}

static void nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int n = 77;

	assert_int_equal(wb_count_cpus_offline(&f->root, &n), 0);
	assert_int_equal(n, 0);
	n = 77;
	assert_int_equal(wb_count_virtual_functions(&f->root, &n), 0);
	assert_int_equal(n, 0);
}

static void virtual_functions(void **state)
{
	struct fixture *f = *state;
	unsigned int n;

	fixture_file(f, PCI "0000:01:00.0/sriov_numvfs", "4\n");
	fixture_file(f, PCI "0000:01:00.1/sriov_numvfs", "0\n");
	fixture_file(f, PCI "0000:02:00.0/sriov_numvfs", "2\n");
	fixture_file(f, PCI "0000:03:00.0/sriov_numvfs", "many\n");
	fixture_file(f, PCI "0000:04:00.0/sriov_numvfs", "-1\n");
	fixture_file(f, PCI "0000:05:00.0/vendor", "0x8086\n");
	assert_int_equal(wb_count_virtual_functions(&f->root, &n), 0);
	assert_int_equal(n, 6);
}

#define count_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		count_test(cpus),
		count_test(nothing),
		count_test(virtual_functions),
	};

	return RUN_TESTS(tests);
}
