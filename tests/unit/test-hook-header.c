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
	_cleanup_hook_ struct wb_hook *h = parse(
		"#!/bin/sh\n# SPDX-License-Identifier: MIT\n" BEGIN
		"# Description: NVIDIA GPUs\n"
		"# Modules: nvidia-drm, nvidia_modeset nvidia\n"
		"# Devices: /dev/nvidia* /dev/dri/*\n"
		"# Units: nvidia-persistenced.service\n"
		"# Drivers: nvidia nvidia-*\n"
		"# Verdict: late\n"
		"# Unbind: 0000:00:03.0, 10000:e1:00.7 class:0c0330 driver:xhci_hcd\n"
		"# Match: pci-class:03 !pci-vendor:10de\n"
		"# Match:  modalias:pci:v0000*bc03* dmi:*:pnMacBookAir7,2:*\n"
		"# Cmdline: !nomodeset console=ttyS0,115200\n"
		"# Initramfs: nvidia-drm\n"
		"# Block: nvidia-drm, nvidia\n"
		"# Holders: refuse\n"
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
	assert_list(h->drivers, "nvidia nvidia-*");
	assert_int_equal(h->verdict, WB_VERDICT_LATE);
	assert_list(h->unbind, "0000:00:03.0 10000:e1:00.7 class:0c0330 driver:xhci_hcd");
	assert_int_equal(wb_strv_length(h->match), 2);
	assert_string_equal(h->match[0], "pci-class:03 !pci-vendor:10de");
	assert_string_equal(h->match[1], "modalias:pci:v0000*bc03* "
					 "dmi:*:pnMacBookAir7,2:*");
	assert_list(h->cmdline, "!nomodeset console=ttyS0,115200");
	assert_list(h->early, "nvidia_drm");
	assert_list(h->block, "nvidia_drm nvidia");
	assert_true(h->refuse_holders);
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
	assert_int_equal(h->verdict, WB_VERDICT_NONE);
	assert_null(h->match);
	assert_false(h->refuse_holders);
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
		{ "# Phase: prepare", "quiesce, late or exitrd" },
		{ "# Phase: Quiesce", "quiesce, late or exitrd" },
		{ "# Phase: late exitrd", "quiesce, late or exitrd" },
		{ "# Drivers: a/b", "Drivers" },
		{ "# Drivers:", "Drivers" },
		{ "# Verdict: unknown", "keep or bad" },
		{ "# Verdict: none", "keep or bad" },
		{ "# Verdict: Unload", "keep or bad" },
		{ "# Verdict: unload late", "keep or bad" },
		{ "# Unbind: ,", "Unbind" },
		{ "# Unbind: 00:03.0", "PCI addresses" },
		{ "# Unbind: 0000:00:03.8", "PCI addresses" },
		{ "# Unbind: 0000:00:0A.0", "PCI addresses" },
		{ "# Unbind: 0000:00:03.0x", "PCI addresses" },
		{ "# Unbind: class:", "class:DIGITS" },
		{ "# Unbind: class:3", "class:DIGITS" },
		{ "# Unbind: class:0c03301", "class:DIGITS" },
		{ "# Unbind: driver:", "driver:NAME" },
		{ "# Unbind: driver:../x", "driver:NAME" },
		{ "# Unbind: !driver:x", "driver:NAME" },
		{ "# Unbind: module:x", "driver:NAME" },
		{ "# Match: nvidia", "pci-class:DIGITS" },
		{ "# Match: !", "pci-class:DIGITS" },
		{ "# Match: !!module:x", "pci-class:DIGITS" },
		{ "# Match: pci-class:gg", "pci-class:DIGITS" },
		{ "# Match: pci-vendor:10d", "pci-vendor:DIGITS" },
		{ "# Match: module:a*", "module:NAME" },
		{ "# Match: module:", "module:NAME" },
		{ "# Match: modalias:", "modalias:GLOB" },
		{ "# Match: dmi:", "dmi:GLOB" },
		{ "# Match: cpus:online", "cpus:offline" },
		{ "# Match: sriov:1", "sriov:enabled" },
		{ "# Match: kernel-before:six", "kernel-before:VERSION" },
		{ "# Match: kernel-before:6", "kernel-before:VERSION" },
		{ "# Match: module:a, module:b", "module:NAME" },
		{ "# Cmdline: a=\"b c\"", "without quotes" },
		{ "# Cmdline: !", "Cmdline" },
		{ "# Block: nvidia*", "Block" },
		{ "# Holders: kill", "stop or refuse" },
		{ "# Required: no", "a second time" },
		{ "# Required: true", "a second time" },
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

static void wrong_choices(void **state)
{
	(void)state;
	assert_refused(BEGIN "# Required: true\n", "yes or no");
	assert_refused(BEGIN "# Required: yes no\n", "yes or no");
}

/* Each line is right by itself. */
static void lines_that_contradict_each_other(void **state)
{
	static const struct {
		const char *lines, *part;
	} cases[] = {
		{ "# Verdict: keep\n", "need each other" },
		{ "# Drivers: x\n", "need each other" },
		{ "# Drivers: x\n# Verdict: unload\n# Phase: late\n", "before its" },
		{ "# Drivers: x\n# Verdict: unbind\n# Phase: exitrd\n", "before its" },
		{ "# Drivers: x\n# Verdict: late\n# Phase: exitrd\n", "before its" },
		{ "# Drivers: x*\n# Verdict: shutdown\n# Unbind: driver:xy\n", "Unbind" },
		{ "# Drivers: x\n# Verdict: late\n# Unbind: driver:x\n", "Unbind" },
		{ "# Drivers: x\n# Verdict: keep\n# Modules: x\n", "Modules" },
		{ "# Drivers: x\n# Verdict: late\n# Modules: y x\n", "Modules" },
		{ "# Holders: refuse\n", "Devices" },
		{ "# Cmdline: !quiet\n", "none to add" },
		{ "# Initramfs: i915\n", "no 'Cmdline'" },
	};
	static const char *const good[] = {
		"# Drivers: x\n# Verdict: late\n# Unbind: driver:x\n# Phase: late\n",
		"# Drivers: x\n# Verdict: shutdown\n# Unbind: driver:y class:0200\n",
		"# Drivers: x\n# Verdict: unload\n# Modules: x\n",
		"# Drivers: x\n# Verdict: shutdown\n# Modules: x\n# Phase: late\n",
		"# Holders: refuse\n# Devices: /dev/kvm\n",
		"# Holders: stop\n",
		"# Cmdline: !quiet debug\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = wb_format(BEGIN "%s", cases[i].lines);

		assert_refused(text, cases[i].part);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_free_ char *text = wb_format(BEGIN "%s", good[i]);
		_cleanup_hook_ struct wb_hook *h = parse(text);

		if (h->problem)
			fail_msg("%s: %s", good[i], h->problem);
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
		cmocka_unit_test(wrong_choices),
		cmocka_unit_test(lines_that_contradict_each_other),
		cmocka_unit_test(times_that_are_too_short),
		cmocka_unit_test(limits_of_the_time),
		cmocka_unit_test(phases),
	};

	return RUN_TESTS(tests);
}
