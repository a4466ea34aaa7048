/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/interrupt.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>

#include "base/time-util.h"

/* The most that anybody here waits for at once. */
#define WAIT_MAX 4

static int signal_fd = -1;

int wb_interrupt_setup(bool terminate)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	if (terminate)
		sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* A second time it is the same one, with these signals. */
	signal_fd = signalfd(signal_fd, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return signal_fd < 0 ? -errno : 0;
}

int wb_interrupt_hold(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return wb_interrupt_setup(/* terminate= */ true);
}

void wb_interrupt_take(void)
{
	struct signalfd_siginfo info;

	while (signal_fd >= 0 && read(signal_fd, &info, sizeof(info)) > 0)
		;
}

void wb_interrupt_ignore(void)
{
	/* The signals stay blocked; nobody looks any more. */
	if (signal_fd >= 0)
		close(signal_fd);
	signal_fd = -1;
}

int wb_interrupt_fd(void)
{
	return signal_fd;
}

bool wb_interrupted(void)
{
	struct pollfd p = { .fd = signal_fd, .events = POLLIN };

	return signal_fd >= 0 && poll(&p, 1, 0) > 0;
}

static int remaining_msec(uint64_t deadline_usec)
{
	uint64_t now = wb_now_usec(CLOCK_BOOTTIME), left;

	if (now >= deadline_usec)
		return 0;
	left = (deadline_usec - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC;
	/* A later call goes on; one poll need not span days. */
	return left > 3600000 ? 3600000 : (int)left;
}

static int wait_poll(struct pollfd *p, int n_fds, uint64_t deadline_usec)
{
	for (;;) {
		int wait = remaining_msec(deadline_usec);
		int n = poll(p, (nfds_t)n_fds, wait);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; n > 0 && i < n_fds; i++)
			if (p[i].revents)
				return i + 1;
		if (n == 0 && wait == 0)
			return 0;
	}
}

int wb_wait(const int *fds, int n_fds, uint64_t deadline_usec)
{
	/* The signal first: who talks without end must not drown it. */
	struct pollfd p[WAIT_MAX + 1] = { { .fd = signal_fd, .events = POLLIN } };
	int r;

	assert(n_fds <= WAIT_MAX);
	for (int i = 0; i < n_fds; i++)
		p[i + 1] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	r = wait_poll(p, n_fds + 1, deadline_usec);
	return r == 1 ? -EINTR : r > 1 ? r - 1 : r;
}

int wb_wait_undisturbed(int fd, uint64_t deadline_usec)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return wait_poll(&p, 1, deadline_usec);
}
