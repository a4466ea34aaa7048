/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/time-util.h"
#include "sys/interrupt.h"

#define LINE_MAX_BYTES 4096
#define READ_BYTES     8192
/* A pipe holds 64 KiB, pipe(7). */
#define PIPE_READS (65536 / READ_BYTES + 1)
/* How long a killed process may take to be gone before it counts as stuck. */
#define KILL_GRACE_USEC (2 * USEC_PER_SEC)

/* Output as it comes, cut into lines. */
struct splitter {
	const struct wb_spawn *what;
	char line[LINE_MAX_BYTES];
	size_t n;
	char **last_line;
};

int wb_pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

void wb_die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It tells only of a death that is still to come: prctl(2). */
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
}

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void split_flush(struct splitter *s)
{
	char *copy;

	s->line[s->n] = '\0';
	if (s->n > 0) {
		copy = strdup(s->line);
		if (copy) {
			free(*s->last_line);
			*s->last_line = copy;
		}
		if (s->what->line)
			s->what->line(s->line, s->what->userdata);
	}
	s->n = 0;
}

static void split_feed(struct splitter *s, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n' || s->n == sizeof(s->line) - 1)
			split_flush(s);
		if (data[i] != '\n')
			s->line[s->n++] = data[i];
	}
}

/*
 * In the child: give the program its files as 3, 4, ... First all of them, and the pipe
 * that tells of a failure, are moved away from where another one may go.
 */
static bool pass_files(const struct wb_spawn *what, int *error)
{
	enum { FIRST = STDERR_FILENO + 1, AWAY = FIRST + WB_SPAWN_FDS_MAX };
	int away[WB_SPAWN_FDS_MAX];

	*error = fcntl(*error, F_DUPFD_CLOEXEC, AWAY);
	for (size_t i = 0; i < what->n_fds; i++)
		away[i] = fcntl(what->fds[i], F_DUPFD_CLOEXEC, AWAY);
	for (size_t i = 0; i < what->n_fds; i++)
		if (away[i] < 0 || dup2(away[i], FIRST + (int)i) < 0)
			return false;
	/* Whoever started this process may have left some open; before 5.11 they stay. */
	syscall(SYS_close_range, FIRST + what->n_fds, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	return *error >= 0;
}

/* Else the kernel ends whoever has most of it, as the machine's database: proc(5). */
static void offer_to_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Where it cannot be offered it is a program like any other. */
	if (fd >= 0 && write(fd, "1000", 4) < 0)
		errno = 0;
	if (fd >= 0)
		close(fd);
}

/* In the child: never returns. The errno of a failed execve goes back through @error. */
static _Noreturn void child_exec(const struct wb_spawn *what, pid_t parent, int output,
				 int error)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* Before it is in a group of its own, where nobody else's signals reach it. */
	wb_die_with(parent);
	setpgid(0, 0);
	reset_signals();
	if (what->expendable)
		offer_to_oom_killer();
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0 &&
	    pass_files(what, &error) && chdir("/") == 0)
		execve(what->argv[0], what->argv, what->environment);
	null = errno;
	/* Nothing to be done where even this fails: the parent then sees status 127. */
	if (write(error, &null, sizeof(null)) < 0)
		_exit(126);
	_exit(127);
}

static int start(const struct wb_spawn *what, pid_t *ret_pid, int *ret_output)
{
	int output[2], error[2], child_errno = 0;
	pid_t parent = getpid(), pid;
	ssize_t n;

	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(error, O_CLOEXEC) < 0) {
		close(output[0]);
		close(output[1]);
		return -errno;
	}
	pid = fork();
	if (pid == 0)
		child_exec(what, parent, output[1], error[1]);
	close(output[1]);
	close(error[1]);
	/* Ends at once when execve closed the other side. */
	n = pid < 0 ? -1 : read(error[0], &child_errno, sizeof(child_errno));
	close(error[0]);
	if (pid < 0 || n > 0) {
		close(output[0]);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return n > 0 ? -child_errno : -EAGAIN;
	}
	*ret_pid = pid;
	*ret_output = output[0];
	return 0;
}

/* 1 when more may come, 0 at the end of the output. */
static int read_some(int fd, struct splitter *s)
{
	char data[READ_BYTES];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	split_feed(s, data, (size_t)n);
	return n > 0;
}

/* What was in the pipe when the process ended, and no more of what others add to it. */
static int drain(int output, struct splitter *s)
{
	int r = 1;

	for (size_t n = 0; r > 0 && n < PIPE_READS; n++)
		if (wb_wait(&output, 1, 0) == 1)
			r = read_some(output, s);
		else
			r = 0;
	return r < 0 ? r : 0;
}

/*
 * Read until the process has ended. A daemon it left behind may hold the pipe open for
 * ever, so the end of the process counts, not the end of the output.
 */
static int follow(pid_t pid, int output, uint64_t deadline, struct splitter *s)
{
	_cleanup_close_ int pidfd = wb_pidfd_open(pid);
	int fds[] = { pidfd, output };
	int r;

	if (pidfd < 0)
		return -errno;
	while (wb_now_usec(CLOCK_BOOTTIME) < deadline) {
		r = wb_wait(fds, ARRAY_SIZE(fds), deadline);
		if (r < 0)
			return r;
		if (r == 1)
			return drain(output, s);
		r = r == 2 ? read_some(output, s) : 1;
		if (r < 0)
			return r;
		if (r == 0)
			fds[1] = -1; /* its end; only that of the process is left */
	}
	return -ETIMEDOUT;
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The errno that a child of wb_call_in_child() left as its exit status. */
static int reap_errno(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

/* Kill and wait a bounded time: a process in the middle of a system call may stay. */
static int kill_group_and_reap(pid_t pid)
{
	_cleanup_close_ int pidfd = wb_pidfd_open(pid);
	int r;

	kill(-pid, SIGKILL);
	r = wb_wait_undisturbed(pidfd, wb_now_usec(CLOCK_BOOTTIME) + KILL_GRACE_USEC);
	return r == 1 ? reap(pid) : 128 + SIGKILL;
}

int wb_spawn(const struct wb_spawn *what, struct wb_spawn_result *ret)
{
	struct wb_spawn_result result = { 0 };
	struct splitter s = { .what = what, .last_line = &result.last_line };
	_cleanup_close_ int output = -1;
	pid_t pid = -1;
	int r;

	if (what->n_fds > WB_SPAWN_FDS_MAX)
		return -E2BIG;
	r = start(what, &pid, &output);
	if (r < 0)
		return r;
	r = follow(pid, output, wb_now_usec(CLOCK_BOOTTIME) + what->timeout_usec, &s);
	split_flush(&s);
	result.timed_out = r == -ETIMEDOUT;
	result.status = r < 0 ? kill_group_and_reap(pid) : reap(pid);
	if (r < 0 && r != -ETIMEDOUT) {
		wb_spawn_result_done(&result);
		return r;
	}
	*ret = result;
	return 0;
}

void wb_spawn_result_done(struct wb_spawn_result *result)
{
	free(result->last_line);
	result->last_line = NULL;
}

/* In the child. Exit statuses are 8 bits; the few errors beyond, which are the kernel's
 * own and meant for nobody else, must not wrap round into a success. */
static _Noreturn void child_call(pid_t parent, int (*act)(const void *data),
				 const void *data)
{
	int r;

	wb_die_with(parent);
	r = act(data);
	_exit(r < -UINT8_MAX ? EIO : -r);
}

int wb_call_in_child(int (*act)(const void *data), const void *data,
		     uint64_t timeout_usec, pid_t *ret_stuck)
{
	_cleanup_close_ int pidfd = -1;
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + timeout_usec;
	pid_t parent = getpid(), pid = fork();
	int r;

	if (ret_stuck)
		*ret_stuck = 0;
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_call(parent, act, data);
	pidfd = wb_pidfd_open(pid);
	if (pidfd < 0)
		return -errno;
	/* A module's exit cannot be broken off half way: signals wait for it. */
	r = wb_wait_undisturbed(pidfd, deadline);
	if (r == 1)
		return reap_errno(pid);
	/* The signal counts only once the system call is over, and then that is its end.
	 */
	kill(pid, SIGKILL);
	r = wb_wait_undisturbed(pidfd, wb_now_usec(CLOCK_BOOTTIME) + KILL_GRACE_USEC);
	if (r != 1 && ret_stuck)
		*ret_stuck = pid;
	if (r != 1)
		return -ETIMEDOUT;
	r = reap_errno(pid);
	return r == -EIO ? -ETIMEDOUT : r;
}
