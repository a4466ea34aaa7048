/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whom it takes to end so that nobody holds a device, and whom never. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "scene.h"
#include "unit.h"

/* The process goes with this act; the act may stand in the trace more than once. */
static const char *last_act;
static int last_pid;

static void let_go(struct fake_sys *fake, const char *act)
{
	_cleanup_free_ char *folder = wb_format("proc/%d", last_pid);

	if (last_act && strcmp(act, last_act) == 0)
		fake_remove(fake, folder);
}

static struct wb_step *add_release(struct scene *scene)
{
	struct wb_step *step = scene_add(scene, WB_STEP_RELEASE_DEVICES, "gpu");

	assert_int_equal(wb_strv_append(&step->devices, "c 226:0"), 0);
	return step;
}

static void goes_with(struct scene *scene, int pid, const char *act)
{
	last_pid = pid;
	last_act = act;
	scene->fake.on_act = let_go;
}

static int set_up(void **state)
{
	last_act = NULL;
	return scene_set_up(state);
}

static const struct {
	const char *name;
	const char *cgroup;
	const char *down; /* the acts, of which the last one helps */
	const char *last;
	const char *saved;
	const char *up;
	const char *lost;
	bool matters;
} cases[] = {
	{ "a system service", "/system.slice/ollama.service", "stop ollama.service\n",
	  "stop ollama.service", "ollama.service", "start ollama.service\n", NULL,
	  false },
	{ "an instance of one", "/system.slice/system-cage.slice/cage@tty1.service",
	  "stop cage@tty1.service\n", "stop cage@tty1.service", "cage@tty1.service",
	  "start cage@tty1.service\n", NULL, false },
	{ "a session", "/user.slice/user-1000.slice/session-2.scope", "end-session 2\n",
	  "end-session 2", "session-2.scope", "", "session-2.scope", false },
	{ "a user's service",
	  "/user.slice/user-1000.slice/user@1000.service/session.slice/shell.service",
	  "user-stop 1000 shell.service\n", "user-stop 1000 shell.service",
	  "user@1000.service/shell.service", "user-start 1000 shell.service\n", NULL,
	  false },
	{ "a user's service that stays",
	  "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
	  "user-stop 1000 app-x.scope\nstop user@1000.service\n",
	  "stop user@1000.service", "user@1000.service/app-x.scope user@1000.service",
	  /* The manager first, who starts the other. */
	  "start user@1000.service\nuser-start 1000 app-x.scope\n", NULL, false },
	{ "a user's manager itself",
	  "/user.slice/user-1000.slice/user@1000.service/init.scope",
	  "stop user@1000.service\n", "stop user@1000.service", "user@1000.service",
	  "start user@1000.service\n", NULL, false },
	{ "a container of machined", "/machine.slice/machine-web.scope/payload",
	  "end-machine web\n", "end-machine web", "machine-web.scope", "",
	  "machine-web.scope", true },
	{ "one that machined does not know", "/machine.slice/machine-db.scope",
	  "stop machine-db.scope\n", "stop machine-db.scope", "machine-db.scope", "",
	  "machine-db.scope", true },
	{ "a container with a service",
	  "/machine.slice/systemd-nspawn@web.service/payload/init.scope",
	  "stop systemd-nspawn@web.service\n", "stop systemd-nspawn@web.service",
	  "systemd-nspawn@web.service", "start systemd-nspawn@web.service\n", NULL,
	  false },
	{ "a container of docker", "/system.slice/docker-0123.scope",
	  "stop docker-0123.scope\n", "stop docker-0123.scope", "docker-0123.scope", "",
	  "docker-0123.scope", true },
	{ "a process without a unit", "/docker/0123", "kill 812 TERM\n", "kill 812 TERM",
	  "process 812 holder", "", "process 812 holder", true },
	{ "one that something starts again", "/system.slice/again.service",
	  "stop again.service\nstop again.service\nstop again.service\n"
	  "kill 812 TERM\n",
	  "kill 812 TERM", "again.service", "start again.service\n", NULL, false },
};

static void check_case(size_t i)
{
	_cleanup_free_ char *joined = NULL, *expected = NULL, *lost = NULL;
	struct scene *scene;
	void *state;

	assert_int_equal(scene_set_up(&state), 0);
	scene = state;
	fake_link(&scene->fake, "run/systemd/machines/unit:machine-web.scope", "web");
	scene_holder(scene, 812, "holder", cases[i].cgroup);
	goes_with(scene, 812, cases[i].last);
	add_release(scene)->timeout_usec = 30000000;
	scene_fail_at_the_end(scene);
	if (scene_run(scene, NULL) !=
	    (cases[i].matters ? WB_END_UNDONE_WITH_LOSS : WB_END_UNDONE))
		fail_msg("%s: %s", cases[i].name, scene->record->failure);
	lost = wb_strv_join(scene->record->results[0].lost, " ");
	if (strcmp(lost ? lost : "", cases[i].lost ? cases[i].lost : "") != 0)
		fail_msg("%s: lost are '%s'", cases[i].name, lost);
	joined = wb_strv_join(scene->record->results[0].saved, " ");
	if (strcmp(joined ? joined : "", cases[i].saved) != 0)
		fail_msg("%s: saved are '%s'", cases[i].name, joined);
	expected = wb_format("%s%s", cases[i].down, cases[i].up);
	if (strcmp(fake_trace(&scene->fake), expected) != 0)
		fail_msg("%s:\n%s", cases[i].name, fake_trace(&scene->fake));
	assert_int_equal(scene_tear_down(&state), 0);
}

static void everybody_in_their_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_case(i);
}

/* Their turn comes later: they are not asked, and not waited for. */
static void units_that_are_spared(void **state)
{
	struct scene *scene = *state;
	struct wb_step *step = add_release(scene);

	assert_int_equal(wb_strv_append(&step->spare, "daemon.service"), 0);
	scene_holder(scene, 811, "daemon", "/system.slice/daemon.service");
	scene_holder(scene, 812, "job", "/system.slice/job.service");
	goes_with(scene, 812, "stop job.service");
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "stop job.service\n");
}

/* As systemd-run(1) makes it: the undo has nothing to start it from. */
static void a_unit_made_for_once(void **state)
{
	struct fake_rule rules[] = { { "start run-1.service", -ENOENT, 0 }, { 0 } };
	_cleanup_(wb_record_freep) struct wb_record *left = NULL;
	struct scene *scene = *state;

	scene_holder(scene, 812, "holder", "/system.slice/run-1.service");
	goes_with(scene, 812, "stop run-1.service");
	add_release(scene);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE_WITH_LOSS);
	assert_string_equal(scene->record->results[0].lost[0], "run-1.service");
	assert_null(scene->record->results[0].lost[1]);
	/* Nothing would come of another try. */
	assert_int_equal(wb_run_find_unfinished(&scene->fake.sys.root, &left), 0);
	assert_null(left);
}

static void a_unit_of_the_bus(void **state)
{
	struct fake_rule rules[] = {
		{ "start dbus-:1.2-org.example@0.service", -ENOENT, 0 }, { 0 }
	};
	struct scene *scene = *state;

	scene_holder(scene, 812, "holder",
		     "/system.slice/system-dbus.slice/dbus-:1.2-org.example@0.service");
	goes_with(scene, 812, "stop dbus-:1.2-org.example@0.service");
	add_release(scene);
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_null(scene->record->results[0].lost);
}

static void come_back(struct fake_sys *fake, const char *act)
{
	let_go(fake, act);
	if (strcmp(act, "stop docker-1.scope") == 0)
		fake_unit(fake, "dockerd.service", true);
	if (strcmp(act, "start dockerd.service") == 0)
		fake_unit(fake, "docker-1.scope", true);
}

/* Who made it does so again. */
static void a_container_that_comes_back(void **state)
{
	struct scene *scene = *state;

	scene_holder(scene, 812, "holder", "/system.slice/docker-1.scope");
	fake_unit(&scene->fake, "dockerd.service", true);
	scene_holder(scene, 813, "dockerd", "/system.slice/dockerd.service");
	last_pid = 812;
	last_act = "stop docker-1.scope";
	scene->fake.on_act = come_back;
	add_release(scene)->timeout_usec = 1000000;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_null(scene->record->results[0].lost);
}

/* What runs containers is stopped before them, and starts them again when it starts. */
static void run_engine(struct fake_sys *fake, const char *act)
{
	let_go(fake, act);
	if (strcmp(act, "stop docker.service") == 0)
		fake_unit(fake, "docker-2.scope", false);
	if (strcmp(act, "start docker.service") == 0)
		fake_unit(fake, "docker-1.scope", true);
}

static void stop_engine(struct scene *scene)
{
	fake_unit(&scene->fake, "docker.service", true);
	fake_unit(&scene->fake, "session-9.scope", true);
	scene_add(scene, WB_STEP_STOP_UNIT, "docker.service");
	scene_holder(scene, 812, "holder", "/system.slice/docker-1.scope");
	last_pid = 812;
	last_act = "stop docker-1.scope";
	scene->fake.on_act = run_engine;
	add_release(scene)->timeout_usec = 1000000;
	scene_fail_at_the_end(scene);
}

static void a_container_that_its_engine_brings_back(void **state)
{
	struct scene *scene = *state;

	stop_engine(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_null(scene->record->results[0].lost);
	assert_null(scene->record->results[1].lost);
}

static void a_container_that_its_engine_ended_itself(void **state)
{
	struct scene *scene = *state;

	fake_unit(&scene->fake, "docker-2.scope", true);
	stop_engine(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE_WITH_LOSS);
	assert_string_equal(scene->record->results[0].lost[0], "docker-2.scope");
	assert_null(scene->record->results[0].lost[1]);
	assert_null(scene->record->results[1].lost);
}

static char *noted;

static void run_slow_engine(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "stop docker.service") == 0)
		assert_int_equal(wb_root_read(&fake->sys.root, WB_RECORD_LIVE, &noted,
					      NULL),
				 0);
	run_engine(fake, act);
}

/* The stop failed, and they are gone all the same; who is killed in it has noted them. */
static void a_container_of_an_engine_that_does_not_stop(void **state)
{
	struct fake_rule rules[] = { { "stop docker.service", -ETIMEDOUT, 0 }, { 0 } };
	struct scene *scene = *state;

	fake_unit(&scene->fake, "docker-2.scope", true);
	stop_engine(scene);
	scene->fake.on_act = run_slow_engine;
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE_WITH_LOSS);
	assert_int_equal(scene->record->results[0].error, -ETIMEDOUT);
	assert_string_equal(scene->record->results[0].lost[0], "docker-2.scope");
	assert_null(scene->record->results[0].lost[1]);
	assert_non_null(strstr(noted, "docker-2.scope"));
	free(TAKE_PTR(noted));
}

static char said[1024];

static void remember(const struct wb_message *message, void *userdata)
{
	(void)userdata;
	if (strstr(message->text, "cannot be started again"))
		strcat(strcat(said, message->text), "\n");
}

/* Both steps miss it. */
static void what_two_steps_miss_is_said_once(void **state)
{
	struct scene *scene = *state;

	*said = '\0';
	fake_unit(&scene->fake, "docker-3.scope", true);
	scene_holder(scene, 812, "holder", "/system.slice/docker-3.scope");
	fake_unit(&scene->fake, "docker.service", true);
	scene_add(scene, WB_STEP_STOP_UNIT, "docker.service");
	goes_with(scene, 812, "stop docker-3.scope");
	add_release(scene)->timeout_usec = 1000000;
	scene_fail_at_the_end(scene);
	wb_log_setup(LOG_WARNING, remember, NULL);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE_WITH_LOSS);
	assert_non_null(scene->record->results[0].lost);
	assert_non_null(scene->record->results[1].lost);
	assert_string_equal(said, "docker-3.scope has ended and cannot be started "
				  "again\n");
}

static void isolate_rescue(struct fake_sys *fake, const char *act)
{
	if (strcmp(act, "isolate rescue.target") != 0)
		return;
	fake_unit(fake, "docker.service", false);
	fake_unit(fake, "docker-2.scope", false);
	fake_unit(fake, "run-r1.scope", false);
}

/* The step that would stop it finds that it is gone. */
static void a_container_that_an_isolate_ended(void **state)
{
	struct scene *scene = *state;

	fake_unit(&scene->fake, "docker.service", true);
	fake_unit(&scene->fake, "docker-2.scope", true);
	fake_unit(&scene->fake, "run-r1.scope", true);
	scene_add(scene, WB_STEP_ISOLATE, "rescue.target");
	scene_add(scene, WB_STEP_STOP_UNIT, "docker.service");
	scene->fake.on_act = isolate_rescue;
	scene_fail_at_the_end(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE_WITH_LOSS);
	assert_int_equal(scene->record->results[1].outcome, WB_OUTCOME_SKIPPED);
	assert_non_null(strstr(fake_trace(&scene->fake), "start docker.service\n"));
	assert_string_equal(scene->record->results[0].lost[0], "docker-2.scope");
	assert_null(scene->record->results[0].lost[1]);
}

static void a_process_that_is_called_like_a_scope(void **state)
{
	struct scene *scene = *state;

	*said = '\0';
	scene_add(scene, WB_STEP_STOP_UNIT, "gone.service");
	scene_fail_at_the_end(scene);
	assert_int_equal(wb_strv_append(&scene->record->results[0].lost,
					"process 812 x.scope"),
			 0);
	wb_log_setup(LOG_WARNING, remember, NULL);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE_WITH_LOSS);
	assert_string_equal(said, "");
}

static void end_by_themselves(struct fake_sys *fake, const char *act)
{
	run_engine(fake, act);
	if (strcmp(act, "stop docker.service") == 0) {
		fake_unit(fake, "run-r1.scope", false);
		fake_unit(fake, "session-9.scope", false);
	}
}

/* A command of systemd-run, or a login, that was over just then. */
static void scopes_that_are_no_containers(void **state)
{
	struct scene *scene = *state;

	fake_unit(&scene->fake, "run-r1.scope", true);
	stop_engine(scene);
	scene->fake.on_act = end_by_themselves;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_null(scene->record->results[0].lost);
}

/* It was asked to end, and did not. */
static void a_process_that_is_still_there(void **state)
{
	struct scene *scene = *state;

	scene_holder(scene, 812, "holder", "/docker/0123");
	add_release(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(scene->record->results[0].saved[0], "process 812 holder");
	assert_null(scene->record->results[0].lost);
}

/* It is not for us to end them, so all that is left is to say who it is. */
static void nobody_that_all_hangs_on(void **state)
{
	static const char *const groups[] = {
		"/system.slice/systemd-udevd.service",
		"/system.slice/dbus.service",
		"/system.slice/systemd-journald.service",
		"/system.slice/ssh.service",
		"/system.slice/system-sshd.slice/sshd@1-2.service",
		"/system.slice/systemd-networkd.service",
		"/system.slice/warmboot.service",
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		scene_holder(scene, 900 + (int)i, "holder", groups[i]);
	add_release(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_non_null(strstr(scene->record->failure,
			       "they are held by holder (pid 900, "
			       "systemd-udevd.service, /dev/dri/card0) and others"));
}

static void add_session(struct scene *scene, const char *id, const char *text)
{
	_cleanup_free_ char *path = wb_format("run/systemd/sessions/%s", id);

	fake_file(&scene->fake, path, text);
}

/* logind has the device open for a session: that one goes, not logind. */
static void sessions_of_logind(void **state)
{
	struct scene *scene = *state;

	add_session(scene, "1", "UID=0\nSEAT=seat0\nDEVICES=226:1 13:64\n");
	add_session(scene, "3", "UID=1000\nSEAT=seat0\nDEVICES=13:65 226:0 \n");
	add_session(scene, "9", "UID=1000\n");
	scene_holder(scene, 400, "systemd-logind",
		     "/system.slice/systemd-logind.service");
	goes_with(scene, 400, "end-session 3");
	/* It ends with the session, and is not waited for to its end. */
	add_release(scene)->timeout_usec = 30000000;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "end-session 3\n");
}

/* PID 1 keeps them for logind while that is restarted; nothing says for whom. */
static void sessions_of_the_seat(void **state)
{
	struct scene *scene = *state;

	add_session(scene, "1", "UID=0\nSEAT=seat0\n");
	add_session(scene, "3", "UID=1000\nSEAT=seat0\n");
	add_session(scene, "9", "UID=1000\nSEAT=\n");
	scene_holder(scene, 1, "systemd", "/init.scope");
	goes_with(scene, 1, "end-session 3");
	add_release(scene)->timeout_usec = 5000000;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "end-session 1\nend-session 3\n");
}

static void the_own_session_is_refused(void **state)
{
	struct scene *scene = *state;

	scene->record->session = strdup("2");
	scene_holder(scene, 812, "Xorg", "/user.slice/user-1000.slice/session-2.scope");
	add_release(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_string_equal(scene->record->failure,
			    "cannot release the devices of gpu: Xorg (pid 812) holds "
			    "/dev/dri/card0 in session 2, in which warmboot was called; "
			    "end it there, or call warmboot from another login");
}

static void without_logind_the_scope_is_stopped(void **state)
{
	struct fake_rule rules[] = { { "end-session 2", -EHOSTUNREACH, 0 }, { 0 } };
	struct scene *scene = *state;

	scene_holder(scene, 812, "Xorg", "/user.slice/user-1000.slice/session-2.scope");
	goes_with(scene, 812, "stop session-2.scope");
	add_release(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake),
			    "end-session 2\nstop session-2.scope\n");
}

/* A guest that was started after the plan was made. */
static void with_look_only_nobody_is_ended(void **state)
{
	struct scene *scene = *state;
	struct wb_step *step;

	scene->plan->reboot = true;
	scene_holder(scene, 812, "qemu", "/machine.slice/machine-vm1.scope");
	step = scene_add_phase(scene, WB_PHASE_PREPARE, WB_STEP_RELEASE_DEVICES, "kvm");
	assert_int_equal(wb_strv_append(&step->devices, "c 226:0"), 0);
	step->look_only = true;
	assert_int_equal(scene_run(scene, NULL), WB_END_REFUSED);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_non_null(strstr(scene->record->failure,
			       "the devices of kvm are held by qemu (pid 812, "
			       "machine-vm1.scope, /dev/dri/card0), and its hook"));
}

static void with_look_only_and_nobody_there(void **state)
{
	struct scene *scene = *state;

	add_release(scene)->look_only = true;
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "");
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_SKIPPED);
}

static void a_stubborn_process_is_not_killed(void **state)
{
	struct scene *scene = *state;

	scene_holder(scene, 812, "python3", "/docker/0123");
	add_release(scene)->timeout_usec = 6000000;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_string_equal(fake_trace(&scene->fake), "kill 812 TERM\n");
	assert_non_null(strstr(scene->record->failure, "--kill ends it"));
}

static void a_stubborn_process_is_killed(void **state)
{
	struct scene *scene = *state;
	struct wb_step *step = add_release(scene);

	step->kill = true;
	step->timeout_usec = 20000000;
	scene_holder(scene, 812, "python3", "/docker/0123");
	goes_with(scene, 812, "kill 812 KILL");
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_string_equal(fake_trace(&scene->fake), "kill 812 TERM\nkill 812 KILL\n");
}

/* For each child that goes another one comes, in front of the parent; it ends with that.
 */
static void bear_again(struct fake_sys *fake, const char *act)
{
	static struct scene scene;
	_cleanup_free_ char *folder = NULL;
	int pid;

	scene.fake = *fake;
	if (strcmp(act, "kill 812 KILL") == 0)
		fake_remove(fake, "proc/812");
	if (sscanf(act, "kill %d", &pid) != 1 || pid == 812)
		return;
	folder = wb_format("proc/%d", pid);
	fake_remove(fake, folder);
	if (wb_root_exists(&fake->sys.root, "proc/812"))
		scene_holder(&scene, pid + 1, "child", "/docker/0123");
}

/* Newcomers neither give the one who makes them more time, nor keep it from being told.
 */
static void one_who_bears_children_is_killed(void **state)
{
	struct scene *scene = *state;
	struct wb_step *step = add_release(scene);

	step->kill = true;
	step->timeout_usec = 20000000;
	scene->fake.on_act = bear_again;
	scene_holder(scene, 812, "mother", "/docker/0123");
	scene_holder(scene, 1000, "child", "/docker/0123");
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_non_null(strstr(fake_trace(&scene->fake), "kill 1001 TERM\n"));
	assert_non_null(strstr(fake_trace(&scene->fake), "kill 812 KILL\n"));
}

/* For each that goes another one comes. */
static void fork_again(struct fake_sys *fake, const char *act)
{
	static struct scene scene;
	_cleanup_free_ char *folder = NULL;
	int pid;

	if (sscanf(act, "kill %d TERM", &pid) != 1)
		return;
	folder = wb_format("proc/%d", pid);
	fake_remove(fake, folder);
	scene.fake = *fake;
	scene_holder(&scene, pid + 1, "hydra", "/docker/0123");
}

static void one_who_forks_as_fast_as_it_is_stopped(void **state)
{
	struct scene *scene = *state;

	scene->fake.on_act = fork_again;
	scene_holder(scene, 812, "hydra", "/docker/0123");
	add_release(scene)->timeout_usec = 1000000;
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE_WITH_LOSS);
	assert_non_null(strstr(fake_trace(&scene->fake), "kill 813 TERM\n"));
	assert_int_equal(scene->record->results[0].error, -EBUSY);
}

static void a_unit_that_does_not_stop(void **state)
{
	struct fake_rule rules[] = { { "stop ollama.service", -ETIMEDOUT, 0 }, { 0 } };
	struct scene *scene = *state;

	scene_holder(scene, 812, "ollama", "/system.slice/ollama.service");
	add_release(scene);
	assert_int_equal(scene_run(scene, rules), WB_END_UNDONE);
	assert_non_null(strstr(scene->record->failure,
			       "cannot stop ollama.service, in which ollama (pid 812) "
			       "holds /dev/dri/card0"));
	/* It may have stopped after all. */
	assert_string_equal(fake_trace(&scene->fake),
			    "stop ollama.service\nstart ollama.service\n");
}

static void names_that_want_to_write_on_the_terminal(void **state)
{
	struct scene *scene = *state;

	scene_holder(scene, 812, "a\nb\033[2J", "/system.slice/ssh.service");
	add_release(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_UNDONE);
	assert_non_null(strstr(scene->record->failure, "a?b?[2J (pid 812"));
}

static void nobody_holds_them(void **state)
{
	struct scene *scene = *state;

	add_release(scene);
	assert_int_equal(scene_run(scene, NULL), WB_END_HANDED_OVER);
	assert_int_equal(scene->record->results[0].outcome, WB_OUTCOME_SKIPPED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_in_their_way),
		TEST(units_that_are_spared),
		TEST(a_unit_made_for_once),
		TEST(a_unit_of_the_bus),
		TEST(a_container_that_comes_back),
		TEST(a_container_that_its_engine_brings_back),
		TEST(a_container_that_its_engine_ended_itself),
		TEST(a_container_of_an_engine_that_does_not_stop),
		TEST(what_two_steps_miss_is_said_once),
		TEST(a_container_that_an_isolate_ended),
		TEST(a_process_that_is_called_like_a_scope),
		TEST(scopes_that_are_no_containers),
		TEST(a_process_that_is_still_there),
		TEST(nobody_that_all_hangs_on),
		TEST(sessions_of_logind),
		TEST(sessions_of_the_seat),
		TEST(the_own_session_is_refused),
		TEST(without_logind_the_scope_is_stopped),
		TEST(with_look_only_nobody_is_ended),
		TEST(with_look_only_and_nobody_there),
		TEST(a_stubborn_process_is_not_killed),
		TEST(a_stubborn_process_is_killed),
		TEST(one_who_bears_children_is_killed),
		TEST(one_who_forks_as_fast_as_it_is_stopped),
		TEST(a_unit_that_does_not_stop),
		TEST(names_that_want_to_write_on_the_terminal),
		TEST(nobody_holds_them),
	};

	return RUN_TESTS(tests);
}
