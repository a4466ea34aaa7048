/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/told.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/time-util.h"

/* What may be left of SIGTERM before SIGKILL follows. Each process has its own: newcomers
 * give nobody more of it. */
#define GRACE_USEC (5 * USEC_PER_SEC)

struct wb_told_process {
	pid_t pid;
	uint64_t usec;
	bool killed;
};

static struct wb_told_process *find(const struct wb_told *told, pid_t pid)
{
	for (size_t i = 0; i < told->n; i++)
		if (told->items[i].pid == pid)
			return &told->items[i];
	return NULL;
}

int wb_told_next(const struct wb_told *told, pid_t pid, bool kill, uint64_t now_usec)
{
	const struct wb_told_process *p = find(told, pid);

	if (!p)
		return SIGTERM;
	return kill && !p->killed && now_usec >= p->usec + GRACE_USEC ? SIGKILL : 0;
}

int wb_told_note(struct wb_told *told, pid_t pid, uint64_t now_usec)
{
	struct wb_told_process *p = find(told, pid);

	if (p) {
		p->killed = true;
		return 0;
	}
	p = reallocarray(told->items, told->n + 1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	told->items = p;
	p[told->n++] = (struct wb_told_process){ .pid = pid, .usec = now_usec };
	return 0;
}

void wb_told_done(struct wb_told *told)
{
	free(told->items);
	*told = (struct wb_told){ 0 };
}
