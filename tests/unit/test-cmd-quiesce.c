/* SPDX-License-Identifier: GPL-2.0-or-later */

/* On the way to kexec.target: whose restart is it, and what is decided for it? */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/strv.h"
#include "cmd.h"
#include "facts/kernel/kernel.h"
#include "fake-sys.h"
#include "machine.h"
#include "prepare.h"
#include "run/foreign.h"
#include "run/late.h"
#include "unit.h"

#define ID       "01234567-89ab-cdef-0123-456789abcdef"
#define DISABLED "proc/sys/kernel/kexec_load_disabled"

struct scene {
	struct fake_sys fake;
	struct fixture f;
};

/* What comes while it plans; 0: nothing. */
static int signal_of_planning;
static bool no_memory;

int __real_wb_prepare_plan(struct wb_cli *cli, struct wb_sys *sys, struct wb_plan **ret);
int __wrap_wb_prepare_plan(struct wb_cli *cli, struct wb_sys *sys, struct wb_plan **ret);
int __wrap_wb_kernels_read(const struct wb_root *root, const struct wb_state *state,
			   const char *path, struct wb_kernels *ret);
struct wb_plan *__real_wb_prepare_empty_plan(void);
struct wb_plan *__wrap_wb_prepare_empty_plan(void);

int __wrap_wb_prepare_plan(struct wb_cli *cli, struct wb_sys *sys, struct wb_plan **ret)
{
	if (signal_of_planning != 0)
		raise(signal_of_planning);
	return no_memory ? -ENOMEM : __real_wb_prepare_plan(cli, sys, ret);
}

/* Nobody has a use for kernels here, and where /boot hangs it would be the end. */
int __wrap_wb_kernels_read(const struct wb_root *root, const struct wb_state *state,
			   const char *path, struct wb_kernels *ret)
{
	(void)root;
	(void)state;
	(void)path;
	(void)ret;
	return -EIO;
}

struct wb_plan *__wrap_wb_prepare_empty_plan(void)
{
	return no_memory ? NULL : __real_wb_prepare_empty_plan();
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	fake_begin(&s->fake);
	/* The same folder, with a desktop in it. */
	s->f.root = s->fake.sys.root;
	snprintf(s->f.path, sizeof(s->f.path), "%s", s->fake.folder);
	machine_desktop(&s->f);
	/* Their services have stopped by then. */
	fake_remove(&s->fake, "proc/812");
	fake_remove(&s->fake, "proc/900");
	fake_remove(&s->fake, "etc/warmboot/hooks.d/code");
	fake_remove(&s->fake, "usr/lib/warmboot/hooks.d/late");
	fake_file(&s->fake, "sys/kernel/kexec_loaded", "1\n");
	fake_file(&s->fake, DISABLED, "0\n");
	fake_file(&s->fake, "var/lib/systemd/random-seed", "x");
	fake_unit(&s->fake, "shutdown.target", true);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	signal_of_planning = 0;
	no_memory = false;
	wb_log_setup(LOG_INFO, NULL, NULL);
	fake_end(&s->fake);
	free(s);
	return 0;
}

static int quiesce(struct scene *s)
{
	char *words[] = { NULL };
	struct wb_cli cli = { .words = words };
	int status = wb_cmd_quiesce.run(&cli, &s->fake.sys);

	/* Nobody speaks through its frame any more. */
	wb_warning("the drivers are done with");
	wb_strv_free(cli.request.unload);
	wb_strv_free(cli.request.keep);
	free(cli.session);
	wb_config_done(&cli.config);
	return status;
}

static struct wb_record *live(struct scene *s)
{
	struct wb_record *record = NULL;

	assert_int_equal(wb_record_read(&s->fake.sys.root, WB_RECORD_LIVE, &record), 0);
	return record;
}

static void put_live(struct scene *s, enum wb_end end)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	plan->id = strdup(ID);
	record = wb_record_new(plan);
	record->end = end;
	assert_int_equal(wb_record_write(record, &s->fake.sys.root, WB_RECORD_LIVE), 0);
}

static void drivers_go(void **state)
{
	struct scene *s = *state;
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	const char *trace;
	int status = quiesce(s);

	record = live(s);
	if (status != WB_EXIT_DONE)
		fail_msg("status %d: %s", status, record->failure);
	assert_int_equal(record->end, WB_END_HANDED_OVER);
	assert_true(record->foreign);
	trace = fake_trace(&s->fake);
	assert_non_null(strstr(trace, "rmmod nvidia_drm\n"));
	assert_non_null(strstr(trace, "rmmod nvidia\n"));
	assert_null(strstr(trace, "isolate "));
	assert_null(strstr(trace, "spawn "));
	assert_null(strstr(trace, "enqueue "));
	assert_null(strstr(trace, "kexec "));
}

static void standing_choices_count(void **state)
{
	struct scene *s = *state;

	fake_file(&s->fake, "etc/warmboot.conf",
		  "[Warmboot]\nKeep=nvidia_drm nvidia_modeset nvidia_uvm nvidia\n");
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	assert_null(strstr(fake_trace(&s->fake), "rmmod nvidia"));
}

/* Of this program's own run, or called again. */
static void somebody_has_seen_to_it(void **state)
{
	struct scene *s = *state;

	put_live(s, WB_END_HANDED_OVER);
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	assert_string_equal(fake_trace(&s->fake), "");
}

/* A run of this program that was cancelled after its hand-over, and what came then. */
static void a_restart_that_was_cancelled(void **state)
{
	static const struct {
		const char *noted;
		uint32_t job; /* 0: systemd knows of none */
		bool anew;
	} rows[] = {
		{ "41", 41, false },
		{ "41", 0, false },
		{ "?", 42, false },
		{ "41", 42, true },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(wb_record_freep) struct wb_record *record = NULL;
		struct wb_plan *plan = calloc(1, sizeof(*plan));

		plan->id = strdup(ID);
		assert_non_null(wb_plan_add(plan, WB_PHASE_COMMIT, WB_STEP_KEXEC,
					    "kexec.target", 1, "because"));
		record = wb_record_new(plan);
		record->end = WB_END_HANDED_OVER;
		assert_int_equal(wb_strv_append(&record->results[0].saved, rows[i].noted),
				 0);
		assert_int_equal(wb_record_write(record, &s->fake.sys.root,
						 WB_RECORD_LIVE),
				 0);
		s->fake.job = rows[i].job;
		assert_int_equal(quiesce(s), WB_EXIT_DONE);
		assert_int_equal(!!strstr(fake_trace(&s->fake), "rmmod nvidia\n"),
				 rows[i].anew);
	}
}

static void twice(void **state)
{
	struct scene *s = *state;

	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	fake_forget_trace(&s->fake);
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	assert_string_equal(fake_trace(&s->fake), "");
}

/* What was undone, or is no record, has handed nothing over. */
static void records_that_do_not_count(void **state)
{
	struct scene *s = *state;

	put_live(s, WB_END_UNDONE);
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	assert_non_null(strstr(fake_trace(&s->fake), "rmmod nvidia\n"));
	fake_forget_trace(&s->fake);
	fake_file(&s->fake, "run/warmboot/record.json", "{");
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	assert_string_not_equal(fake_trace(&s->fake), "");
}

static void no_image(void **state)
{
	struct scene *s = *state;

	fake_file(&s->fake, "sys/kernel/kexec_loaded", "0\n");
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	/* systemd-kexec.service comes after, and may load one by itself. */
	assert_string_equal(fake_trace(&s->fake), "write " DISABLED " 1\n");
	assert_false(wb_root_exists(&s->fake.sys.root, WB_RECORD_LIVE));
}

static void by_hand(void **state)
{
	struct scene *s = *state;

	fake_unit(&s->fake, "shutdown.target", false);
	assert_int_equal(quiesce(s), WB_EXIT_USAGE);
	assert_string_equal(fake_trace(&s->fake), "");
	assert_false(wb_root_exists(&s->fake.sys.root, WB_RECORD_LIVE));
}

static int no_bus(struct wb_sys *sys, char ***ret)
{
	(void)sys;
	(void)ret;
	return -ETIMEDOUT;
}

/* A shell of root's is no reason to take the machine apart. */
static void without_a_bus(void **state)
{
	static const struct {
		const char *groups;
		int status;
	} rows[] = {
		{ NULL, WB_EXIT_USAGE },
		{ "0::/user.slice/user-0.slice/session-1.scope\n", WB_EXIT_USAGE },
		{ "0::/system.slice/warmboot-quiesce.service.wants\n", WB_EXIT_USAGE },
		{ "0::/system.slice/warmboot-quiesce.service\n", WB_EXIT_DONE },
	};
	struct scene *s = *state;
	/* Beyond this frame, which the compiler insists on. */
	static struct wb_sys_ops ops;

	ops = *s->fake.sys.ops;
	ops.active_units = no_bus;
	s->fake.sys.ops = &ops;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].groups)
			fake_file(&s->fake, "proc/self/cgroup", rows[i].groups);
		assert_int_equal(quiesce(s), rows[i].status);
		assert_int_equal(wb_root_exists(&s->fake.sys.root, WB_RECORD_LIVE),
				 rows[i].status == WB_EXIT_DONE);
	}
}

static void assert_cold(struct scene *s, const char *why)
{
	_cleanup_(wb_record_freep) struct wb_record *record = live(s);

	assert_int_equal(record->end, WB_END_COLD);
	assert_non_null(strstr(record->failure, why));
	assert_non_null(
		strstr(fake_trace(&s->fake), "kexec unload\nwrite " DISABLED " 1\n"));
}

static void a_blocker(void **state)
{
	struct scene *s = *state;

	fake_file(&s->fake, "etc/warmboot/hooks.d/broken", "Nothing of a hook.\n");
	assert_int_equal(quiesce(s), WB_EXIT_NOT_UNDONE);
	assert_cold(s, "broken");
	assert_null(strstr(fake_trace(&s->fake), "rmmod"));
}

static void a_required_step_that_fails(void **state)
{
	struct scene *s = *state;
	struct fake_rule rules[] = { { "rmmod nvidia_drm", -EPERM, 0 }, { 0 } };

	s->fake.rules = rules;
	assert_int_equal(quiesce(s), WB_EXIT_NOT_UNDONE);
	assert_cold(s, "nvidia_drm");
	assert_null(strstr(fake_trace(&s->fake), "modprobe"));
}

/* What the late helper finds then is a reason to unload the image. */
static void assert_late_helper_unloads(struct scene *s)
{
	struct wb_record *record = NULL;

	fake_forget_trace(&s->fake);
	assert_int_equal(wb_late_open(&s->fake.sys, &record), 0);
	assert_null(record);
	assert_string_equal(fake_trace(&s->fake), "kexec unload\n");
}

/* As systemd starts it, whatever the tests before have blocked. */
static _Noreturn void die_planning(struct scene *s)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(quiesce(s));
}

/* Before any step: the drivers are as they were, and nobody may jump. A signal that can
 * be caught is not kept for later. */
static void an_end_to_planning(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM };
	struct scene *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		int status;
		pid_t pid;

		/* Of an earlier run, which says that all is well. */
		put_live(s, WB_END_UNDONE);
		fake_file(&s->fake, "sys/kernel/kexec_loaded", "1\n");
		fake_forget_trace(&s->fake);
		signal_of_planning = signals[i];
		pid = fork();
		if (pid == 0)
			die_planning(s);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_string_equal(fake_trace(&s->fake), "");
		assert_late_helper_unloads(s);
	}
}

static void no_memory_for_a_record(void **state)
{
	struct scene *s = *state;

	no_memory = true;
	assert_int_equal(quiesce(s), WB_EXIT_NOT_UNDONE);
	assert_string_equal(fake_trace(&s->fake), "kexec unload\nwrite " DISABLED " 1\n");
}

static void no_place_for_a_record(void **state)
{
	struct scene *s = *state;

	fake_file(&s->fake, "run/warmboot", "");
	assert_int_equal(quiesce(s), WB_EXIT_NOT_UNDONE);
	assert_string_equal(fake_trace(&s->fake), "kexec unload\nwrite " DISABLED " 1\n");
}

/* It gave up, and could not unload the image: what was done then is not done anew. */
static void once_given_up(void **state)
{
	struct scene *s = *state;
	struct fake_rule rules[] = { { "rmmod nvidia_drm", -EPERM, 1 },
				     { "kexec unload", -EBUSY, 1 },
				     { 0 } };

	s->fake.rules = rules;
	assert_int_equal(quiesce(s), WB_EXIT_NOT_UNDONE);
	fake_forget_trace(&s->fake);
	s->fake.rules = NULL;
	assert_int_equal(quiesce(s), WB_EXIT_DONE);
	assert_string_equal(fake_trace(&s->fake), "");
	assert_late_helper_unloads(s);
}

#define quiesce_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		quiesce_test(drivers_go),
		quiesce_test(standing_choices_count),
		quiesce_test(somebody_has_seen_to_it),
		quiesce_test(a_restart_that_was_cancelled),
		quiesce_test(twice),
		quiesce_test(records_that_do_not_count),
		quiesce_test(no_image),
		quiesce_test(by_hand),
		quiesce_test(without_a_bus),
		quiesce_test(a_blocker),
		quiesce_test(a_required_step_that_fails),
		quiesce_test(an_end_to_planning),
		quiesce_test(no_memory_for_a_record),
		quiesce_test(no_place_for_a_record),
		quiesce_test(once_given_up),
	};

	return RUN_TESTS(tests);
}
