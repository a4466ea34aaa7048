/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "planning.h"
#include "unit.h"

static void the_running_one(void **state)
{
	struct planning *p = *state;

	planning_look(p);
	assert_non_null(p->choice.kernel);
	assert_string_equal(p->choice.kernel->version, MACHINE_RELEASE);
	assert_string_equal(p->choice.initrd[0], "/boot/initrd.img-" MACHINE_RELEASE);
	assert_string_equal(p->choice.options,
			    "root=/dev/sda1 ro quiet warmboot.id=" PLANNING_ID);
	assert_int_equal(p->choice.findings.n, 0);
}

/* A path, an id or a version. */
static void a_named_one(void **state)
{
	static const char *const names[] = {
		MACHINE_OLDER,
		"/boot/vmlinuz-" MACHINE_OLDER,
		"vmlinuz-" MACHINE_OLDER,
	};
	struct planning *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		p->request.kernel = names[i];
		planning_look(p);
		assert_non_null(p->choice.kernel);
		assert_string_equal(p->choice.kernel->version, MACHINE_OLDER);
		assert_string_equal(p->choice.initrd[0],
				    "/boot/initrd.img-" MACHINE_OLDER);
	}
}

static void one_that_is_not_there(void **state)
{
	struct planning *p = *state;
	const struct wb_finding *f;

	p->request.kernel = "6.1";
	planning_look(p);
	assert_null(p->choice.kernel);
	f = wb_findings_blocker(&p->choice.findings);
	assert_non_null(f);
	/* It says what there is instead. */
	assert_non_null(strstr(f->message, "'6.1'"));
	assert_non_null(strstr(f->message, MACHINE_RELEASE));
	assert_non_null(strstr(f->message, MACHINE_OLDER));
}

static void no_image_of_the_running_one(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "boot/vmlinuz-" MACHINE_RELEASE);
	planning_look(p);
	assert_null(p->choice.kernel);
	assert_non_null(strstr(wb_findings_blocker(&p->choice.findings)->message,
			       MACHINE_RELEASE));
}

static void with_its_options(void **state)
{
	char quiet[] = "quiet", console[] = "console=ttyS0", more[] = "single x=\"a  b\"";
	char *remove[] = { quiet, NULL }, *append[] = { console, more, NULL };
	struct planning *p = *state;

	p->request.append = append;
	p->request.remove = remove;
	p->request.initrd = "/srv/initrd";
	planning_look(p);
	assert_string_equal(p->choice.initrd[0], "/srv/initrd");
	assert_string_equal(p->choice.options,
			    "root=/dev/sda1 ro console=ttyS0 single x=\"a  b\" "
			    "warmboot.id=" PLANNING_ID);
}

/* "--initrd of a kernel that mounts its root by itself" */
static void without_an_initramfs(void **state)
{
	struct planning *p = *state;

	p->request.initrd = WB_INITRD_NONE;
	planning_look(p);
	assert_non_null(p->choice.kernel);
	assert_null(p->choice.initrd);
}

#define choice_test(name)                                                                \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		choice_test(the_running_one),
		choice_test(a_named_one),
		choice_test(one_that_is_not_there),
		choice_test(no_image_of_the_running_one),
		choice_test(with_its_options),
		choice_test(without_an_initramfs),
	};

	return RUN_TESTS(tests);
}
