/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --fallback=reboot, from a plan that is refused: what is done, said by the exit status.
 */

#include "fallback.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/text.h"
#include "ending.h"
#include "fake-sys.h"
#include "unit.h"

#define ID     "01234567-89ab-cdef-0123-456789abcdef"
#define PATH   "/var/lib/warmboot/" ID ".json"
#define REASON "the program kexec is not installed"

struct scene {
	struct fake_sys fake;
	struct wb_cli cli;
	struct wb_record *record;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct wb_plan *plan = calloc(1, sizeof(*plan));

	fake_begin(&s->fake);
	fake_file(&s->fake, "run/warmboot/lock", "");
	plan->id = strdup(ID);
	plan->reboot = true;
	assert_int_equal(wb_findings_add(&plan->findings, WB_BLOCKER, "kexec", REASON),
			 0);
	s->record = wb_record_new(plan);
	/* Whoever runs the tests at a terminal is not asked. */
	s->cli.yes = true;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	wb_record_free(s->record);
	fake_end(&s->fake);
	free(s);
	return 0;
}

static int fall_back(struct scene *s)
{
	return wb_fallback(&s->cli, &s->fake.sys, s->record, REASON);
}

static void assert_nothing_done(struct scene *s)
{
	assert_string_equal(fake_trace(&s->fake), "");
	assert_false(wb_root_exists(&s->fake.sys.root, PATH));
}

static void an_ordinary_reboot(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *read = NULL;
	struct scene *s = *state;

	assert_int_equal(fall_back(s), WB_EXIT_DONE);
	assert_string_equal(fake_trace(&s->fake), "enqueue reboot.target\n");
	assert_int_equal(wb_record_read(&s->fake.sys.root, PATH, &read), 0);
	assert_string_equal(read->failure, REASON);
}

static void a_veto(void **state)
{
	struct scene *s = *state;

	assert_int_equal(wb_findings_add_veto(&s->record->plan->findings, "kvm",
					      "a guest runs"),
			 0);
	assert_int_equal(fall_back(s), WB_EXIT_REFUSED);
	assert_nothing_done(s);
}

static void it_cannot_be_queued(void **state)
{
	struct fake_rule rules[] = { { "enqueue reboot.target", -EIO, 0 }, { 0 } };
	struct scene *s = *state;

	s->fake.rules = rules;
	assert_int_equal(fall_back(s), WB_EXIT_FAILED);
	assert_false(wb_root_exists(&s->fake.sys.root, PATH));
}

/* Another process, since one does not see its own lock. */
static pid_t hold_lock(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

/* It began while the question stood at the terminal. */
static void another_one_at_work(void **state)
{
	struct scene *s = *state;
	_cleanup_free_ char *path = wb_format("%s/run/warmboot/lock", s->fake.folder);
	pid_t pid = hold_lock(path);

	assert_int_equal(fall_back(s), WB_EXIT_REFUSED);
	assert_nothing_done(s);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(fall_back(s), WB_EXIT_DONE);
}

/* Nobody asked for it: somebody has to look. */
static void a_cold_end_without_a_fallback(void **state)
{
	struct scene *s = *state;

	s->record->end = WB_END_COLD;
	assert_int_equal(wb_ending_status(s->record), WB_EXIT_DONE);
	s->record->plan->reboot = false;
	assert_int_equal(wb_ending_status(s->record), WB_EXIT_NOT_UNDONE);
	s->record->plan->reboot = true;
	s->record->end = WB_END_UNDONE;
	assert_int_equal(wb_ending_status(s->record), WB_EXIT_FAILED);
}

#define fallback_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fallback_test(an_ordinary_reboot),
		fallback_test(a_veto),
		fallback_test(it_cannot_be_queued),
		fallback_test(another_one_at_work),
		fallback_test(a_cold_end_without_a_fallback),
	};

	return RUN_TESTS(tests);
}
