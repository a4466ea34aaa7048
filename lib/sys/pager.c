/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/strv.h"

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
static _Noreturn void be_pager(char *const *argv, int input, int failed, pid_t parent)
{
	/* less(1) gives the terminal back when it is asked to end, and not when it is
	 * killed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LESSSECURE", "1", 1);
	if (dup2(input, STDIN_FILENO) >= 0)
		execvp(argv[0], argv);
	/* Closed by an exec that succeeds. */
	(void)!write(failed, "", 1);
	_exit(EXIT_FAILURE);
}

/* 1 when it runs, 0 when there is no such program. */
static int fork_pager(char *const *argv, int input, pid_t *ret)
{
	pid_t parent = getpid(), pid;
	int fds[2];
	char byte;
	bool failed;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		be_pager(argv, input, fds[1], parent);
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

static int start(char *const *argv, pid_t *ret)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = fork_pager(argv, fds[0], ret);
	/* A reader who has seen enough is no failure. */
	if (r > 0 &&
	    (signal(SIGPIPE, SIG_IGN) == SIG_ERR || dup2(fds[1], STDOUT_FILENO) < 0))
		r = -errno;
	close(fds[0]);
	close(fds[1]);
	return r;
}

int wb_pager_start(pid_t *ret)
{
	_cleanup_strv_ char **argv = NULL;
	int r = wb_strv_split_words(&argv, name());

	if (r < 0 || !argv || strcmp(argv[0], "cat") == 0)
		return r < 0 ? r : 0;
	return start(argv, ret);
}

void wb_pager_end(pid_t pager)
{
	/* It is the pager's from here on. */
	(void)signal(SIGINT, SIG_IGN);
	close(STDOUT_FILENO);
	(void)waitpid(pager, NULL, 0);
}
