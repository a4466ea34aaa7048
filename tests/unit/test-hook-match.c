/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which hooks have something to do with a machine, and with which of its devices. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook.h"
#include "plan/hook-cmdline.h"
#include "facts/hook-match.h"
#include "unit.h"

/* Facts by hand: a GPU of NVIDIA, a network adapter without a driver, a virtio disk. */
struct scene {
	struct wb_facts facts;
	struct wb_device devices[3];
	struct wb_module modules[2];
	struct wb_target target; /* nothing is known of it */
	struct wb_hook *hook;
};

static char bus_pci[] = "pci", bus_virtio[] = "virtio", gpu[] = "0000:01:00.0",
	    nic[] = "0000:02:00.0", disk[] = "virtio0", nvidia[] = "nvidia",
	    virtio_blk[] = "virtio_blk", kvm_intel[] = "kvm_intel",
	    gpu_alias[] = "pci:v000010DEd00002684sv0000sd0000bc03sc00i00",
	    board[] = "dmi:bvnApple:svnAppleInc.:pnMacBookAir7,2:pvr1.0:",
	    release[] = "6.1.0-56-amd64";

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->devices[0] = (struct wb_device){ .bus = bus_pci,
					    .id = gpu,
					    .driver = nvidia,
					    .module = nvidia,
					    .modalias = gpu_alias,
					    .class = 0x030000,
					    .vendor = 0x10de,
					    .boot_vga = true };
	s->devices[1] = (struct wb_device){
		.bus = bus_pci, .id = nic, .class = 0x020000, .vendor = 0x8086
	};
	s->devices[2] = (struct wb_device){
		.bus = bus_virtio, .id = disk, .driver = virtio_blk, .module = virtio_blk
	};
	s->modules[0].name = nvidia;
	s->modules[1].name = kvm_intel;
	s->facts.devices = s->devices;
	s->facts.n_devices = 3;
	s->facts.modules = s->modules;
	s->facts.n_modules = 2;
	s->facts.state.release = release;
	*state = s;
	return 0;
}

static void forget(struct scene *s)
{
	if (s->hook)
		wb_hooks_free(s->hook, 1);
	s->hook = NULL;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	forget(s);
	wb_strv_free(s->facts.units);
	free(s);
	return 0;
}

/* The one hook of the scene, from the lines behind the first of its header. */
static struct wb_hook *header(struct scene *s, const char *lines)
{
	_cleanup_free_ char *text = wb_format("# Warmboot-Hook: 1\n%s", lines);

	forget(s);
	s->hook = calloc(1, sizeof(*s->hook));
	assert_int_equal(wb_hook_parse(text, s->hook), 0);
	if (s->hook->problem)
		fail_msg("%s: %s", lines, s->hook->problem);
	s->hook->name = strdup("h");
	return s->hook;
}

static void assert_match(struct scene *s, const char *line, bool expected)
{
	_cleanup_free_ char *text = wb_format("# Match: %s\n", line);

	if (wb_hook_matches(header(s, text), &s->facts) != expected)
		fail_msg("'%s' %s", line,
			 expected ? "does not hold" : "holds, and should not");
}

static void words(void **state)
{
	static const char *const hold[] = {
		"pci-class:03",
		"pci-class:0300",
		"pci-class:030000",
		"pci-class:0200",
		"pci-vendor:10de",
		"pci-vendor:10DE",
		"boot-vga:10de",
		"modalias:pci:v000010DE*bc03*",
		"driver:nvidia",
		"driver:virtio_*",
		"module:kvm-intel",
		"kernel-before:6.1.37",
		"kernel-before:6.2",
		"kernel-before:6.10",
		"!pci-class:0c03",
		"!module:kvm_amd",
		"!cpus:offline",
		"!sriov:enabled",
		"!dmi:*",
		"module:kvm_amd module:nvidia",
		"module:kvm_amd !module:kvm_amd",
	};
	static const char *const do_not[] = {
		"pci-class:0301",
		"pci-class:00",
		"pci-class:0c",
		"pci-vendor:1002",
		"pci-vendor:0000",
		"boot-vga:8086",
		"boot-vga:0000",
		"modalias:pci:v00001002*",
		"modalias:v000010DE*",
		"driver:nvidi",
		"module:kvm_amd",
		"kernel-before:6.1.0",
		"kernel-before:5.15",
		"!pci-class:03",
		"!driver:nvidia !module:nvidia",
		"cpus:offline",
		"sriov:enabled",
		"dmi:*",
	};

	for (size_t i = 0; i < ARRAY_SIZE(hold); i++)
		assert_match(*state, hold[i], true);
	for (size_t i = 0; i < ARRAY_SIZE(do_not); i++)
		assert_match(*state, do_not[i], false);
}

static void words_of_the_machine(void **state)
{
	struct scene *s = *state;

	s->facts.state.cpus_offline = 2;
	assert_match(s, "cpus:offline", true);
	s->facts.state.virtual_functions = 1;
	assert_match(s, "sriov:enabled", true);
	s->facts.state.dmi = board;
	assert_match(s, "dmi:*:svnAppleInc.:pnMacBook*", true);
	assert_match(s, "dmi:*:pnMacBookAir7,2:*", true);
	assert_match(s, "dmi:*:svnLENOVO:*", false);
	s->facts.state.release = NULL;
	assert_match(s, "kernel-before:99.0", false);
}

static void every_line_has_to_hold(void **state)
{
	struct scene *s = *state;

	assert_true(wb_hook_matches(header(s, ""), &s->facts));
	assert_true(wb_hook_matches(
		header(s, "# Match: module:nvidia\n# Match: !cpus:offline\n"),
		&s->facts));
	assert_false(
		wb_hook_matches(header(s,
				       "# Match: module:nvidia\n# Match: cpus:offline\n"),
				&s->facts));
	assert_false(
		wb_hook_matches(header(s,
				       "# Match: cpus:offline\n# Match: module:nvidia\n"),
				&s->facts));
}

static void assert_used(struct scene *s, const char *lines, bool expected)
{
	if (wb_hook_applies(header(s, lines), &s->facts) != expected)
		fail_msg("%s%s", lines, expected ? "is not used" : "is used");
}

static void what_is_used(void **state)
{
	struct scene *s = *state;

	assert_used(s, "", true);
	assert_used(s, "# Modules: nvidia\n", true);
	assert_used(s, "# Modules: nouveau\n", false);
	assert_used(s, "# Units: x.service\n", false);
	assert_int_equal(wb_strv_append(&s->facts.units, "x.service"), 0);
	assert_used(s, "# Units: x.service\n", true);
	assert_used(s, "# Units: x.service\n# Modules: nouveau\n", true);
	assert_used(s, "# Drivers: virtio_*\n# Verdict: keep\n", true);
	assert_used(s, "# Drivers: nouveau\n# Verdict: keep\n", false);
	assert_used(s, "# Unbind: 0000:01:00.0\n", true);
	assert_used(s, "# Unbind: 0000:09:00.0\n", false);
	assert_used(s, "# Modules: nvidia\n# Match: cpus:offline\n", false);
	/* Device files alone: whether there are any. */
	assert_used(s, "# Devices: /dev/kvm\n", false);
	assert_used(s, "# Devices: /dev/kvm\n# Modules: nvidia\n", true);
}

static void what_is_used_for_its_device_files(void **state)
{
	struct scene *s = *state;
	struct wb_hook *h = header(s, "# Devices: /dev/kvm\n");

	h->nodes = calloc(1, sizeof(*h->nodes));
	h->n_nodes = 1;
	assert_true(wb_hook_applies(h, &s->facts));
	assert_int_equal(wb_set_format(&h->problem, "it is broken"), 0);
	assert_false(wb_hook_applies(h, &s->facts));
}

static void what_is_unbound(void **state)
{
	struct scene *s = *state;
	static const struct {
		const char *word;
		bool device[3];
	} cases[] = {
		{ "0000:01:00.0", { true, false, false } },
		{ "class:03", { true, false, false } },
		{ "driver:nv*", { true, false, false } },
		{ "driver:virtio_blk", { false, false, true } },
		{ "class:00", { false, false, false } },
		/* It has no driver, so there is nothing to unbind. */
		{ "0000:02:00.0", { false, false, false } },
		{ "class:02", { false, false, false } },
		{ "driver:*", { true, false, true } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *line = wb_format("# Unbind: %s\n", cases[i].word);
		struct wb_hook *h = header(s, line);

		for (size_t j = 0; j < 3; j++)
			if (wb_hook_unbinds(h, &s->devices[j]) != cases[i].device[j])
				fail_msg("%s and device %zu", cases[i].word, j);
	}
}

static void what_is_judged(void **state)
{
	struct scene *s = *state;
	struct wb_hook *h = header(s, "# Drivers: nouveau virtio_*\n# Verdict: keep\n");

	assert_false(wb_hook_judges(h, &s->devices[0]));
	assert_false(wb_hook_judges(h, &s->devices[1]));
	assert_true(wb_hook_judges(h, &s->devices[2]));
}

static void assert_addresses(struct scene *s, const char *lines, const char *expected)
{
	_cleanup_free_ char *list = wb_hook_pci_addresses(header(s, lines), &s->facts);

	assert_string_equal(list, expected);
}

/* What its code is told: WARMBOOT_PCI. */
static void addresses(void **state)
{
	struct scene *s = *state;

	assert_addresses(s, "", "");
	assert_addresses(s, "# Modules: nvidia\n", gpu);
	assert_addresses(s, "# Drivers: *\n# Verdict: keep\n", gpu);
	assert_addresses(s, "# Unbind: class:03\n", gpu);
	assert_addresses(s, "# Match: pci-class:02\n", nic);
	assert_addresses(s, "# Match: pci-class:02 pci-vendor:10de\n",
			 "0000:01:00.0 0000:02:00.0");
	assert_addresses(s, "# Match: !pci-class:02\n", "");
	assert_addresses(s, "# Match: module:nvidia\n", "");
}

static void assert_words(struct scene *s, const char *lines, const char *line,
			 const char *expected)
{
	_cleanup_free_ char *list = NULL;

	s->facts.hooks = header(s, lines);
	s->facts.n_hooks = 1;
	wb_hooks_find_used(&s->facts);
	list = wb_hook_cmdline(&s->facts, &s->target, line);
	assert_string_equal(list, expected);
}

static void words_for_the_next_kernel(void **state)
{
	struct scene *s = *state;

	assert_words(s, "# Cmdline: a=b quiet\n", "ro", "a=b quiet");
	assert_words(s, "# Cmdline: a=b quiet\n", "ro quiet", "a=b");
	assert_words(s, "# Cmdline: a=b\n", "a=c", "a=b");
	assert_words(s, "# Cmdline: a=b\n# Modules: nouveau\n", "ro", "");
	assert_words(s, "# Cmdline: a=b\n# Match: cpus:offline\n", "ro", "");
	assert_words(s, "# Cmdline: !nomodeset a=b\n", "ro", "a=b");
	assert_words(s, "# Cmdline: !nomodeset a=b\n", "ro nomodeset", "");
	assert_words(s, "# Cmdline: a=b !video\n", "video=efifb:off", "");
}

/* A driver that comes with the root alone is too late for some words. */
static void words_that_need_a_driver_early(void **state)
{
	static const char lines[] = "# Cmdline: a=b\n# Initramfs: nvidia i915\n";
	char i915[] = "i915", *there[] = { nvidia, NULL }, *other[] = { i915, NULL };
	struct scene *s = *state;
	struct wb_findings findings = { 0 };

	assert_words(s, lines, "ro", "a=b");
	s->target.early.known = true;
	assert_words(s, lines, "ro", "");
	assert_int_equal(wb_hook_cmdline_explain(&s->facts, &s->target, "ro", "ro",
						 &findings),
			 0);
	assert_int_equal(findings.n, 1);
	assert_int_equal(findings.items[0].severity, WB_WARNING);
	assert_non_null(strstr(findings.items[0].message, "--append=a=b"));
	assert_non_null(strstr(findings.items[0].message, "no nvidia or i915 before"));
	/* Somebody adds it all the same. */
	assert_int_equal(wb_hook_cmdline_explain(&s->facts, &s->target, "ro a=b",
						 "ro a=b", &findings),
			 0);
	assert_int_equal(findings.n, 1);
	s->target.early.modules = there;
	assert_words(s, lines, "ro", "a=b");
	/* One that drives nothing here does not count. */
	s->target.early.modules = other;
	assert_words(s, lines, "ro", "");
	s->target.early.modules = NULL;
	wb_findings_done(&findings);
}

static void words_are_explained(void **state)
{
	struct scene *s = *state;
	struct wb_findings findings = { 0 };

	s->facts.hooks = header(s, "# Cmdline: !x a=b quiet\n");
	s->facts.n_hooks = 1;
	wb_hooks_find_used(&s->facts);
	assert_true(s->hook->used);
	/* "quiet" was there, "a=b" came. */
	assert_int_equal(wb_hook_cmdline_explain(&s->facts, &s->target, "ro quiet",
						 "ro quiet a=b", &findings),
			 0);
	assert_int_equal(findings.n, 1);
	assert_string_equal(findings.items[0].subject, "h");
	assert_non_null(strstr(findings.items[0].message, "--remove=a=b"));
	/* It was asked to leave it out. */
	assert_int_equal(wb_hook_cmdline_explain(&s->facts, &s->target, "ro quiet",
						 "ro quiet", &findings),
			 0);
	assert_int_equal(findings.n, 1);
	wb_findings_done(&findings);
}

#define match_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		match_test(words),
		match_test(words_of_the_machine),
		match_test(every_line_has_to_hold),
		match_test(what_is_used),
		match_test(what_is_used_for_its_device_files),
		match_test(what_is_unbound),
		match_test(what_is_judged),
		match_test(addresses),
		match_test(words_for_the_next_kernel),
		match_test(words_that_need_a_driver_early),
		match_test(words_are_explained),
	};

	return RUN_TESTS(tests);
}
