/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook.h"
#include "unit.h"

#define BEGIN "# Warmboot-Hook: 1\n"

/* On the heap and whole, so that wb_hooks_free() can end it. */
static struct wb_hook *parse(const char *text)
{
	struct wb_hook *hook = calloc(1, sizeof(*hook));

	assert_non_null(hook);
	assert_int_equal(wb_hook_parse(text, hook), 0);
	return hook;
}

static void hook_freep(struct wb_hook **hook)
{
	wb_hooks_free(*hook, 1);
}
#define _cleanup_hook_ _cleanup_(hook_freep)

static void assert_list(char *const *v, const char *expected)
{
	_cleanup_free_ char *joined = wb_strv_join(v, " ");

	assert_string_equal(joined, expected);
}

static void all_keys(void **state)
{
	_cleanup_hook_ struct wb_hook *h =
		parse("#!/bin/sh\n# SPDX-License-Identifier: MIT\n" BEGIN
		      "# Description: NVIDIA GPUs\n"
		      "# Modules: nvidia-drm, nvidia_modeset nvidia\n"
		      "# Devices: /dev/nvidia* /dev/dri/*\n"
		      "# Units: nvidia-persistenced.service\n"
		      "# Phase: late\n"
		      "# Required: yes\n"
		      "# Timeout: 2min\n"
		      "\necho code\n");

	(void)state;
	assert_null(h->problem);
	assert_string_equal(h->description, "NVIDIA GPUs");
	assert_list(h->modules, "nvidia_drm nvidia_modeset nvidia");
	assert_list(h->devices, "/dev/nvidia* /dev/dri/*");
	assert_list(h->units, "nvidia-persistenced.service");
	assert_int_equal(h->phase, WB_HOOK_LATE);
	assert_true(h->required);
	assert_true(h->timeout_usec == 120000000);
}

static void defaults(void **state)
{
	_cleanup_hook_ struct wb_hook *h = parse(BEGIN),
				      *cut = parse("# Warmboot-Hook: 1");

	(void)state;
	assert_null(h->problem);
	assert_null(cut->problem);
	assert_null(h->description);
	assert_null(h->modules);
	assert_int_equal(h->phase, WB_HOOK_QUIESCE);
	assert_false(h->required);
	assert_true(h->timeout_usec == 60000000);
}

static void where_it_ends(void **state)
{
	static const char *const ends[] = { "\n",
					    "#\n",
					    "echo x\n",
					    "#Modules: a\n",
					    "# a comment, in prose\n",
					    "#  Modules: a\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		_cleanup_free_ char *text =
			wb_format(BEGIN "# Required: yes\n%s# Modules: a\n# Unknown: b\n",
				  ends[i]);
		_cleanup_hook_ struct wb_hook *h = parse(text);

		assert_null(h->problem);
		assert_true(h->required);
		assert_null(h->modules);
	}
}

static void spaces(void **state)
{
	_cleanup_hook_ struct wb_hook *h =
		parse(BEGIN "# Description: \t two words \t\r\n# Required:no\n");

	(void)state;
	assert_null(h->problem);
	assert_string_equal(h->description, "two words");
	assert_false(h->required);
}

static void assert_refused(const char *text, const char *part)
{
	_cleanup_hook_ struct wb_hook *h = parse(text);

	if (!h->problem)
		fail_msg("nothing is wrong with: %s", text);
	if (!strstr(h->problem, part))
		fail_msg("'%s' does not say '%s'", h->problem, part);
}

static void without_a_header(void **state)
{
	(void)state;
	assert_refused("", "Warmboot-Hook: 1");
	assert_refused("#!/bin/sh\necho\n", "Warmboot-Hook: 1");
	assert_refused("# Modules: nvidia\n", "Warmboot-Hook: 1");
	assert_refused("\n" BEGIN, "Warmboot-Hook: 1");
	assert_refused("echo\n" BEGIN, "Warmboot-Hook: 1");
	assert_refused("# warmboot-hook: 1\n", "Warmboot-Hook: 1");
}

static void of_another_version(void **state)
{
	(void)state;
	assert_refused("# Warmboot-Hook: 2\n", "'2'");
	assert_refused("# Warmboot-Hook:\n", "version");
	assert_refused("# Warmboot-Hook: 1.0\n", "'1.0'");
}

/* By name, with the line. */
static void with_a_wrong_line(void **state)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{ "# Module: nvidia", "'Module'" },
		{ "# modules: nvidia", "'modules'" },
		{ "# Warmboot-Hook: 1", "'Warmboot-Hook'" },
		{ "# Description:", "Description" },
		{ "# Modules:", "Modules" },
		{ "# Modules: ../x", "Modules" },
		{ "# Modules: nvidia*", "Modules" },
		{ "# Modules: ,", "Modules" },
		{ "# Devices: nvidia0", "Devices" },
		{ "# Devices: /sys/x", "Devices" },
		{ "# Devices: /dev/null /etc/passwd", "Devices" },
		{ "# Units: nvidia-persistenced", "Units" },
		{ "# Phase: prepare", "quiesce or late" },
		{ "# Phase: Quiesce", "quiesce or late" },
		{ "# Required: true", "yes or no" },
		{ "# Required: yes no", "yes or no" },
		{ "# Timeout: 0", "Timeout" },
		{ "# Timeout: 0s", "Timeout" },
		{ "# Timeout: 11min", "Timeout" },
		{ "# Timeout: 601", "Timeout" },
		{ "# Timeout: soon", "Timeout" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text =
			wb_format("#!/bin/sh\n" BEGIN "# Required: yes\n%s\n",
				  cases[i].line);

		assert_refused(text, cases[i].part);
		assert_refused(text, "line 4");
	}
}

/* "a time from 1s to 10min" */
static void times_that_are_too_short(void **state)
{
	(void)state;
	assert_refused(BEGIN "# Timeout: 1ms\n", "Timeout");
	assert_refused(BEGIN "# Timeout: 999ms\n", "Timeout");
}

static void limits_of_the_time(void **state)
{
	_cleanup_hook_ struct wb_hook *low = parse(BEGIN "# Timeout: 1s\n"),
				      *high = parse(BEGIN "# Timeout: 10min\n");

	(void)state;
	assert_null(low->problem);
	assert_true(low->timeout_usec == 1000000);
	assert_null(high->problem);
	assert_true(high->timeout_usec == 600000000);
}

static void phases(void **state)
{
	(void)state;
	assert_string_equal(wb_hook_phase_to_string(WB_HOOK_QUIESCE), "quiesce");
	assert_string_equal(wb_hook_phase_to_string(WB_HOOK_LATE), "late");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys),
		cmocka_unit_test(defaults),
		cmocka_unit_test(where_it_ends),
		cmocka_unit_test(spaces),
		cmocka_unit_test(without_a_header),
		cmocka_unit_test(of_another_version),
		cmocka_unit_test(with_a_wrong_line),
		cmocka_unit_test(times_that_are_too_short),
		cmocka_unit_test(limits_of_the_time),
		cmocka_unit_test(phases),
	};

	return RUN_TESTS(tests);
}
