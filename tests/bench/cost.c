/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a command costs: cost TIMES COMMAND [ARGUMENT...]
 *
 * Runs it so often, its output thrown away, and prints its CPU time (user and system) in
 * microseconds, the least and the median, and the largest maximum resident set in KiB. It
 * is this small because what a process had resident before execve() counts as the
 * command's, and in C because a throw-away machine has neither python3 nor time(1).
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMES_MAX 1000

static long usec_of(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000L +
	       u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void become(char *argv[])
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0 && dup2(null, 2) >= 0)
		execvp(argv[0], argv);
	_exit(127);
}

/* 0, or -1 where it could not be run or was killed. What it exits with is its own. */
static int run_once(char *argv[], struct rusage *ret)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become(argv);
	if (pid < 0 || wait4(pid, &status, 0, ret) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? 0 : -1;
}

int main(int argc, char *argv[])
{
	int times = argc > 2 ? atoi(argv[1]) : 0;
	long usec[TIMES_MAX], kib = 0;

	if (times < 1 || times > TIMES_MAX) {
		fprintf(stderr, "usage: cost TIMES COMMAND [ARGUMENT...]\n");
		return 2;
	}
	for (int i = 0; i < times; i++) {
		struct rusage usage;

		if (run_once(argv + 2, &usage) < 0) {
			fprintf(stderr, "cost: cannot run %s\n", argv[2]);
			return 1;
		}
		usec[i] = usec_of(&usage);
		kib = usage.ru_maxrss > kib ? usage.ru_maxrss : kib;
	}
	qsort(usec, (size_t)times, sizeof(*usec), compare);
	printf("%ld %ld %ld\n", usec[0], usec[times / 2], kib);
	return 0;
}
