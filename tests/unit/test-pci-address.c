/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "facts/pci-address.h"
#include "unit.h"

static void whole_ones(void **state)
{
	static const char *const good[] = { "0000:00:1f.3", "10000:e1:00.0",
					    "ffffffff:FF:1f.7" };
	static const char *const bad[] = { "",
					   "0000",
					   "0000:",
					   "00:1f.3",
					   "000:00:1f.3",
					   "123456789:00:1f.3",
					   "0000:00:1f.8",
					   "0000:00:1f.",
					   "0000:00:1f.30",
					   "0000:0g:1f.3",
					   "0000-00:1f.3",
					   "0000:00:1f:3",
					   " 0000:00:1f.3" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!wb_is_pci_address(good[i], strlen(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (wb_is_pci_address(bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
}

static void short_ones(void **state)
{
	(void)state;
	assert_true(wb_is_short_pci_address("00:1f.3", 7));
	assert_true(wb_is_short_pci_address("AF:00.7 late", 7));
	assert_false(wb_is_short_pci_address("0000:00:1f.3", 12));
	assert_false(wb_is_short_pci_address("00:1f.8", 7));
	assert_false(wb_is_short_pci_address("00:1f.", 6));
	assert_false(wb_is_short_pci_address("", 0));
}

/* What follows is none of it. */
static void parts_of_paths(void **state)
{
	static const char path[] = "0000:00:1f.3/0000:01:00.0";

	(void)state;
	assert_true(wb_is_pci_address(path, 12));
	assert_false(wb_is_pci_address(path, strlen(path)));
	for (size_t n = 0; n < 12; n++)
		assert_false(wb_is_pci_address(path, n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_ones),
		cmocka_unit_test(short_ones),
		cmocka_unit_test(parts_of_paths),
	};

	return RUN_TESTS(tests);
}
