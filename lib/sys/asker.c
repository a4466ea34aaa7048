/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/asker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time-util.h"
#include "sys/spawn.h"

/* How often an answer may take as long as silence may. */
#define WHOLE 10

/* With what each packet begins. */
enum { MESSAGE, MORE, END };

void wb_asker_say(int fd, const void *message, size_t size)
{
	char packet[1 + WB_ASKER_MESSAGE_MAX] = { MESSAGE };

	size = size < WB_ASKER_MESSAGE_MAX ? size : WB_ASKER_MESSAGE_MAX;
	memcpy(packet + 1, message, size);
	(void)!send(fd, packet, 1 + size, MSG_NOSIGNAL);
}

void wb_asker_go_on(int fd)
{
	const char more = MORE;

	(void)!send(fd, &more, sizeof(more), MSG_NOSIGNAL);
}

static _Noreturn void serve(const struct wb_asker *asker, int fd, pid_t parent)
{
	const char end = END;
	uint64_t question;

	wb_die_with(parent);
	while (recv(fd, &question, sizeof(question), 0) == sizeof(question)) {
		asker->answer(fd, question, asker->userdata);
		if (send(fd, &end, sizeof(end), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static int start(struct wb_asker *asker)
{
	pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	asker->pid = fork();
	if (asker->pid == 0) {
		close(fds[0]);
		serve(asker, fds[1], parent);
	}
	close(fds[1]);
	if (asker->pid < 0) {
		int r = -errno;

		asker->pid = 0;
		close(fds[0]);
		return r;
	}
	asker->fd = fds[0];
	return 0;
}

/* One that hangs ends when the kernel lets it, and is init's by then. */
static void stop(struct wb_asker *asker, int options)
{
	close(asker->fd);
	kill(asker->pid, SIGKILL);
	while (waitpid(asker->pid, NULL, options) < 0 && errno == EINTR)
		;
	asker->pid = 0;
}

/* Take the time since @begin from @rest. */
static void charge(uint64_t *rest, uint64_t begin)
{
	uint64_t took = wb_now_usec(CLOCK_MONOTONIC) - begin;

	*rest -= took < *rest ? took : *rest;
}

static int give_up(struct wb_asker *asker, uint64_t begin)
{
	charge(&asker->patience_usec, begin);
	stop(asker, WNOHANG);
	return -ETIMEDOUT;
}

/* For the next piece of an answer that began at @begin. */
static uint64_t deadline_of(uint64_t begin, uint64_t limit)
{
	uint64_t silence = wb_now_usec(CLOCK_MONOTONIC) + limit;
	uint64_t whole = begin + WHOLE * limit;

	return silence < whole ? silence : whole;
}

/* 1: there is something to be read, 0: there was nothing until @deadline. */
static int wait_until(const struct wb_asker *asker, uint64_t deadline)
{
	struct pollfd p = { .fd = asker->fd, .events = POLLIN };

	for (;;) {
		uint64_t now = wb_now_usec(CLOCK_MONOTONIC);
		uint64_t left = now < deadline ? deadline - now : 0;
		int r = poll(&p, 1, (int)((left + USEC_PER_MSEC - 1) / USEC_PER_MSEC));

		if (r >= 0)
			return r;
		if (errno != EINTR)
			return -errno;
	}
}

/* Has it all that it needs but a CPU? On a machine that is busy that takes longer than
 * any answer. Who waits for a lock is in another state, proc_pid_stat(5). A child of ours
 * is in our own /proc, whatever machine is looked at. */
static bool is_running(pid_t pid)
{
	_cleanup_free_ char *path = wb_format("/proc/%d/stat", pid);
	_cleanup_close_ int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[256] = "";
	const char *name_end;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	/* "812 (warmboot) R 1 ..." */
	name_end = strrchr(text, ')');
	return name_end && strncmp(name_end, ") R ", strlen(") R ")) == 0;
}

static int wait_for_packet(struct wb_asker *asker, uint64_t begin, uint64_t limit)
{
	int r = wait_until(asker, deadline_of(begin, limit));

	while (r == 0 && asker->busy_usec > 0 && is_running(asker->pid)) {
		uint64_t now = wb_now_usec(CLOCK_MONOTONIC);

		r = wait_until(asker, now + limit);
		charge(&asker->busy_usec, now);
	}
	/* It may have answered after all, and wait for the next question by now. */
	return r == 0 ? wait_until(asker, 0) : r;
}

int wb_asker_ask(struct wb_asker *asker, uint64_t question,
		 int (*heard)(const void *message, size_t size, void *userdata),
		 void *userdata)
{
	uint64_t limit =
		asker->patience_usec > 0 ? asker->limit_usec : asker->limit_usec / 10;
	uint64_t begin = wb_now_usec(CLOCK_MONOTONIC);
	/* One that has always something to say may not do so for ever. */
	uint64_t last = begin + WHOLE * limit + asker->busy_usec;
	int result = 0, r = asker->pid > 0 ? 0 : start(asker);

	if (r < 0)
		return r;
	if (send(asker->fd, &question, sizeof(question), MSG_NOSIGNAL) < 0) {
		stop(asker, 0);
		return -EPIPE;
	}
	for (;;) {
		char packet[1 + WB_ASKER_MESSAGE_MAX];
		ssize_t n;

		r = wait_for_packet(asker, begin, limit);
		if (r == 0 || wb_now_usec(CLOCK_MONOTONIC) > last)
			return give_up(asker, begin);
		n = r < 0 ? r : recv(asker->fd, packet, sizeof(packet), 0);
		if (n <= 0) {
			stop(asker, 0);
			return -EPIPE;
		}
		if (packet[0] == END)
			return result;
		if (packet[0] == MESSAGE && result >= 0)
			result = heard(packet + 1, (size_t)n - 1, userdata);
	}
}

void wb_asker_done(struct wb_asker *asker)
{
	if (asker->pid > 0)
		stop(asker, 0);
}
