/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/state.h"
#include "fixture.h"
#include "unit.h"

static bool has_dracut_late(struct fixture *f)
{
	struct wb_state state;
	bool found;

	assert_int_equal(wb_state_read(&f->root, &state), 0);
	found = state.dracut_late;
	wb_state_done(&state);
	return found;
}

/* All three, or it is not believed. */
static void the_shutdown_initramfs(void **state)
{
	static const char *const needed[] = {
		"run/warmboot/initramfs",
		"usr/lib/dracut/modules.d/90warmboot/module-setup.sh",
		"usr/lib/dracut/dracut-initramfs-restore",
	};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_false(has_dracut_late(&f));
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		fixture_file(&f, needed[i], "");
	assert_true(has_dracut_late(&f));
	fixture_remove(&f, needed[0]);
	assert_false(has_dracut_late(&f));
	fixture_file(&f, needed[0], "");
	fixture_remove(&f, needed[2]);
	assert_false(has_dracut_late(&f));
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shutdown_initramfs),
	};

	return RUN_TESTS(tests);
}
