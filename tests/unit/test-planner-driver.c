/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/plan-text.h"
#include "planning.h"
#include "unit.h"

/* What the verdicts on devices make of a plan. The desktop, with more devices. */

#define CARD "devices/pci0000:00/0000:05:00.0"
#define DISK "devices/pci0000:00/0000:06:00.0"

static void put(struct planning *p, const char *bus, const char *path, const char *driver,
		const char *module)
{
	_cleanup_free_ char *link =
		wb_format("sys/bus/%s/devices/%s", bus, strrchr(path, '/') + 1);
	_cleanup_free_ char *target = wb_format("../../../%s", path);
	_cleanup_free_ char *own = wb_format("sys/%s/driver", path);
	_cleanup_free_ char *at = wb_format("/sys/bus/%s/drivers/%s", bus, driver);
	_cleanup_free_ char *of = wb_format("%s/module", at + 1);
	_cleanup_free_ char *from = wb_format("../../../../module/%s", module);

	_cleanup_free_ char *folder = wb_format("sys/module/%s", module);

	fixture_folder(&p->f, folder);
	fixture_link(&p->f, link, target);
	fixture_link(&p->f, own, at);
	if (!wb_root_exists(&p->f.root, of))
		fixture_link(&p->f, of, from);
}

/* A card of a driver that nothing knows, and a disk with a mounted file system. */
static int setup(void **state)
{
	struct planning *p;

	planning_setup(state);
	p = *state;
	put(p, "pci", CARD, "card", "card");
	fixture_link(&p->f, "sys/dev/char/240:0", "../../" CARD "/card/card0");
	put(p, "pci", DISK, "disk", "disk");
	put(p, "pci", "devices/pci0000:00/0000:00:17.0", "ahci", "ahci");
	fixture_link(&p->f, "sys/dev/block/8:1",
		     "../../devices/pci0000:00/0000:00:17.0/ata1/block/sda/sda1");
	fixture_link(&p->f, "sys/dev/block/259:1", "../../" DISK "/block/disk0");
	fixture_file(&p->f, "proc/modules",
		     "nvidia_drm 1 4 - Live 0x0\n"
		     "nvidia_modeset 1 1 nvidia_drm, Live 0x0\n"
		     "nvidia 1 2 nvidia_modeset, Live 0x0\n"
		     "card 1 0 - Live 0x0\ndisk 1 1 - Live 0x0\n");
	return 0;
}

static void configure(struct planning *p, struct wb_config *config, const char *words)
{
	_cleanup_strv_ char **list = NULL;

	assert_int_equal(wb_strv_split(&list, words), 0);
	for (char **word = list; word && *word; word++)
		assert_int_equal(wb_strv_append(&config->verdicts, *word), 0);
	assert_int_equal(wb_request_use_config(&p->request, config), 0);
}

static void done(struct planning *p, struct wb_config *config)
{
	p->request.config = NULL;
	p->request.kill = false;
	wb_strv_free(config->verdicts);
}

static void unknown_ones(void **state)
{
	struct planning *p = *state;
	size_t n = 0;

	put(p, "pci", "devices/pci0000:00/0000:05:00.1", "card", "card");
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING, "0000:05:00.0, 0000:05:00.1 may not"));
	assert_null(wb_findings_blocker(&p->plan->findings));
	for (size_t i = 0; i < p->plan->findings.n; i++)
		n += strcmp(p->plan->findings.items[i].subject, "card") == 0;
	/* One for a driver, however many devices it has. */
	assert_int_equal(n, 1);
}

static void bad_ones(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	configure(p, &config, "card bad");
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "0000:05:00.0 will not work"));
	done(p, &config);
}

static void unbound(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { .module_timeout_usec = 7 };
	const struct wb_step *s, *last;

	configure(p, &config, "card unbind");
	planning_build(p);
	s = planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:05:00.0");
	assert_non_null(s);
	assert_int_equal(s->phase, WB_PHASE_QUIESCE);
	assert_true(s->required);
	assert_true(s->timeout_usec == 7);
	assert_true(wb_strv_contains(s->devices, "c 240:0"));
	assert_int_equal(s->group, 0);
	/* Consoles before it, modules behind it; its holders were asked to go. */
	assert_true(planning_first(p, WB_STEP_UNBIND_CONSOLE) < s);
	last = planning_first(p, WB_STEP_REMOVE_MODULE);
	assert_true(s < last);
	s = planning_step(p, WB_STEP_RELEASE_DEVICES, "other modules");
	assert_non_null(s);
	assert_true(wb_strv_contains(s->devices, "c 240:0"));
	done(p, &config);
}

/* What is inside goes first, and what has nothing to do with each other together. */
static void in_groups(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };
	const struct wb_step *inner, *outer, *other;

	put(p, "virtio", CARD "/virtio0", "inner", "inner");
	configure(p, &config, "card late disk late inner late");
	planning_build(p);
	outer = planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:05:00.0");
	other = planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:06:00.0");
	inner = planning_step(p, WB_STEP_UNBIND_DEVICE, "virtio virtio0");
	/* Only addresses of PCI and drivers are words of the configuration. */
	assert_non_null(inner);
	assert_non_null(outer);
	assert_non_null(other);
	assert_int_equal(outer->phase, WB_PHASE_LATE);
	assert_true(inner < outer);
	assert_true(other->group != 0);
	assert_int_equal(inner->group, other->group);
	assert_int_equal(outer->group, 0);
	/* With --force nobody is called when all has stopped. */
	p->request.force = true;
	planning_build(p);
	assert_null(planning_first(p, WB_STEP_UNBIND_DEVICE));
	assert_true(planning_says(p, WB_WARNING, "which --force leaves out"));
	done(p, &config);
}

static void in_the_shutdown_initramfs(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;
	_cleanup_free_ char *text = NULL;
	const struct wb_step *last;
	size_t size;
	FILE *f;

	configure(p, &config, "card exitrd disk late");
	planning_look(p);
	p->facts.state.dracut_late = true;
	assert_int_equal(wb_planner_build(&p->in, &plan), 0);
	for (size_t i = 1; i < plan->n_steps; i++)
		assert_true(plan->steps[i - 1].phase <= plan->steps[i].phase);
	last = NULL;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].phase == WB_PHASE_EXITRD)
			last = &plan->steps[i];
	assert_non_null(last);
	assert_string_equal(last->target, "pci 0000:05:00.0");
	f = open_memstream(&text, &size);
	assert_int_equal(wb_plan_to_text(plan, 0, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(text, "\nExitrd: when the root is unmounted\n"));
	/* Without it that comes a little earlier. */
	planning_build(p);
	assert_int_equal(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:05:00.0")
				 ->phase,
			 WB_PHASE_LATE);
	assert_true(
		planning_says(p, WB_INFO,
			      "0000:05:00.0 is put to rest when every service has "
			      "stopped: Verdict=card exitrd in the configuration, but "
			      "the shutdown initramfs has no warmboot in it"));
	/* Below the root it is left to its shutdown, which somebody should know. */
	fixture_file(&p->f, "proc/self/mountinfo", "1 0 259:1 / / rw - ext4 /dev/x rw\n");
	done(p, &config);
	config = (struct wb_config){ 0 };
	configure(p, &config, "disk exitrd");
	planning_build(p);
	assert_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:06:00.0"));
	assert_true(planning_says(p, WB_WARNING,
				  "0000:06:00.0 cannot be put to rest at the very end"));
	done(p, &config);
	config = (struct wb_config){ 0 };
	configure(p, &config, "disk late");
	planning_build(p);
	assert_true(planning_says(p, WB_WARNING,
				  "0000:06:00.0 cannot be taken from its driver: "
				  "Verdict=disk late"));
	done(p, &config);
	/* Nor is it a hook's to take away what the root is on. */
	fixture_file(&p->f, "etc/warmboot/hooks.d/disks",
		     "# Warmboot-Hook: 1\n# Unbind: driver:disk\n# Phase: late\n");
	planning_build(p);
	assert_true(planning_says(p, WB_INFO,
				  "0000:06:00.0 is left to its own shutdown: the hook "
				  "disks has it unbound, but the system's own"));
	fixture_remove(&p->f, "etc/warmboot/hooks.d/disks");
}

static void with_a_file_system(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { .unit_timeout_usec = 9, .kill = true };
	const struct wb_step *inner, *outer;

	fixture_file(&p->f, "proc/self/mountinfo",
		     "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
		     "2 1 259:1 / /srv rw - ext4 /dev/disk0 rw\n"
		     "3 2 259:1 /x /srv/x rw - ext4 /dev/disk0 rw\n");
	configure(p, &config, "disk unload");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	inner = planning_step(p, WB_STEP_STOP_UNIT, "srv-x.mount");
	outer = planning_step(p, WB_STEP_STOP_UNIT, "srv.mount");
	assert_non_null(inner);
	assert_non_null(outer);
	assert_true(inner < outer);
	assert_true(outer->timeout_usec == 9);
	assert_true(planning_first(p, WB_STEP_RELEASE_DEVICES)->kill);
	assert_non_null(strstr(planning_step(p, WB_STEP_REMOVE_MODULE, "disk")->because,
			       "/srv is mounted from it"));
	/* Late, systemd has unmounted it. */
	done(p, &config);
	config = (struct wb_config){ 0 };
	configure(p, &config, "disk late");
	planning_build(p);
	assert_null(planning_step(p, WB_STEP_STOP_UNIT, "srv.mount"));
	assert_false(planning_first(p, WB_STEP_RELEASE_DEVICES)->kill);
	done(p, &config);
}

/* A tunnel is made by a controller that is no ancestor of what is at its end. */
static void behind_thunderbolt(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	put(p, "pci", "devices/pci0000:00/0000:00:0d.2", "thunderbolt", "thunderbolt");
	fixture_file(&p->f, "proc/modules",
		     "disk 1 1 - Live 0x0\nthunderbolt 1 0 - Live 0x0\n");
	fixture_file(&p->f, "sys/" DISK "/removable", "removable\n");
	configure(p, &config, "thunderbolt late");
	planning_build(p);
	assert_non_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:00:0d.2"));
	assert_false(planning_says(p, WB_WARNING, "its shutdown cuts them off"));
	fixture_file(&p->f, "proc/self/mountinfo", "1 0 259:1 / / rw - ext4 /dev/x rw\n");
	planning_build(p);
	assert_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:00:0d.2"));
	assert_true(planning_says(p, WB_WARNING,
				  "0000:00:0d.2 is on the way to the system's own file "
				  "systems, and its shutdown cuts them off"));
	/* The same disk inside of the machine. */
	fixture_file(&p->f, "sys/" DISK "/removable", "fixed\n");
	planning_build(p);
	assert_non_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:00:0d.2"));
	assert_false(planning_says(p, WB_WARNING, "its shutdown cuts them off"));
	done(p, &config);
}

static void with_an_array(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	fixture_link(&p->f, "sys/dev/block/9:0", "../../devices/virtual/block/md0");
	fixture_link(&p->f, "sys/devices/virtual/block/md0/slaves/disk0", "../x");
	configure(p, &config, "disk unbind");
	planning_build(p);
	assert_true(
		planning_says(p, WB_BLOCKER, "and md0 is made of it; end that first"));
	done(p, &config);
}

static void below_the_root(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	fixture_file(&p->f, "proc/self/mountinfo",
		     "1 0 259:1 / / rw - ext4 /dev/disk0 rw\n");
	configure(p, &config, "disk unload");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_null(planning_step(p, WB_STEP_REMOVE_MODULE, "disk"));
	assert_null(planning_first(p, WB_STEP_UNBIND_DEVICE));
	done(p, &config);
}

static void what_cannot_be_done(void **state)
{
	struct planning *p = *state;

	fixture_file(&p->f, "proc/modules",
		     "nvidia 1 0 [permanent], Live 0x0\ncard 1 0 - Live 0x0\n");
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "0000:01:00.0 has to be put to rest"));
}

static void blocked_modules(void **state)
{
	struct planning *p = *state;
	struct wb_hook *h;
	const struct wb_step *s;
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;

	planning_look(p);
	for (size_t i = 0; i < p->facts.n_hooks; i++) {
		h = &p->facts.hooks[i];
		if (strcmp(h->name, "nvidia") == 0)
			assert_int_equal(wb_strv_split(&h->block, "nvidia nouveau"), 0);
	}
	assert_int_equal(wb_planner_build(&p->in, &plan), 0);
	wb_plan_free(p->plan);
	p->plan = TAKE_PTR(plan);
	s = planning_step(p, WB_STEP_BLOCK_MODULES, "nvidia");
	assert_non_null(s);
	assert_true(wb_strv_contains(s->modules, "nouveau"));
	assert_true(s < planning_first(p, WB_STEP_UNBIND_CONSOLE));
	assert_true(planning_first(p, WB_STEP_RELEASE_DEVICES) < s);
}

static void the_fallback(void **state)
{
	struct planning *p = *state;

	planning_build(p);
	assert_false(p->plan->reboot);
	p->request.reboot = true;
	planning_build(p);
	assert_true(p->plan->reboot);
}

/* The component framework shows no holder: without the card the driver would not go. */
/* A driver that must not be unbound: one finding for all of its devices, and no step. */
static void with_an_obstacle(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	put(p, "pci", "devices/pci0000:00/0000:07:00.0", "vfio-pci", "vfio_pci");
	put(p, "pci", "devices/pci0000:00/0000:07:00.1", "vfio-pci", "vfio_pci");
	configure(p, &config, "vfio-pci unbind");
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER,
				  "0000:07:00.0, 0000:07:00.1 has to be put to rest"));
	assert_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:07:00.0"));
	assert_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:07:00.1"));
	done(p, &config);
}

/* What is reached through the device goes with it. */
static void with_what_is_inside(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };
	const struct wb_step *s;

	put(p, "virtio", CARD "/virtio0", "inner", "inner");
	fixture_link(&p->f, "sys/dev/block/254:0", "../../" CARD "/virtio0/block/vda");
	configure(p, &config, "card late");
	planning_build(p);
	s = planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:05:00.0");
	assert_non_null(s);
	assert_true(wb_strv_contains(s->devices, "c 240:0"));
	assert_true(wb_strv_contains(s->devices, "b 254:0"));
	done(p, &config);
}

/* One of two of a driver is kept: the module stays, and the other is unbound. */
static void with_one_kept(void **state)
{
	struct planning *p = *state;
	struct wb_config config = { 0 };

	put(p, "pci", "devices/pci0000:00/0000:05:00.1", "card", "card");
	configure(p, &config, "card unload 0000:05:00.1 keep");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_null(planning_step(p, WB_STEP_REMOVE_MODULE, "card"));
	assert_non_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:05:00.0"));
	assert_null(planning_step(p, WB_STEP_UNBIND_DEVICE, "pci 0000:05:00.1"));
	done(p, &config);
}

static void with_sound(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	put(p, "pci", "devices/pci0000:00/0000:00:02.0", "i915", "i915");
	fixture_file(&p->f, "sys/devices/pci0000:00/0000:00:02.0/class", "0x030000\n");
	put(p, "pci", "devices/pci0000:00/0000:00:1f.3", "snd_hda_intel",
	    "snd_hda_intel");
	fixture_file(&p->f, "sys/devices/pci0000:00/0000:00:1f.3/class", "0x040300\n");
	fixture_file(&p->f, "sys/devices/pci0000:00/0000:00:1f.3/vendor", "0x8086\n");
	fixture_link(&p->f, "sys/dev/char/116:2",
		     "../../devices/pci0000:00/0000:00:1f.3/sound/card0/controlC0");
	fixture_file(&p->f, "proc/modules",
		     "i915 1 2 - Live 0x0\nsnd_hda_intel 1 1 - Live 0x0\n"
		     "nvidia 1 0 - Live 0x0\n");
	/* By the table its shutdown is enough. */
	planning_build(p);
	assert_null(planning_step(p, WB_STEP_REMOVE_MODULE, "snd_hda_intel"));
	p->request.unload = (char *[]){ (char[]){ "i915" }, NULL };
	planning_build(p);
	s = planning_step(p, WB_STEP_REMOVE_MODULE, "snd_hda_intel");
	assert_non_null(s);
	assert_true(s < planning_step(p, WB_STEP_REMOVE_MODULE, "i915"));
	assert_true(s->group != planning_step(p, WB_STEP_REMOVE_MODULE, "i915")->group ||
		    s->group == 0);
	s = planning_step(p, WB_STEP_RELEASE_DEVICES, "other modules");
	assert_true(wb_strv_contains(s->devices, "c 116:2"));
	p->request.unload = NULL;
}

#define plan_test(name) cmocka_unit_test_setup_teardown(name, setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		plan_test(unknown_ones),
		plan_test(bad_ones),
		plan_test(unbound),
		plan_test(in_groups),
		plan_test(in_the_shutdown_initramfs),
		plan_test(with_a_file_system),
		plan_test(behind_thunderbolt),
		plan_test(with_an_array),
		plan_test(below_the_root),
		plan_test(what_cannot_be_done),
		plan_test(blocked_modules),
		plan_test(the_fallback),
		plan_test(with_sound),
		plan_test(with_an_obstacle),
		plan_test(with_what_is_inside),
		plan_test(with_one_kept),
	};

	return RUN_TESTS(tests);
}
