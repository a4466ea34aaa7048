/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "fixture.h"
#include "sys/interrupt.h"
#include "sys/spawn.h"
#include "unit.h"

/* Slow machines are slower; a test that hangs takes the whole of it. */
#define PATIENCE_USEC (20 * USEC_PER_SEC)

struct output {
	char **lines;
	size_t bytes;
};

static void take_line(const char *line, void *userdata)
{
	struct output *o = userdata;

	o->bytes += strlen(line);
	if (wb_strv_length(o->lines) < 10)
		assert_int_equal(wb_strv_append(&o->lines, line), 0);
}

/* Run a script by /bin/sh. */
static int run(const char *script, uint64_t timeout_usec, struct output *output,
	       struct wb_spawn_result *ret)
{
	char sh[] = "/bin/sh", c[] = "-c", variable[] = "A=b c";
	_cleanup_free_ char *text = strdup(script);
	char *argv[] = { sh, c, text, NULL }, *environment[] = { variable, NULL };
	const struct wb_spawn what = { .argv = argv,
				       .environment = environment,
				       .timeout_usec = timeout_usec,
				       .line = output ? take_line : NULL,
				       .userdata = output };

	return wb_spawn(&what, ret);
}

static void assert_status(const char *script, int status)
{
	struct wb_spawn_result result;

	assert_int_equal(run(script, PATIENCE_USEC, NULL, &result), 0);
	assert_int_equal(result.status, status);
	assert_false(result.timed_out);
	wb_spawn_result_done(&result);
}

static void statuses(void **state)
{
	(void)state;
	assert_status("exit 0", 0);
	assert_status("exit 1", 1);
	assert_status("exit 77", 77);
	assert_status("exit 255", 255);
	/* "or 128 + signal as shells have it" */
	assert_status("kill -KILL $$", 128 + SIGKILL);
	assert_status("kill -TERM $$", 128 + SIGTERM);
}

static void lines(void **state)
{
	struct output o = { 0 };
	struct wb_spawn_result result;
	_cleanup_free_ char *joined = NULL;

	(void)state;
	assert_int_equal(run("echo one; echo two >&2; echo; printf three", PATIENCE_USEC,
			     &o, &result),
			 0);
	joined = wb_strv_join(o.lines, "|");
	assert_string_equal(joined, "one|two|three");
	assert_string_equal(result.last_line, "three");
	wb_spawn_result_done(&result);
	wb_strv_free(o.lines);
}

static void no_lines(void **state)
{
	struct wb_spawn_result result;

	(void)state;
	assert_int_equal(run("echo; echo", PATIENCE_USEC, NULL, &result), 0);
	assert_null(result.last_line);
	wb_spawn_result_done(&result);
	wb_spawn_result_done(&result);
}

/* "standard input from /dev/null, an environment that is given whole, a process group of
 * their own" */
static void surroundings(void **state)
{
	struct output o = { 0 };
	struct wb_spawn_result result;

	(void)state;
	assert_int_equal(setenv("WARMBOOT_UNIT_TEST", "leaks", 1), 0);
	assert_int_equal(run("read -r x && exit 3\n"
			     "[ \"$A\" = 'b c' ] || exit 4\n"
			     "[ -z \"$WARMBOOT_UNIT_TEST\" ] || exit 5\n"
			     "[ \"$(pwd)\" = / ] || exit 6\n"
			     "read -r stat </proc/self/stat\n"
			     "set -- ${stat##*) }\n"
			     "[ \"$3\" = $$ ] || exit 7\n",
			     PATIENCE_USEC, &o, &result),
			 0);
	assert_int_equal(result.status, 0);
	wb_spawn_result_done(&result);
	wb_strv_free(o.lines);
}

/* Who takes much memory goes first where there is none; all others as they did. */
static void expendable(void **state)
{
	char sh[] = "/bin/sh", c[] = "-c";
	char script[] = "read -r score </proc/self/oom_score_adj; echo $score";
	char *argv[] = { sh, c, script, NULL }, *environment[] = { NULL };
	struct wb_spawn what = { .argv = argv,
				 .environment = environment,
				 .timeout_usec = PATIENCE_USEC };
	struct wb_spawn_result result;

	(void)state;
	what.expendable = true;
	assert_int_equal(wb_spawn(&what, &result), 0);
	assert_string_equal(result.last_line, "1000");
	wb_spawn_result_done(&result);
	what.expendable = false;
	assert_int_equal(wb_spawn(&what, &result), 0);
	assert_string_not_equal(result.last_line, "1000");
	wb_spawn_result_done(&result);
}

/* The files come in the order of the list, also where their numbers here are those that
 * others get there; and nothing else is handed on. */
static void files(void **state)
{
	char sh[] = "/bin/sh", c[] = "-c";
	char script[] = "cat <&3; echo; cat <&4; echo; exec ls /proc/self/fd";
	char *argv[] = { sh, c, script, NULL }, *environment[] = { NULL };
	int one = memfd_create("one", 0), two = memfd_create("two", 0);
	const int fds[] = { two, one };
	struct output output = { 0 };
	const struct wb_spawn what = { .argv = argv,
				       .environment = environment,
				       .fds = fds,
				       .n_fds = ARRAY_SIZE(fds),
				       .timeout_usec = PATIENCE_USEC,
				       .line = take_line,
				       .userdata = &output };
	struct wb_spawn_result result;

	(void)state;
	assert_int_equal(pwrite(one, "first", 5, 0), 5);
	assert_int_equal(pwrite(two, "second", 6, 0), 6);
	assert_int_equal(wb_spawn(&what, &result), 0);
	assert_int_equal(result.status, 0);
	assert_string_equal(output.lines[0], "second");
	assert_string_equal(output.lines[1], "first");
	/* And the one by which ls reads the folder. */
	assert_int_equal(wb_strv_length(output.lines), 2 + 6);
	assert_string_equal(output.lines[7], "5");
	wb_strv_free(output.lines);
	wb_spawn_result_done(&result);
	close(one);
	close(two);
}

static void failure_to_start(void **state)
{
	static const struct {
		const char *program;
		int error;
	} cases[] = {
		{ "/nowhere/at/all", -ENOENT },
		{ "/", -EACCES },
		{ "/etc/passwd", -EACCES },
		{ "/etc/passwd/x", -ENOTDIR },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *program = strdup(cases[i].program);
		char *argv[] = { program, NULL }, *environment[] = { NULL };
		const struct wb_spawn what = { .argv = argv,
					       .environment = environment,
					       .timeout_usec = PATIENCE_USEC };
		struct wb_spawn_result result;

		assert_int_equal(wb_spawn(&what, &result), cases[i].error);
	}
}

static void a_script_without_a_first_line(void **state)
{
	_cleanup_free_ char *program = NULL;
	struct wb_spawn_result result;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_file(&f, "hook", "echo no interpreter is named\n");
	fixture_mode(&f, "hook", 0755);
	program = fixture_outside(&f, "hook");
	{
		char *argv[] = { program, NULL }, *environment[] = { NULL };
		const struct wb_spawn what = { .argv = argv,
					       .environment = environment,
					       .timeout_usec = PATIENCE_USEC };

		assert_int_equal(wb_spawn(&what, &result), -ENOEXEC);
	}
	fixture_done(&f);
}

static uint64_t elapsed_since(uint64_t begin)
{
	return wb_now_usec(CLOCK_BOOTTIME) - begin;
}

static void timeout(void **state)
{
	struct wb_spawn_result result;
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);

	(void)state;
	assert_int_equal(run("echo begun; exec sleep 1000", USEC_PER_SEC / 2, NULL,
			     &result),
			 0);
	assert_true(result.timed_out);
	assert_int_equal(result.status, 128 + SIGKILL);
	assert_string_equal(result.last_line, "begun");
	assert_true(elapsed_since(begin) >= USEC_PER_SEC / 2);
	assert_true(elapsed_since(begin) < PATIENCE_USEC / 2);
	wb_spawn_result_done(&result);
}

/* Gone, or a zombie that nobody has taken yet. */
static bool is_dead(pid_t pid)
{
	_cleanup_free_ char *path = wb_format("/proc/%d/stat", pid);
	FILE *f = fopen(path, "re");
	char state = 'X';

	if (!f)
		return true;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(f);
	return state == 'Z' || state == 'X';
}

static void wait_dead(pid_t pid)
{
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);

	while (!is_dead(pid)) {
		assert_true(elapsed_since(begin) < PATIENCE_USEC / 2);
		usleep(10000);
	}
}

/* "killed with its group": also those who do not listen to SIGTERM. */
static void timeout_kills_grandchildren(void **state)
{
	struct wb_spawn_result result;
	uint64_t pid;

	(void)state;
	assert_int_equal(
		run("sh -c 'trap \"\" TERM HUP INT; echo $$; while :; do sleep 1; done' &"
		    "wait",
		    USEC_PER_SEC, NULL, &result),
		0);
	assert_true(result.timed_out);
	assert_int_equal(wb_parse_u64(result.last_line, 10, &pid), 0);
	wait_dead((pid_t)pid);
	wb_spawn_result_done(&result);
}

/* A daemon that keeps the pipe open does not keep us. */
static void a_daemon_left_behind(void **state)
{
	struct wb_spawn_result result;
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME), pid;

	(void)state;
	assert_int_equal(run("sleep 1000 & echo $!; exit 5", PATIENCE_USEC, NULL,
			     &result),
			 0);
	assert_false(result.timed_out);
	assert_int_equal(result.status, 5);
	assert_true(elapsed_since(begin) < PATIENCE_USEC / 2);
	assert_int_equal(wb_parse_u64(result.last_line, 10, &pid), 0);
	kill((pid_t)pid, SIGKILL);
	wb_spawn_result_done(&result);
}

/* As a journal that is busy. */
static void take_slowly(const char *line, void *userdata)
{
	(void)line;
	(void)userdata;
	usleep(1000);
}

/* More than the reader gets through in seconds, and yet not for ever. */
#define TALK "yes $(head -c 1000 /dev/zero | tr '\\0' x) | head -n 5000"

static int run_talker(const char *script, uint64_t timeout_usec,
		      struct wb_spawn_result *ret)
{
	char sh[] = "/bin/sh", c[] = "-c", path[] = "PATH=/usr/bin:/bin";
	_cleanup_free_ char *text = strdup(script);
	char *argv[] = { sh, c, text, NULL }, *environment[] = { path, NULL };
	const struct wb_spawn what = { .argv = argv,
				       .environment = environment,
				       .timeout_usec = timeout_usec,
				       .line = take_slowly };

	return wb_spawn(&what, ret);
}

/* "the end of the process counts, not the end of the output" */
static void a_daemon_that_talks_on(void **state)
{
	struct wb_spawn_result result;
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);

	(void)state;
	assert_int_equal(run_talker("(" TALK ") & sleep 0.2; exit 5", PATIENCE_USEC,
				    &result),
			 0);
	assert_false(result.timed_out);
	assert_int_equal(result.status, 5);
	assert_true(elapsed_since(begin) < PATIENCE_USEC / 2);
	wb_spawn_result_done(&result);
}

/* Who talks without a pause has a deadline all the same. */
static void timeout_of_a_talker(void **state)
{
	struct wb_spawn_result result;
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);

	(void)state;
	assert_int_equal(run_talker(TALK, USEC_PER_SEC / 2, &result), 0);
	assert_true(result.timed_out);
	assert_true(elapsed_since(begin) < 3 * USEC_PER_SEC);
	wb_spawn_result_done(&result);
}

static void a_megabyte(void **state)
{
	struct output o = { 0 };
	struct wb_spawn_result result;

	(void)state;
	assert_int_equal(run("yes 0123456789abcde | head -n 65536; echo end",
			     PATIENCE_USEC, &o, &result),
			 0);
	assert_int_equal(result.status, 0);
	assert_int_equal(o.bytes, 65536 * 15 + 3);
	assert_string_equal(result.last_line, "end");
	wb_spawn_result_done(&result);
	wb_strv_free(o.lines);
}

/* "cut at 4 KiB", and nothing of it is lost to those who see every line. */
static void a_long_line(void **state)
{
	struct output o = { 0 };
	struct wb_spawn_result result;

	(void)state;
	assert_int_equal(run("head -c 1000000 /dev/zero | tr '\\0' x", PATIENCE_USEC, &o,
			     &result),
			 0);
	assert_int_equal(o.bytes, 1000000);
	assert_true(strlen(o.lines[0]) >= 4000 && strlen(o.lines[0]) <= 4096);
	assert_true(strlen(result.last_line) <= 4096);
	wb_spawn_result_done(&result);
	wb_strv_free(o.lines);
}

/* What is said in the last moment is heard: it is the reason that a hook gives. */
static void last_words(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		struct wb_spawn_result result;

		assert_int_equal(run("echo first; echo reason; exit 1", PATIENCE_USEC,
				     NULL, &result),
				 0);
		assert_int_equal(result.status, 1);
		assert_non_null(result.last_line);
		assert_string_equal(result.last_line, "reason");
		wb_spawn_result_done(&result);
	}
}

/* --- calls in a child ------------------------------------------------------------- */

static int give(const void *data)
{
	return *(const int *)data;
}

static int hang(const void *data)
{
	(void)data;
	for (;;)
		pause();
	return 0;
}

static int die(const void *data)
{
	kill(getpid(), *(const int *)data);
	return 0;
}

/* "Returns what it returned (0 or negative errno)" */
static void calls(void **state)
{
	const int values[] = { 0,      -EPERM,  -ENOENT,    -EAGAIN,
			       -EBUSY, -ENOMEM, -ETIMEDOUT, -ENOKEY };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		assert_int_equal(wb_call_in_child(give, &values[i], PATIENCE_USEC, NULL),
				 values[i]);
}

/* Those above 127 as well: a module without a signature gives -EKEYREJECTED. */
static void calls_that_fail_with_a_high_number(void **state)
{
	const int values[] = { -EKEYREVOKED, -EKEYREJECTED, -ERFKILL, -EHWPOISON };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		assert_int_equal(wb_call_in_child(give, &values[i], PATIENCE_USEC, NULL),
				 values[i]);
}

static void calls_that_hang(void **state)
{
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);

	(void)state;
	assert_int_equal(wb_call_in_child(hang, NULL, USEC_PER_SEC / 5, NULL),
			 -ETIMEDOUT);
	assert_true(elapsed_since(begin) >= USEC_PER_SEC / 5);
	assert_true(elapsed_since(begin) < PATIENCE_USEC / 2);
}

/* The kernel kills a task that oopses. */
static void calls_that_die(void **state)
{
	const int signals[] = { SIGKILL, SIGABRT, SIGHUP };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		assert_true(wb_call_in_child(die, &signals[i], PATIENCE_USEC, NULL) < 0);
}

/* --- who dies with whom ------------------------------------------------------------- */

static int tell_fd;

static void tell(const char *line, void *userdata)
{
	(void)userdata;
	assert_true(write(tell_fd, line, strlen(line) + 1) > 0);
}

/* A process that runs a program, and that of the program, which says which it is. */
static pid_t fork_runner(pid_t *ret_program)
{
	char sh[] = "/bin/sh", c[] = "-c", script[] = "echo $$; exec /bin/sleep 1000";
	char *argv[] = { sh, c, script, NULL }, *environment[] = { NULL };
	const struct wb_spawn what = { .argv = argv,
				       .environment = environment,
				       .timeout_usec = PATIENCE_USEC,
				       .line = tell };
	struct wb_spawn_result result;
	char text[32] = "";
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	tell_fd = fds[1];
	pid = fork();
	if (pid == 0)
		_exit(wb_spawn(&what, &result) < 0);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	close(fds[0]);
	close(fds[1]);
	*ret_program = (pid_t)strtol(text, NULL, 10);
	return pid;
}

static void programs_die_with_the_run(void **state)
{
	pid_t program, runner = fork_runner(&program);

	(void)state;
	assert_true(program > 0 && !is_dead(program));
	assert_int_equal(kill(runner, SIGKILL), 0);
	assert_int_equal(waitpid(runner, NULL, 0), runner);
	wait_dead(program);
}

/* The signal is for a death that is still to come. */
static void a_parent_that_is_dead_already(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		wb_die_with(getpid());
		_exit(EXIT_SUCCESS);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
}

/* --- signals: the last, because they are watched from then on ---------------------- */

static void interrupted(void **state)
{
	struct wb_spawn_result result;
	uint64_t begin = wb_now_usec(CLOCK_BOOTTIME);
	struct output o = { 0 };
	uint64_t pid;

	(void)state;
	assert_false(wb_interrupted());
	assert_int_equal(wb_interrupt_setup(/* terminate= */ true), 0);
	assert_int_equal(run("sleep 1000 & echo $!; sleep 0.2; kill -TERM $PPID; wait",
			     PATIENCE_USEC, &o, &result),
			 -EINTR);
	assert_true(elapsed_since(begin) < PATIENCE_USEC / 2);
	assert_true(wb_interrupted());
	/* "after the group was killed" */
	assert_non_null(o.lines);
	assert_int_equal(wb_parse_u64(o.lines[0], 10, &pid), 0);
	wait_dead((pid_t)pid);
	/* A call in a child is not broken off half way. */
	assert_int_equal(wb_call_in_child(give, &(int){ 0 }, PATIENCE_USEC, NULL), 0);
	wb_interrupt_take();
	assert_false(wb_interrupted());
	wb_strv_free(o.lines);
}

static void interrupted_no_more(void **state)
{
	(void)state;
	wb_interrupt_ignore();
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_false(wb_interrupted());
	assert_true(wb_interrupt_fd() < 0);
	assert_status("exit 9", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(lines),
		cmocka_unit_test(no_lines),
		cmocka_unit_test(surroundings),
		cmocka_unit_test(expendable),
		cmocka_unit_test(files),
		cmocka_unit_test(failure_to_start),
		cmocka_unit_test(a_script_without_a_first_line),
		cmocka_unit_test(timeout),
		cmocka_unit_test(timeout_kills_grandchildren),
		cmocka_unit_test(a_daemon_left_behind),
		cmocka_unit_test(a_daemon_that_talks_on),
		cmocka_unit_test(timeout_of_a_talker),
		cmocka_unit_test(a_megabyte),
		cmocka_unit_test(a_long_line),
		cmocka_unit_test(last_words),
		cmocka_unit_test(calls),
		cmocka_unit_test(calls_that_fail_with_a_high_number),
		cmocka_unit_test(calls_that_hang),
		cmocka_unit_test(calls_that_die),
		cmocka_unit_test(programs_die_with_the_run),
		cmocka_unit_test(a_parent_that_is_dead_already),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(interrupted_no_more),
	};

	return RUN_TESTS(tests);
}
