/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Steps in processes of their own, several of them at the same time. Not threads: what
 * they do forks again, and a limit can be enforced by the one thing that ends whatever a
 * step waits for. It sends its result as one packet, each time before it acts and at the
 * end; the run alone writes the record, and answers when it has.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/event.h"
#include "run/perform.h"
#include "sys/interrupt.h"

/* A step keeps its own limits; a removal spends them on tries, on one that hangs, and on
 * looking who is to blame. Only a process that is lost itself meets this one. */
#define LIMITS      3
#define MARGIN_USEC (30 * USEC_PER_SEC)
#define PACKET_MAX  (8 << 20)

/* What the run answers. */
enum {
	NOTED = 'y',
	NOT_NOTED = 'n',
};

struct member {
	size_t step;
	pid_t pid; /* 0: it is over */
	int fd;
	uint64_t deadline;
};

struct act {
	void (*act)(struct wb_run *run, size_t i);
	enum wb_outcome lost; /* where its process is */
	/* What is put back takes its time; and without a process it is done in the run
	 * itself. */
	bool undo;
	const char *doing;
	enum wb_event over; /* what its end is told as */
};

struct group {
	struct wb_run *run;
	const struct act *act;
	struct member *members;
	size_t n;
	int poll;
	bool interrupted;
};

/* --- in the process of a step ----------------------------------------------------- */

int wb_group_note(const struct wb_part *part, const struct wb_result *result)
{
	_cleanup_json_ struct json_object *o = wb_result_to_json(result);
	const char *text = o ? json_object_to_json_string(o) : NULL;
	char answer;

	if (!text || send(part->fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
		wb_error("cannot tell the run what a step does: %s; the step ends here",
			 text ? strerror(errno) : "out of memory");
		_exit(EXIT_FAILURE);
	}
	/* Nobody is left to undo what would be done from here on. */
	if (recv(part->fd, &answer, 1, 0) != 1)
		_exit(EXIT_FAILURE);
	return answer == NOTED ? 0 : -EIO;
}

/* One packet is one result, with all that it saved. */
static void enlarge_packets(int fd)
{
	static const int size = PACKET_MAX;

	/* As far as the machine lets root, or whoever else; a result that is larger yet
	 * is said by the one that it is of. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static _Noreturn void be_member(struct wb_run *run, const struct act *act, pid_t parent,
				size_t step, int fd)
{
	struct wb_part part = { .fd = fd };

	wb_die_with(parent);
	enlarge_packets(fd);
	run->part = &part;
	act->act(run, step);
	/* The run said it where it could not note it. */
	(void)!wb_group_note(&part, &run->record->results[step]);
	_exit(EXIT_SUCCESS);
}

/* --- in the run ------------------------------------------------------------------- */

/* Its process could not be made, or is gone, and said nothing. */
static void lose(struct group *g, struct member *m, int error, const char *why)
{
	const struct wb_step *step = &g->run->record->plan->steps[m->step];
	struct wb_result *result = &g->run->record->results[m->step];

	result->outcome = g->act->lost;
	wb_step_fail(result, error, "%s%s %s: %s", g->act->doing,
		     wb_step_kind_to_string(step->kind), step->target, why);
	wb_tell_step(g->run, m->step, g->act->over, NULL);
	wb_run_note(g->run);
}

/* @options of waitpid(2): WNOHANG where no signal may end it and it is left behind. */
static void part_with(struct group *g, struct member *m, int options)
{
	/* A close alone is not enough: those that were forked later have it as well, and
	 * who waits for an answer would wait for ever. */
	(void)shutdown(m->fd, SHUT_RDWR);
	(void)epoll_ctl(g->poll, EPOLL_CTL_DEL, m->fd, NULL);
	close(TAKE_FD(m->fd));
	(void)waitpid(m->pid, NULL, options);
	m->pid = 0;
}

static uint64_t time_for(const struct group *g, size_t i)
{
	const struct wb_step *step = &g->run->record->plan->steps[i];
	const struct wb_step_ops *ops = wb_step_ops_of(step->kind);
	uint64_t usec = LIMITS * step->timeout_usec;

	if (g->act->undo && ops->undo_usec)
		usec += ops->undo_usec(step, &g->run->record->results[i]);
	return usec + (g->run->margin_usec ? g->run->margin_usec : MARGIN_USEC);
}

static int start(struct group *g, struct member *m)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = m };
	pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	m->fd = fds[0];
	m->pid = epoll_ctl(g->poll, EPOLL_CTL_ADD, m->fd, &event) < 0 ? -1 : fork();
	if (m->pid == 0) {
		close(fds[0]);
		be_member(g->run, g->act, parent, m->step, fds[1]);
	}
	close(fds[1]);
	if (m->pid < 0) {
		int r = -errno;

		m->pid = 0;
		close(TAKE_FD(m->fd));
		return r;
	}
	m->deadline = wb_now_usec(CLOCK_BOOTTIME) + time_for(g, m->step);
	return 0;
}

/* One packet, whatever its size, as text. */
static int receive(int fd, char **ret)
{
	ssize_t n = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	char *text;

	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	text = malloc((size_t)n + 1);
	if (!text)
		return -ENOMEM;
	n = recv(fd, text, (size_t)n, MSG_DONTWAIT);
	if (n < 0) {
		free(text);
		return -errno;
	}
	text[n] = '\0';
	*ret = text;
	return 0;
}

static int take_result(struct group *g, const struct member *m)
{
	struct wb_result *result = &g->run->record->results[m->step], fresh = { 0 };
	_cleanup_json_ struct json_object *o = NULL;
	_cleanup_free_ char *text = NULL;
	int r = receive(m->fd, &text);

	if (r < 0)
		return r;
	o = json_tokener_parse(text);
	r = o ? wb_result_from_json(o, &fresh) : -EINVAL;
	if (r < 0) {
		wb_result_done(&fresh);
		return r;
	}
	wb_result_done(result);
	*result = fresh;
	return 0;
}

static void hear(struct group *g, struct member *m)
{
	int r = take_result(g, m);

	if (r >= 0) {
		char answer = wb_run_note(g->run) < 0 ? NOT_NOTED : NOTED;

		/* Where nobody hears it, the end of the process is read next. */
		(void)send(m->fd, &answer, 1, MSG_NOSIGNAL);
	}
	if (r >= 0 && g->run->record->results[m->step].outcome == WB_OUTCOME_RUNNING)
		return;
	if (r < 0)
		lose(g, m, -EIO, "its process ended without a result");
	part_with(g, m, 0);
}

static uint64_t next_deadline(const struct group *g)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < g->n; i++)
		if (g->members[i].pid > 0 && g->members[i].deadline < next)
			next = g->members[i].deadline;
	return next;
}

/* A driver that hangs stays with the kernel; who only reads or waits is no such thing. */
static bool takes_away(const struct group *g, const struct member *m)
{
	return wb_step_ops_of(g->run->record->plan->steps[m->step].kind)->may_freeze;
}

static void give_up_late_ones(struct group *g)
{
	uint64_t now = wb_now_usec(CLOCK_BOOTTIME);

	for (size_t i = 0; i < g->n; i++) {
		struct member *m = &g->members[i];

		if (m->pid == 0 || m->deadline > now)
			continue;
		kill(m->pid, SIGKILL);
		lose(g, m, -ETIMEDOUT,
		     takes_away(g, m)
			     ? "its process hangs and was given up; this machine "
			       "needs a firmware reboot"
			     : "its process hangs and was given up");
		part_with(g, m, WNOHANG);
	}
}

/* Each breaks off at the next moment at which it can, as a single step does. */
static void pass_on_signal(struct group *g)
{
	g->interrupted = true;
	for (size_t i = 0; i < g->n; i++)
		if (g->members[i].pid > 0)
			kill(g->members[i].pid, SIGTERM);
}

static void turn(struct group *g)
{
	uint64_t deadline = next_deadline(g);
	struct epoll_event event;
	int r = g->interrupted ? wb_wait_undisturbed(g->poll, deadline)
			       : wb_wait(&g->poll, 1, deadline);

	if (r == -EINTR)
		pass_on_signal(g);
	else if (r > 0 && epoll_wait(g->poll, &event, 1, 0) == 1)
		hear(g, event.data.ptr);
	give_up_late_ones(g);
}

static void start_all(struct group *g, size_t first)
{
	for (size_t i = 0; i < g->n; i++) {
		struct member *m = &g->members[i];
		int r;

		*m = (struct member){ .step = first + i, .fd = -1 };
		r = g->poll < 0 ? -EMFILE : start(g, m);
		if (r < 0 && g->act->undo)
			g->act->act(g->run, m->step);
		else if (r < 0)
			lose(g, m, r, strerror(-r));
	}
}

static void go_apart(struct wb_run *run, const struct act *act, size_t first, size_t n)
{
	_cleanup_free_ struct member *members = calloc(n, sizeof(*members));
	_cleanup_close_ int poll = epoll_create1(EPOLL_CLOEXEC);
	struct group g = {
		.run = run, .act = act, .members = members, .n = n, .poll = poll
	};

	if (!members) {
		/* One by one is as good. */
		for (size_t i = 0; i < n; i++)
			act->act(run, first + i);
		return;
	}
	start_all(&g, first);
	while (next_deadline(&g) != UINT64_MAX)
		turn(&g);
}

void wb_perform_apart(struct wb_run *run, size_t first, size_t n)
{
	static const struct act perform = { wb_perform, WB_OUTCOME_FAILED, false, "",
					    WB_EVENT_STEP_ENDED };

	go_apart(run, &perform, first, n);
}

void wb_undo_apart(struct wb_run *run, size_t i)
{
	static const struct act undo = { wb_undo, WB_OUTCOME_UNDO_FAILED, true,
					 "the undo of ", WB_EVENT_STEP_UNDONE };

	go_apart(run, &undo, i, 1);
}
