/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sys/spawn.h"

static const char *name(void)
{
	const char *pager = getenv("WARMBOOT_PAGER");

	if (!pager)
		pager = getenv("PAGER");
	return pager ? pager : "less";
}

/*
 * F: gone at once where all fits on one screen; R: colours; X: what was
 * shown stays. Without LESSSECURE whoever reads root's output could start a
 * shell from it.
 */
static _Noreturn void be_pager(const char *program, int input, int failed, pid_t parent)
{
	wb_die_with(parent);
	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LESSSECURE", "1", 1);
	if (dup2(input, STDIN_FILENO) >= 0)
		execlp(program, program, NULL);
	/* Closed by an exec that succeeds. */
	(void)!write(failed, "", 1);
	_exit(EXIT_FAILURE);
}

/* 1 when it runs, 0 when there is no such program. */
static int fork_pager(const char *program, int input, pid_t *ret)
{
	pid_t parent = getpid(), pid;
	int fds[2];
	char byte;
	bool failed;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		be_pager(program, input, fds[1], parent);
	close(fds[1]);
	failed = pid < 0 || read(fds[0], &byte, 1) != 0;
	close(fds[0]);
	if (pid < 0)
		return -errno;
	if (failed) {
		(void)waitpid(pid, NULL, 0);
		return 0;
	}
	*ret = pid;
	return 1;
}

int wb_pager_start(pid_t *ret)
{
	const char *program = name();
	int fds[2], r;

	if (!*program || strcmp(program, "cat") == 0)
		return 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = fork_pager(program, fds[0], ret);
	/* A reader who has seen enough is no failure. */
	if (r > 0 &&
	    (signal(SIGPIPE, SIG_IGN) == SIG_ERR || dup2(fds[1], STDOUT_FILENO) < 0))
		r = -errno;
	close(fds[0]);
	close(fds[1]);
	return r;
}

void wb_pager_end(pid_t pager)
{
	close(STDOUT_FILENO);
	(void)waitpid(pager, NULL, 0);
}
