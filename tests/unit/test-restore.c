/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A machine is as before, whatever fails and whenever the run is killed; and steps that
 * go at the same time. */

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "scene.h"
#include "sys/interrupt.h"
#include "unit.h"

/* --- a machine, and what it is like ---------------------------------------------------
 */

static void machine(struct scene *scene)
{
	struct fake_sys *fake = &scene->fake;

	fake_file(fake, "sys/module/gpu/initstate", "live\n");
	fake_file(fake, "sys/module/gpu/parameters/modeset", "1\n");
	fake_file(fake, "sys/module/gpu_drm/initstate", "live\n");
	scene_pci(scene, "0000:01:00.0", "gpu", "(null)\n");
	scene_pci(scene, "0000:01:00.1", "snd_hda_intel", "(null)\n");
	fake_link(fake, "sys/module/gpu/drivers/pci:gpu", "../../../bus/pci/drivers/gpu");
	fake_file(fake, "sys/class/vtconsole/vtcon0/name", "(S) dummy device\n");
	fake_file(fake, "sys/class/vtconsole/vtcon0/bind", "0\n");
	fake_file(fake, "sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n");
	fake_file(fake, "sys/class/vtconsole/vtcon1/bind", "1\n");
	fake_file(fake, "run/modprobe.d/.keep", "");
}

static void lose_the_driver(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "rmmod gpu") == 0)
		fake_remove(fake, "sys/bus/pci/devices/0000:01:00.0/driver");
}

static void set_argv(char ***argv, const char *text)
{
	assert_int_equal(wb_strv_split(argv, text), 0);
}

/* One step of each kind that has an undo. */
static void add_steps(struct scene *scene)
{
	struct wb_step *s;

	s = scene_add_phase(scene, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, "6.1");
	set_argv(&s->argv, "/sbin/kexec --load /boot/vmlinuz");
	set_argv(&s->undo_argv, "/sbin/kexec --unload");
	scene_add(scene, WB_STEP_ISOLATE, "multi-user.target");
	scene_add(scene, WB_STEP_STOP_UNIT, "nvidia-persistenced.service");
	s = scene_add(scene, WB_STEP_RELEASE_DEVICES, "gpu");
	set_argv(&s->devices, "");
	s = scene_add(scene, WB_STEP_RUN_HOOK, "gpu");
	set_argv(&s->argv, "/hooks/gpu quiesce");
	set_argv(&s->undo_argv, "/hooks/gpu resume");
	s = scene_add(scene, WB_STEP_BLOCK_MODULES, "gpu");
	set_argv(&s->modules, "gpu gpu_drm");
	scene_add(scene, WB_STEP_UNBIND_CONSOLE, "vtcon1");
	scene_add(scene, WB_STEP_UNBIND_DEVICE, "pci 0000:01:00.1");
	scene_add(scene, WB_STEP_REMOVE_MODULE, "gpu_drm");
	scene_add(scene, WB_STEP_REMOVE_MODULE, "gpu");
	scene_add_phase(scene, WB_PHASE_COMMIT, WB_STEP_SYNC, "file systems");
	scene_add_phase(scene, WB_PHASE_COMMIT, WB_STEP_KEXEC, "kexec.target");
}

static FILE *snapshot_file;
static size_t snapshot_prefix;

static int describe_one(const char *path, const struct stat *st, int kind,
			struct FTW *ftw)
{
	const char *name = path + snapshot_prefix;
	char text[4096] = "";
	ssize_t n = 0;

	(void)ftw;
	(void)st;
	/* What is about the run itself, and a folder for it. */
	if (strstr(name, "/warmboot") || kind == FTW_D)
		return 0;
	if (kind == FTW_SL) {
		n = readlink(path, text, sizeof(text) - 1);
	} else {
		FILE *f = fopen(path, "r");

		n = (ssize_t)fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	fprintf(snapshot_file, "%s = %s\n", name, wb_strip_end(text));
	return 0;
}

/* All files and links, one to a line. The caller's. */
static char *snapshot(struct scene *scene)
{
	_cleanup_strv_ char **lines = NULL;
	char *text = NULL, *rest, *line;
	size_t size;

	snapshot_file = open_memstream(&text, &size);
	snapshot_prefix = strlen(scene->fake.folder);
	nftw(scene->fake.folder, describe_one, 16, FTW_PHYS);
	fclose(snapshot_file);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		assert_int_equal(wb_strv_append(&lines, line), 0);
	free(text);
	wb_strv_sort(lines);
	return wb_strv_join(lines, "\n");
}

static struct scene *begin(char **ret_before)
{
	void *state;

	assert_int_equal(scene_set_up(&state), 0);
	machine(state);
	add_steps(state);
	*ret_before = snapshot(state);
	((struct scene *)state)->fake.on_act = lose_the_driver;
	return state;
}

static void assert_as_before(struct scene *scene, const char *before, const char *when)
{
	_cleanup_free_ char *after = snapshot(scene);

	if (strcmp(before, after) != 0)
		fail_msg("%s:\n--- before\n%s\n--- after\n%s\n--- acts\n%s", when, before,
			 after, fake_trace(&scene->fake));
}

static void end(struct scene *scene)
{
	void *state = scene;

	assert_int_equal(scene_tear_down(&state), 0);
}

/* --- a failure of each act in turn ----------------------------------------------------
 */

static char **acts_of_a_run(void)
{
	_cleanup_free_ char *before = NULL, *text = NULL;
	struct scene *scene = begin(&before);
	char **acts = NULL, *rest, *line;

	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	text = strdup(fake_trace(&scene->fake));
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			assert_int_equal(wb_strv_append(&acts, line), 0);
	end(scene);
	return acts;
}

static void whatever_fails_is_undone(void **state)
{
	_cleanup_strv_ char **acts = acts_of_a_run();

	(void)state;
	assert_true(wb_strv_length(acts) >= 9);
	for (char **p = acts; *p; p++) {
		/* Of a program the status, of all else the error. */
		struct fake_rule rules[] = {
			{ *p, wb_startswith(*p, "spawn") ? 5 : -EPERM, 1 }, { 0 }
		};
		_cleanup_free_ char *before = NULL;
		struct scene *scene = begin(&before);
		enum wb_end ended = scene_run(scene, rules);

		if (strcmp(*p, "enqueue kexec.target") == 0) {
			assert_int_equal(ended, WB_END_COLD);
		} else if (strstr(*p, "driver_override")) {
			/* It only guards against others. */
			assert_int_equal(ended, WB_END_HANDED_OVER);
		} else {
			if (ended != WB_END_UNDONE)
				fail_msg("%s: %s", *p, wb_end_to_string(ended));
			assert_non_null(scene->record->failure);
			assert_as_before(scene, before, *p);
		}
		end(scene);
	}
}

/* --- a SIGKILL at each act in turn ----------------------------------------------------
 */

static size_t last_act;

/* In the trace, which all processes of a run share. */
static size_t count_acts(struct fake_sys *fake)
{
	size_t n = 0;

	for (const char *p = fake_trace(fake); *p; p++)
		n += *p == '\n';
	return n;
}

/* The run, and with it its process for the step. */
static void kill_the_run(struct fake_sys *fake)
{
	kill(fake->run, SIGKILL);
	for (;;)
		pause();
}

static void die_before_the_act(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "pause") != 0 && count_acts(fake) == last_act)
		kill_the_run(fake);
	lose_the_driver(fake, act);
}

static void die_after_the_act(struct fake_sys *fake)
{
	if (count_acts(fake) == last_act)
		kill_the_run(fake);
}

/* True where it was killed, false where it came to its end. */
static bool run_and_die(struct scene *scene)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		scene->fake.run = getpid();
		(void)scene_run(scene, NULL);
		_exit(EXIT_SUCCESS);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status);
}

static unsigned int kill_and_restore_at_each_act(bool after)
{
	unsigned int n = 0;
	bool killed = true;

	while (killed) {
		_cleanup_free_ char *before = NULL, *text = NULL, *when = NULL;
		struct scene *scene = begin(&before);

		last_act = ++n;
		if (after)
			scene->fake.on_done = die_after_the_act;
		else
			scene->fake.on_act = die_before_the_act;
		killed = run_and_die(scene);
		scene->fake.on_done = NULL;
		text = scene_record_text(scene);
		when = wb_format("killed %s act %u", after ? "after" : "before", n);
		if (killed) {
			assert_int_equal(scene_restore_from(scene, text), 0);
			assert_as_before(scene, before, when);
		}
		end(scene);
	}
	return n;
}

static void a_run_that_was_killed_is_undone(void **state)
{
	(void)state;
	/* Each act, of whatever kinds there are; before the hand-over, too. */
	assert_true(kill_and_restore_at_each_act(false) >= 11);
	assert_true(kill_and_restore_at_each_act(true) >= 8);
}

/* In the middle of the undo, too: what is undone stays so. */
static void an_undo_that_was_killed_goes_on(void **state)
{
	_cleanup_free_ char *before = NULL, *text = NULL;
	struct fake_rule rules[] = { { "sync all", -ETIMEDOUT, 1 }, { 0 } };
	struct scene *scene = begin(&before);
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		/* 9 acts down and the sync; then in the undo of the second module. */
		last_act = 14;
		scene->fake.run = getpid();
		scene->fake.on_act = die_before_the_act;
		(void)scene_run(scene, rules);
		_exit(EXIT_SUCCESS);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	text = scene_record_text(scene);
	assert_non_null(strstr(text, "\"undone\""));
	assert_int_equal(scene_restore_from(scene, text), 0);
	assert_as_before(scene, before, "killed in the undo");
	assert_null(strstr(fake_trace(&scene->fake), "modprobe gpu modeset"));
	end(scene);
}

static void a_restore_that_cannot_do_all(void **state)
{
	_cleanup_free_ char *before = NULL, *text = NULL;
	struct wb_record *record = NULL;
	struct fake_rule rules[] = { { "modprobe gpu modeset=1", -EIO, 0 },
				     { "modprobe gpu", -EIO, 0 },
				     { 0 } };
	struct scene *scene = begin(&before);
	struct wb_run run = { .sys = &scene->fake.sys };

	(void)state;
	/* Dead at the sync: both modules are out. */
	last_act = 10;
	scene->fake.on_act = die_before_the_act;
	assert_true(run_and_die(scene));
	scene->fake.on_act = NULL;
	scene->fake.rules = rules;
	assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &record), 0);
	assert_non_null(record);
	run.record = record;
	assert_int_equal(wb_run_restore(&run), -EIO);
	assert_int_equal(record->end, WB_END_NOT_UNDONE);
	/* All the rest is nevertheless. */
	assert_non_null(strstr(fake_trace(&scene->fake), "isolate graphical.target"));
	wb_record_free(record);
	/* And it can be tried again once the reason has passed. */
	text = scene_record_text(scene);
	assert_int_equal(scene_restore_from(scene, text), 0);
	assert_as_before(scene, before, "the second restore");
	end(scene);
}

/* Once systemd has taken it, there is nothing to restore. */
static void a_record_of_a_hand_over(void **state)
{
	_cleanup_free_ char *before = NULL;
	struct wb_record *record = NULL;
	struct scene *scene = begin(&before);

	(void)state;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &record), 0);
	assert_null(record);
	end(scene);
}

static void no_job_is_to_be_had(void **state)
{
	struct fake_rule rules[] = { { "enqueue kexec.target", -EIO, 0 },
				     { "enqueue reboot.target", -EIO, 0 },
				     { 0 } };
	_cleanup_free_ char *before = NULL;
	struct scene *scene = begin(&before);

	(void)state;
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_int_equal(scene->record->committed_usec, 0);
	assert_as_before(scene, before, "neither kexec nor reboot");
	end(scene);
}

/* What cannot be noted cannot be undone by whoever comes after a SIGKILL. */
static void nothing_is_done_that_cannot_be_noted(void **state)
{
	_cleanup_free_ char *before = NULL;
	struct scene *scene = begin(&before);

	(void)state;
	fake_file(&scene->fake, "run/warmboot", "no folder\n");
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_non_null(strstr(scene->record->failure, "cannot be noted"));
	assert_as_before(scene, before, "without /run/warmboot");
	end(scene);
}

static void fill_run(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "rmmod gpu_drm") == 0) {
		fake_remove(fake, "run/warmboot");
		fake_file(fake, "run/warmboot", "no folder\n");
	}
	lose_the_driver(fake, act);
}

static void a_run_that_fills_up_on_the_way(void **state)
{
	_cleanup_free_ char *before = NULL;
	struct scene *scene = begin(&before);

	(void)state;
	scene->fake.on_act = fill_run;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_null(strstr(fake_trace(&scene->fake), "rmmod gpu\n"));
	assert_as_before(scene, before, "/run is full");
	end(scene);
}

static void records_that_are_not_unfinished(void **state)
{
	static const struct {
		const char *text;
		int error;
	} cases[] = {
		{ "", -EINVAL },
		{ "{", -EINVAL },
		{ "[]", -EINVAL },
		{ "{ \"end\": \"running\" }", -EINVAL },
	};
	struct wb_record *record = NULL;
	struct scene *scene = *state;

	assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &record), 0);
	assert_null(record);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_file(&scene->fake, "run/warmboot/record.json", cases[i].text);
		assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &record),
				 cases[i].error);
		assert_null(record);
	}
}

/* --- an ordinary reboot instead -------------------------------------------------------
 */

static void falls_back_to_a_reboot(void **state)
{
	static const struct {
		int status;
		bool interrupt;
		enum wb_end end;
	} cases[] = {
		{ 69, false, WB_END_COLD },
		{ 3, false, WB_END_COLD },
		/* Somebody's word stands against it. */
		{ 0, true, WB_END_UNDONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_rule rules[] = {
			{ "spawn /hooks/gpu quiesce", cases[i].status, 0 }, { 0 }
		};
		_cleanup_free_ char *before = NULL;
		struct scene *scene = begin(&before);
		bool rebooted;

		scene->plan->reboot = true;
		assert_int_equal(wb_interrupt_setup(true), 0);
		scene->fake.raise_at = cases[i].interrupt ? "rmmod gpu" : NULL;
		assert_int_equal(scene_run(scene, rules), cases[i].end);
		wb_interrupt_ignore();
		rebooted = strstr(fake_trace(&scene->fake), "enqueue reboot.target\n");
		assert_int_equal(rebooted, cases[i].end == WB_END_COLD);
		assert_non_null(scene->record->failure);
		assert_as_before(scene, before, "before the reboot");
		end(scene);
	}
}

static void a_veto_is_no_reason_to_reboot(void **state)
{
	struct fake_rule rules[] = { { "spawn /hooks/gpu prepare", 1, 0 }, { 0 } };
	struct scene *scene = *state;
	struct wb_step *s =
		scene_add_phase(scene, WB_PHASE_PREPARE, WB_STEP_RUN_HOOK, "gpu");

	set_argv(&s->argv, "/hooks/gpu prepare");
	scene->plan->reboot = true;
	assert_int_equal(scene_run(scene, rules), WB_END_REFUSED);
	assert_null(strstr(fake_trace(&scene->fake), "reboot"));
}

static void a_reboot_that_cannot_be_had(void **state)
{
	struct fake_rule rules[] = { { "rmmod a", -EPERM, 0 },
				     { "enqueue reboot.target", -EIO, 0 },
				     { 0 } };
	struct scene *scene = *state;

	fake_file(&scene->fake, "sys/module/a/initstate", "live\n");
	scene_add(scene, WB_STEP_REMOVE_MODULE, "a");
	scene->plan->reboot = true;
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
}

/* --- several at the same time ---------------------------------------------------------
 */

static const char *const members[] = { "a", "b", "c" };

static void add_members(struct scene *scene, unsigned int group)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		_cleanup_free_ char *path =
			wb_format("sys/module/%s/initstate", members[i]);
		_cleanup_free_ char *parameter =
			wb_format("sys/module/%s/parameters/x", members[i]);

		fake_file(&scene->fake, path, "live\n");
		fake_file(&scene->fake, parameter, "7\n");
		scene_add(scene, WB_STEP_REMOVE_MODULE, members[i])->group = group;
	}
}

/* Each waits for the two others: one behind the other they would never end. */
static void wait_for_all(struct fake_sys *fake, const char *act)
{
	if (!wb_startswith(act, "rmmod"))
		return;
	for (unsigned int i = 0; i < 2000; i++) {
		const char *trace = fake_trace(fake);

		if (strstr(trace, "rmmod a") && strstr(trace, "rmmod b") &&
		    strstr(trace, "rmmod c"))
			return;
		usleep(5000);
	}
	abort();
}

static void a_group_goes_at_the_same_time(void **state)
{
	struct scene *scene = *state;

	add_members(scene, 1);
	scene->fake.on_act = wait_for_all;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct wb_result *r = &scene->record->results[i];

		assert_int_equal(r->outcome, WB_OUTCOME_DONE);
		assert_string_equal(r->saved[0], members[i]);
		assert_string_equal(r->saved[1], "option x=7");
		assert_true(r->elapsed_usec > 0);
	}
}

static void one_of_a_group_fails(void **state)
{
	struct fake_rule rules[] = { { "rmmod b", -EPERM, 0 }, { 0 } };
	struct scene *scene = *state;
	_cleanup_free_ char *before = NULL;
	const char *up;

	add_members(scene, 4);
	before = snapshot(scene);
	scene->fake.on_act = wait_for_all;
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_string_equal(scene->record->failure,
			    "cannot remove b: Operation not permitted");
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_UNDONE);
	assert_int_equal(scene->record->results[1].outcome, WB_OUTCOME_FAILED);
	assert_int_equal(scene->record->results[2].outcome, WB_OUTCOME_UNDONE);
	/* Undone in reverse, one by one. */
	up = strstr(fake_trace(&scene->fake), "modprobe");
	assert_string_equal(up, "modprobe c x=7\nmodprobe a x=7\n");
	assert_as_before(scene, before, "one of a group");
}

static void die(struct fake_sys *fake, const char *act)
{
	(void)fake;
	if (strcmp(act, "rmmod b") == 0)
		raise(SIGKILL);
}

static void a_process_of_a_group_dies(void **state)
{
	struct scene *scene = *state;
	_cleanup_free_ char *before = NULL;

	add_members(scene, 1);
	before = snapshot(scene);
	scene->fake.on_act = die;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(scene->record->failure,
			    "remove-module b: its process ended without a result");
	/* What it had noted is known. */
	assert_string_equal(scene->record->results[1].saved[1], "option x=7");
	assert_as_before(scene, before, "a process of a group");
}

/* To the run, on the socket of the step: the last one that its process has. */
static void talk_nonsense(struct fake_sys *fake, const char *act)
{
	int last = -1, type;

	(void)fake;
	if (strcmp(act, "rmmod a") != 0)
		return;
	for (int fd = 3; fd < 256; fd++) {
		socklen_t size = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
		    type == SOCK_SEQPACKET)
			last = fd;
	}
	(void)!send(last, "{", 1, MSG_NOSIGNAL);
}

/* It waits for an answer, and others hold its socket: it must not wait for ever. */
static void a_process_of_a_group_talks_nonsense(void **state)
{
	struct scene *scene = *state;
	_cleanup_free_ char *before = NULL;

	add_members(scene, 1);
	before = snapshot(scene);
	scene->fake.on_act = talk_nonsense;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_int_equal(scene->record->results[0].error, -EIO);
	assert_as_before(scene, before, "nonsense in a group");
}

static void nothing_of_a_group_is_done_that_cannot_be_noted(void **state)
{
	struct scene *scene = *state;

	add_members(scene, 1);
	fake_file(&scene->fake, "run/warmboot", "no folder\n");
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_null(strstr(fake_trace(&scene->fake), "rmmod"));
}

/* More than a socket takes as it is, unix(7); as far as whoever tests may have more. */
static void a_group_that_saves_much(void **state)
{
	_cleanup_free_ char *much = calloc(1, 150001);
	struct scene *scene = *state;

	memset(much, 'x', 150000);
	add_members(scene, 1);
	fake_file(&scene->fake, "sys/module/a/parameters/y", much);
	fake_file(&scene->fake, "sys/module/a/parameters/z", much);
	if (geteuid() != 0)
		return;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_int_equal(wb_strv_length(scene->record->results[0].saved), 4);
}

static void an_interruption_reaches_all(void **state)
{
	struct fake_rule rules[] = { { "rmmod a", -EAGAIN, 0 },
				     { "rmmod b", -EAGAIN, 0 },
				     { "rmmod c", -EAGAIN, 0 },
				     { 0 } };
	struct scene *scene = *state;

	add_members(scene, 1);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		scene->plan->steps[i].timeout_usec = 60000000;
	scene->fake.interruptible = true;
	assert_int_equal(wb_interrupt_setup(true), 0);
	raise(SIGTERM);
	/* It is seen before the first of them; take it, so that they begin. */
	wb_interrupt_take();
	if (fork() == 0) {
		usleep(300000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	wb_interrupt_ignore();
	while (wait(NULL) > 0)
		;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		assert_int_equal(scene->record->results[i].error, -EINTR);
}

/* --- one that hangs, where no call has a limit of its own ----------------------------
 */

static const char *where_it_hangs;

static void hang(struct fake_sys *fake, const char *act)
{
	(void)fake;
	while (strcmp(act, where_it_hangs) == 0)
		pause();
}

static void hang_at(struct scene *scene, const char *act)
{
	add_members(scene, 0);
	where_it_hangs = act;
	scene->fake.on_act = hang;
	scene->margin_usec = 500000;
}

/* As one that reads a file which another process keeps locked. */
static void a_single_step_that_hangs(void **state)
{
	struct scene *scene = *state;
	_cleanup_free_ char *before = NULL;

	hang_at(scene, "rmmod b");
	before = snapshot(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(scene->record->failure,
			    "remove-module b: its process hangs and was given up; this "
			    "machine needs a firmware reboot");
	assert_int_equal(scene->record->results[1].error, -ETIMEDOUT);
	assert_as_before(scene, before, "a step that hangs");
}

/* Before anything is at rest, too. */
static void a_load_that_hangs(void **state)
{
	struct scene *scene = *state;
	struct wb_step *s =
		scene_add_phase(scene, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, "6.1");

	set_argv(&s->argv, "/sbin/kexec --load /boot/vmlinuz");
	set_argv(&s->undo_argv, "/sbin/kexec --unload");
	hang_at(scene, "spawn /sbin/kexec --load /boot/vmlinuz");
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_int_equal(scene->record->results[0].error, -ETIMEDOUT);
	assert_null(strstr(fake_trace(&scene->fake), "rmmod"));
}

/* The rest is undone nevertheless, and that this was not is known. */
static void an_undo_that_hangs(void **state)
{
	struct scene *scene = *state;
	uint64_t begin = wb_now_usec(CLOCK_MONOTONIC);

	hang_at(scene, "modprobe b x=7");
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_NOT_UNDONE);
	assert_int_equal(scene->record->results[1].outcome, WB_OUTCOME_UNDO_FAILED);
	assert_string_equal(scene->record->results[1].detail,
			    "the undo of remove-module b: its process hangs and was "
			    "given up; this machine needs a firmware reboot");
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_UNDONE);
	assert_non_null(strstr(fake_trace(&scene->fake), "modprobe a x=7\n"));
	/* What a module was is no list of units, each of which may take its time. */
	assert_true(wb_now_usec(CLOCK_MONOTONIC) - begin < 60 * USEC_PER_SEC);
}

#define SLOW_DEVICES 16

/* As the disks behind an adapter, which are looked for one after the other. */
static void probe_slowly(struct fake_sys *fake, const char *act)
{
	for (int i = 0; strcmp(act, "rmmod a") == 0 && i < SLOW_DEVICES; i++) {
		_cleanup_free_ char *link =
			wb_format("sys/bus/pci/devices/0000:01:00.%d/driver", i);

		fake_remove(fake, link);
	}
	if (wb_startswith(act, "write sys/bus/pci/drivers/hba/bind"))
		usleep(100000);
}

/* Each has its own limit, and none has reached it. */
static void an_undo_of_many_slow_devices(void **state)
{
	struct scene *scene = *state;

	add_members(scene, 0);
	fake_link(&scene->fake, "sys/module/a/drivers/pci:hba",
		  "../../../bus/pci/drivers/hba");
	for (int i = 0; i < SLOW_DEVICES; i++) {
		_cleanup_free_ char *id = wb_format("0000:01:00.%d", i);

		scene_pci(scene, id, "hba", "(null)\n");
	}
	scene->fake.on_act = probe_slowly;
	scene->margin_usec = 500000;
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_UNDONE);
	assert_non_null(strstr(fake_trace(&scene->fake),
			       "write sys/bus/pci/drivers/hba/bind 0000:01:00.15\n"));
}

/* Neighbours alone are a group, and those of one phase. */
static void what_is_no_group(void **state)
{
	struct scene *scene = *state;

	add_members(scene, 0);
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "rmmod a\nrmmod b\nrmmod c\n");
}

static void a_late_group(void **state)
{
	struct fake_rule rules[] = { { "rmmod b", -EPERM, 0 }, { 0 } };
	struct scene *scene = *state;
	struct wb_run run = { .sys = &scene->fake.sys, .record = scene->record };

	add_members(scene, 2);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		scene->plan->steps[i].phase = WB_PHASE_LATE;
	scene->fake.on_act = wait_for_all;
	scene->fake.rules = rules;
	assert_int_equal(wb_run_later_phase(&run, WB_PHASE_LATE), -EPERM);
	assert_int_equal(scene->record->results[2].outcome, WB_OUTCOME_DONE);
	assert_null(strstr(fake_trace(&scene->fake), "modprobe"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_fails_is_undone),
		cmocka_unit_test(a_run_that_was_killed_is_undone),
		cmocka_unit_test(an_undo_that_was_killed_goes_on),
		cmocka_unit_test(a_restore_that_cannot_do_all),
		cmocka_unit_test(a_record_of_a_hand_over),
		cmocka_unit_test(no_job_is_to_be_had),
		cmocka_unit_test(nothing_is_done_that_cannot_be_noted),
		cmocka_unit_test(a_run_that_fills_up_on_the_way),
		TEST(records_that_are_not_unfinished),
		cmocka_unit_test(falls_back_to_a_reboot),
		TEST(a_veto_is_no_reason_to_reboot),
		TEST(a_reboot_that_cannot_be_had),
		TEST(a_group_goes_at_the_same_time),
		TEST(one_of_a_group_fails),
		TEST(a_process_of_a_group_dies),
		TEST(a_process_of_a_group_talks_nonsense),
		TEST(nothing_of_a_group_is_done_that_cannot_be_noted),
		TEST(a_group_that_saves_much),
		TEST(an_interruption_reaches_all),
		TEST(a_single_step_that_hangs),
		TEST(a_load_that_hangs),
		TEST(an_undo_that_hangs),
		TEST(an_undo_of_many_slow_devices),
		TEST(what_is_no_group),
		TEST(a_late_group),
	};

	return RUN_TESTS(tests);
}
