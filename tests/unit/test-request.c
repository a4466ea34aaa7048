/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The operator's word against the machine's: single values win, lists are joined. */

#include "plan/request.h"

#include <string.h>

#include "base/strv.h"
#include "unit.h"

struct requests {
	struct wb_config config;
	struct wb_request request; /* its lists are the test's */
};

static int setup(void **state)
{
	static const char text[] = "[Warmboot]\nKernel=latest\nInitrd=/i\nDtb=/d\n"
				   "Target=a.target\nUnload=one two\nKeep=three\n";
	struct requests *s = calloc(1, sizeof(*s));

	*state = s;
	return wb_config_parse(&s->config, "/x", text, strlen(text));
}

static int teardown(void **state)
{
	struct requests *s = *state;

	wb_strv_free(s->request.unload);
	wb_strv_free(s->request.keep);
	wb_config_done(&s->config);
	free(s);
	return 0;
}

static void use(struct requests *s)
{
	assert_int_equal(wb_request_use_config(&s->request, &s->config), 0);
}

static void nothing_was_said(void **state)
{
	struct requests *s = *state;

	use(s);
	assert_string_equal(s->request.kernel, "latest");
	assert_string_equal(s->request.kernel_origin, "Kernel= in /x");
	assert_string_equal(s->request.initrd, "/i");
	assert_string_equal(s->request.dtb, "/d");
	assert_string_equal(s->request.dtb_origin, "Dtb= in /x");
	assert_string_equal(s->request.target, "a.target");
	assert_false(s->request.no_isolate);
	assert_int_equal(wb_strv_length(s->request.unload), 2);
	assert_int_equal(wb_strv_length(s->request.keep), 1);
	assert_ptr_equal(s->request.config, &s->config);
}

static void all_was_said(void **state)
{
	struct requests *s = *state;

	s->request = (struct wb_request){
		.kernel = "running", .initrd = "/j", .dtb = "/e", .target = "b.target"
	};
	assert_int_equal(wb_strv_append(&s->request.unload, "four"), 0);
	use(s);
	assert_string_equal(s->request.kernel, "running");
	assert_null(s->request.kernel_origin);
	assert_string_equal(s->request.initrd, "/j");
	assert_string_equal(s->request.dtb, "/e");
	assert_null(s->request.dtb_origin);
	assert_string_equal(s->request.target, "b.target");
	assert_int_equal(wb_strv_length(s->request.unload), 3);
}

/* Of another kernel than the one that is started. */
static void an_initramfs_stays_with_its_kernel(void **state)
{
	struct requests *s = *state;

	s->request.kernel = "running";
	use(s);
	assert_null(s->request.initrd);
}

static void isolating(void **state)
{
	struct requests *s = *state;

	s->config.no_isolate = true;
	use(s);
	assert_true(s->request.no_isolate);
	/* Who names a target wants it. */
	s->request.no_isolate = false;
	s->request.target = "b.target";
	use(s);
	assert_false(s->request.no_isolate);
	s->config.no_isolate = false;
	s->request.no_isolate = true;
	use(s);
	assert_true(s->request.no_isolate);
}

static void killing_and_the_fallback(void **state)
{
	struct requests *s = *state;

	use(s);
	assert_false(s->request.kill);
	assert_false(s->request.reboot);
	s->config.kill = true;
	s->config.reboot = true;
	use(s);
	assert_true(s->request.kill);
	assert_true(s->request.reboot);
	s->request.reboot = false;
	s->request.no_reboot = true;
	use(s);
	assert_false(s->request.reboot);
}

static void limits(void **state)
{
	struct requests *s = *state;

	s->config.isolate_timeout_usec = 1;
	s->config.unit_timeout_usec = 2;
	s->config.module_timeout_usec = 3;
	use(s);
	assert_int_equal(s->request.isolate_timeout_usec, 1);
	assert_int_equal(s->request.unit_timeout_usec, 2);
	assert_int_equal(s->request.module_timeout_usec, 3);
}

static void asked_for_on_the_command_line_only(void **state)
{
	struct requests *s = *state;

	s->request.kill = true;
	s->request.reboot = true;
	use(s);
	assert_true(s->request.kill);
	assert_true(s->request.reboot);
}

static void modules(void **state)
{
	struct requests *s = *state;

	assert_int_equal(wb_strv_append(&s->request.keep, "one"), 0);
	assert_int_equal(wb_strv_append(&s->request.unload, "three"), 0);
	use(s);
	assert_false(wb_strv_contains(s->request.unload, "one"));
	assert_true(wb_strv_contains(s->request.unload, "two"));
	assert_true(wb_strv_contains(s->request.unload, "three"));
	assert_true(wb_strv_contains(s->request.keep, "one"));
	assert_false(wb_strv_contains(s->request.keep, "three"));
}

/* That is for the plan to refuse, and not for one of them to win. */
static void a_contradiction_in_the_configuration(void **state)
{
	static const char text[] = "[Warmboot]\nUnload=three\n";
	struct requests *s = *state;

	assert_int_equal(wb_config_parse(&s->config, "/y", text, strlen(text)), 0);
	use(s);
	assert_true(wb_strv_contains(s->request.unload, "three"));
	assert_true(wb_strv_contains(s->request.keep, "three"));
}

#define request_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		request_test(nothing_was_said),
		request_test(all_was_said),
		request_test(an_initramfs_stays_with_its_kernel),
		request_test(isolating),
		request_test(killing_and_the_fallback),
		request_test(limits),
		request_test(asked_for_on_the_command_line_only),
		request_test(modules),
		request_test(a_contradiction_in_the_configuration),
	};

	return RUN_TESTS(tests);
}
