/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"
#include "planning.h"
#include "unit.h"

/* Modules that are not of this kernel's tree, on the desktop. */

#define UNKNOWN_ONES "not of this kernel's tree, without a device"

static void load(struct planning *p, const char *lines)
{
	fixture_file(&p->f, "proc/modules", lines);
	planning_build(p);
}

static void nobody_knows_it(void **state)
{
	struct planning *p = *state;

	load(p, "strange 1 0 - Live 0x0 (OE)\next4 1 0 - Live 0x0\n");
	assert_true(planning_says(p, WB_WARNING, "strange: " UNKNOWN_ONES));
	/* Of the tree, and only not signed. */
	load(p, "strange 1 0 - Live 0x0 (E)\n");
	assert_false(planning_says(p, WB_WARNING, UNKNOWN_ONES));
}

static void a_long_list(void **state)
{
	struct planning *p = *state;

	load(p, "a 1 0 - Live 0x0 (O)\nb 1 0 - Live 0x0 (O)\nc 1 0 - Live 0x0 (O)\n"
		"d 1 0 - Live 0x0 (O)\ne 1 0 - Live 0x0 (O)\nf 1 0 - Live 0x0 (O)\n"
		"g 1 0 - Live 0x0 (O)\nh 1 0 - Live 0x0 (O)\ni 1 0 - Live 0x0 (O)\n"
		"j 1 0 - Live 0x0 (O)\n");
	assert_true(planning_says(p, WB_WARNING,
				  "a, b, c, d, e, f, g, h, 2 more: " UNKNOWN_ONES));
}

static void others_know_it(void **state)
{
	struct planning *p = *state;
	char name[] = "strange", *names[] = { name, NULL };

	/* A library, whose user is asked; and one that the table knows. */
	load(p, "lib 1 1 ext4, Live 0x0 (O)\next4 1 0 - Live 0x0\n"
		"zfs 1 0 - Live 0x0 (POE)\n");
	assert_false(planning_says(p, WB_WARNING, UNKNOWN_ONES));
	/* A hook, even one that has nothing to do here. */
	fixture_file(&p->f, "etc/warmboot/hooks.d/strange",
		     "# Warmboot-Hook: 1\n# Match: cpus:offline\n# Modules: strange\n");
	load(p, "strange 1 0 - Live 0x0 (OE)\n");
	assert_false(planning_says(p, WB_WARNING, UNKNOWN_ONES));
	fixture_file(&p->f, "etc/warmboot/hooks.d/strange",
		     "# Warmboot-Hook: 7\n# Modules: strange\n");
	load(p, "strange 1 0 - Live 0x0 (OE)\n");
	assert_true(planning_says(p, WB_WARNING, UNKNOWN_ONES));
	/* The operator. */
	p->request.keep = names;
	planning_build(p);
	assert_false(planning_says(p, WB_WARNING, UNKNOWN_ONES));
	p->request.keep = NULL;
	p->request.unload = names;
	planning_build(p);
	assert_false(planning_says(p, WB_WARNING, UNKNOWN_ONES));
	p->request.unload = NULL;
}

/* Its verdict says it then. */
static void it_has_a_device(void **state)
{
	struct planning *p = *state;

	fixture_link(&p->f, "sys/bus/pci/devices/0000:05:00.0",
		     "../../../devices/pci0000:00/0000:05:00.0");
	fixture_link(&p->f, "sys/devices/pci0000:00/0000:05:00.0/driver",
		     "/sys/bus/pci/drivers/strange");
	fixture_link(&p->f, "sys/bus/pci/drivers/strange/module",
		     "../../../../module/strange");
	fixture_folder(&p->f, "sys/module/strange");
	load(p, "strange 1 0 - Live 0x0 (OE)\n");
	assert_false(planning_says(p, WB_WARNING, UNKNOWN_ONES));
	assert_true(
		planning_says(p, WB_WARNING,
			      "a line Verdict=strange shutdown in the configuration"));
}

static void what_may_not_come_back(void **state)
{
	struct planning *p = *state;
	char name[] = "amdgpu", *names[] = { name, NULL };

	p->request.unload = names;
	load(p, "amdgpu 1 0 - Live 0x0\n");
	assert_false(planning_says(p, WB_WARNING, "ROCm 6.2"));
	load(p, "amdgpu 1 0 - Live 0x0 (OE)\n");
	assert_true(planning_says(p, WB_WARNING, "ROCm 6.2 has restarted machines"));
	p->request.unload = NULL;
	planning_build(p);
	assert_false(planning_says(p, WB_WARNING, "ROCm 6.2"));
}

#define foreign_test(name)                                                               \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		foreign_test(nobody_knows_it),        foreign_test(a_long_list),
		foreign_test(others_know_it),         foreign_test(it_has_a_device),
		foreign_test(what_may_not_come_back),
	};

	return RUN_TESTS(tests);
}
