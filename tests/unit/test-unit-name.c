/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/macro.h"
#include "base/unit-name.h"
#include "unit.h"

/* What systemd-escape -p of systemd 252 prints for them. */
static void of_paths(void **state)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{ "/", "-.mount" },
		{ "", "-.mount" },
		{ "///", "-.mount" },
		{ "/srv", "srv.mount" },
		{ "/srv/data", "srv-data.mount" },
		{ "/srv//data/", "srv-data.mount" },
		{ "/srv/./data/.", "srv-data.mount" },
		{ "/srv/my-data", "srv-my\\x2ddata.mount" },
		{ "/srv/my data", "srv-my\\x20data.mount" },
		{ "/.snapshots", "\\x2esnapshots.mount" },
		{ "/srv/.snapshots", "srv-.snapshots.mount" },
		{ "/srv/a\\b", "srv-a\\x5cb.mount" },
		{ "/srv/a:b_c.d", "srv-a:b_c.d.mount" },
		{ "/srv/\xc3\xa4", "srv-\\xc3\\xa4.mount" },
		{ "/srv/a@b", "srv-a\\x40b.mount" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *name = wb_unit_name_of_path(cases[i].path, ".mount");

		assert_string_equal(name, cases[i].name);
	}
}

static void of_swap(void **state)
{
	_cleanup_free_ char *name = wb_unit_name_of_path("/dev/mapper/rl-swap", ".swap");

	(void)state;
	assert_string_equal(name, "dev-mapper-rl\\x2dswap.swap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_paths),
		cmocka_unit_test(of_swap),
	};

	return RUN_TESTS(tests);
}
