/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who holds what has to go: what is ended for that and in which order, and who never. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/held.h"
#include "planning.h"
#include "unit.h"

/* A process with the node open. */
static void hold(struct planning *p, int pid, const char *comm, const char *cgroup,
		 const char *node)
{
	_cleanup_free_ char *comm_path = wb_format("proc/%d/comm", pid);
	_cleanup_free_ char *group_path = wb_format("proc/%d/cgroup", pid);
	_cleanup_free_ char *group = wb_format("0::%s\n", cgroup);
	_cleanup_free_ char *fd = wb_format("proc/%d/fd/3", pid);

	fixture_file(&p->f, comm_path, comm);
	fixture_file(&p->f, group_path, group);
	fixture_link(&p->f, fd, node);
}

static void run_unit(struct planning *p, int pid, const char *unit)
{
	_cleanup_free_ char *cgroup = wb_format("/system.slice/%s", unit);

	hold(p, pid, "daemon", cgroup, "/dev/null");
}

static void require(struct planning *p, const char *required)
{
	_cleanup_free_ char *text = wb_format("# Warmboot-Hook: 1\n"
					      "# Modules: nvidia_drm nvidia\n"
					      "# Devices: /dev/nvidia*\n"
					      "# Required: %s\n",
					      required);

	fixture_file(&p->f, "usr/lib/warmboot/hooks.d/nvidia", text);
}

/* Found before anything is touched. */
static void who_is_never_ended(void **state)
{
	static const char *const groups[] = {
		"/init.scope",
		"/system.slice/ssh.service",
		"/system.slice/system-sshd.slice/sshd@1-2.service",
		"/system.slice/NetworkManager.service",
		"/system.slice/systemd-logind.service",
		"/system.slice/dbus.service",
		"/system.slice/systemd-journald.service",
	};
	struct planning *p = *state;

	hold(p, 77, "python3\n", "/", "/dev/nvidia0");
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		_cleanup_free_ char *group = wb_format("0::%s\n", groups[i]);

		fixture_file(&p->f, "proc/77/cgroup", group);
		planning_build(p);
		if (!planning_says(p, WB_BLOCKER, "held by python3 (pid 77, "))
			fail_msg("%s does not matter", groups[i]);
		assert_true(planning_says(p, WB_BLOCKER, "alone with --keep=nvidia_drm"));
	}
	/* What may fail is no reason. */
	require(p, "no");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_true(planning_says(p, WB_WARNING, "held by python3 (pid 77, "));
	/* The way out that is named. */
	require(p, "yes");
	p->request.keep = (char *[]){ (char[]){ "nvidia_drm" }, NULL };
	planning_build(p);
	assert_false(planning_says(p, WB_BLOCKER, "held by python3"));
}

static void who_lets_go_by_himself(void **state)
{
	struct planning *p = *state;

	hold(p, 77, "udev-worker\n", "/system.slice/systemd-udevd.service",
	     "/dev/nvidia0");
	hold(p, 78, "python3\n", "/docker/0123", "/dev/nvidia0");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	assert_non_null(strstr(planning_first(p, WB_STEP_RELEASE_DEVICES)->because,
			       "process 78"));
}

static void the_own_session(void **state)
{
	struct planning *p = *state;

	hold(p, 77, "python3\n", "/user.slice/user-0.slice/session-4.scope",
	     "/dev/nvidia0");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	p->request.session = "44";
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	p->request.session = "4";
	planning_build(p);
	assert_true(planning_says(p, WB_BLOCKER, "python3 (pid 77, session-4.scope"));
}

/* Not logind is ended, but the session. */
static void for_whom_logind_holds_it(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	hold(p, 77, "systemd-logind\n", "/system.slice/systemd-logind.service",
	     "/dev/dri/card0");
	fixture_file(&p->f, "run/systemd/sessions/2", "SEAT=seat0\nDEVICES=226:1\n");
	fixture_file(&p->f, "run/systemd/sessions/3", "SEAT=seat0\nDEVICES=226:0\n");
	planning_build(p);
	assert_null(wb_findings_blocker(&p->plan->findings));
	s = planning_first(p, WB_STEP_RELEASE_DEVICES);
	assert_non_null(strstr(s->because, "session-3.scope"));
	assert_null(strstr(s->because, "session-2"));
	assert_null(strstr(s->because, "logind"));
	assert_true(wb_strv_contains(
		s->held_by, "systemd-logind (pid 77, for session 3, /dev/dri/card0)"));
}

/* Whatever their number. */
static void all_by_name(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	for (int pid = 1000; pid < 1040; pid++)
		hold(p, pid, "worker\n", "/system.slice/jobs.service", "/dev/nvidia0");
	planning_build(p);
	s = planning_first(p, WB_STEP_RELEASE_DEVICES);
	assert_int_equal(wb_strv_length(s->held_by), 41);
	assert_true(wb_strv_contains(s->held_by,
				     "worker (pid 1039, jobs.service, /dev/nvidia0)"));
	/* Named once as what is ended. */
	assert_null(strstr(strstr(s->because, "jobs.service") + 1, "jobs.service"));
}

/* Those who would start a container again go before it, and who serves it after it. */
static void engines_first(void **state)
{
	struct planning *p = *state;
	const struct wb_step *kubelet, *docker, *jobs, *served;

	hold(p, 70, "train\n", "/system.slice/docker-0123.scope", "/dev/nvidia0");
	hold(p, 71, "infer\n", "/kubepods.slice/cri-containerd-4567.scope",
	     "/dev/nvidia0");
	run_unit(p, 80, "containerd.service");
	planning_build(p);
	assert_null(planning_step(p, WB_STEP_STOP_UNIT, "docker.service"));
	run_unit(p, 81, "docker.service");
	run_unit(p, 82, "kubelet.service");
	planning_build(p);
	kubelet = planning_step(p, WB_STEP_STOP_UNIT, "kubelet.service");
	docker = planning_step(p, WB_STEP_STOP_UNIT, "docker.service");
	jobs = planning_step(p, WB_STEP_RELEASE_DEVICES, "nvidia");
	served = planning_step(p, WB_STEP_STOP_UNIT, "nvidia-persistenced.service");
	assert_non_null(kubelet);
	assert_non_null(docker);
	assert_true(kubelet->required && docker->required);
	assert_true(docker < jobs && kubelet < jobs && jobs < served);
	assert_non_null(strstr(docker->because, "train (pid 70)"));
	/* Starts nothing by itself. */
	assert_null(planning_step(p, WB_STEP_STOP_UNIT, "containerd.service"));
}

/* An out-of-tree module without a class, a device and a hook. */
static void by_the_name_of_the_module(void **state)
{
	struct planning *p = *state;
	const struct wb_step *s;

	fixture_file(&p->f, "proc/modules", "onload 1 4 - Live 0x0 (OE)\n");
	fixture_file(&p->f, "proc/devices", "Character devices:\n238 onload\n");
	fixture_file(&p->f, "dev/onload", "c 238:0\n");
	hold(p, 77, "feed\n", "/system.slice/feed.service", "/dev/onload");
	p->request.unload = (char *[]){ (char[]){ "onload" }, NULL };
	planning_build(p);
	s = planning_step(p, WB_STEP_RELEASE_DEVICES, "other modules");
	assert_non_null(s);
	assert_true(wb_strv_contains(s->devices, "c 238:*"));
	assert_true(
		wb_strv_contains(s->held_by, "feed (pid 77, feed.service, /dev/onload)"));
	/* And whoever still has it when the module does not go is named. */
	s = planning_step(p, WB_STEP_REMOVE_MODULE, "onload");
	assert_true(wb_strv_contains(s->devices, "c 238:*"));
}

static const struct wb_holder *holder_of(const struct planning *p, const char *path)
{
	for (size_t i = 0; i < p->facts.holders.n; i++)
		if (strcmp(p->facts.holders.items[i].path, path) == 0)
			return &p->facts.holders.items[i];
	fail_msg("nobody holds %s", path);
	return NULL;
}

/* By the nodes that a hook names, except for those of other devices. */
static void what_a_device_is_held_by(void **state)
{
	const char *other = "../../../devices/pci0000:00/0000:00:02.0";
	struct planning *p = *state;
	const struct wb_device *nvidia, *intel;

	fixture_file(&p->f, "usr/lib/warmboot/hooks.d/nvidia",
		     "# Warmboot-Hook: 1\n# Modules: nvidia_drm nvidia\n"
		     "# Devices: /dev/nvidia* /dev/dri/*\n");
	fixture_link(&p->f, "sys/bus/pci/devices/0000:00:02.0", other);
	fixture_file(&p->f, "sys/devices/pci0000:00/0000:00:02.0/class", "0x030000\n");
	fixture_link(&p->f, "sys/devices/pci0000:00/0000:00:02.0/driver",
		     "../../../bus/pci/drivers/i915");
	fixture_link(&p->f, "sys/dev/char/226:1",
		     "../../devices/pci0000:00/0000:00:02.0/drm/card1");
	fixture_file(&p->f, "dev/dri/card1", "c 226:1\n");
	hold(p, 77, "weston\n", "/system.slice/weston.service", "/dev/dri/card1");
	planning_look(p);
	assert_int_equal(p->facts.n_devices, 2);
	intel = &p->facts.devices[0];
	nvidia = &p->facts.devices[1];
	assert_string_equal(nvidia->driver, "nvidia");
	assert_true(wb_device_is_held(&p->facts, nvidia, holder_of(p, "/dev/nvidia0")));
	assert_true(wb_device_is_held(&p->facts, nvidia, holder_of(p, "/dev/dri/card0")));
	assert_false(
		wb_device_is_held(&p->facts, nvidia, holder_of(p, "/dev/dri/card1")));
	assert_true(wb_device_is_held(&p->facts, intel, holder_of(p, "/dev/dri/card1")));
	assert_false(wb_device_is_held(&p->facts, intel, holder_of(p, "/dev/nvidia0")));
}

#define holders_test(name)                                                               \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		holders_test(who_is_never_ended),
		holders_test(who_lets_go_by_himself),
		holders_test(the_own_session),
		holders_test(for_whom_logind_holds_it),
		holders_test(all_by_name),
		holders_test(engines_first),
		holders_test(by_the_name_of_the_module),
		holders_test(what_a_device_is_held_by),
	};

	return RUN_TESTS(tests);
}
