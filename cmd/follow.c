/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follow.h"

#include <errno.h>
#include <signal.h>

#include "base/log.h"
#include "base/time-util.h"
#include "sys/bus.h"
#include "sys/interrupt.h"
#include "sys/journal.h"

/* Messages wake us at once; this only finds a service that ended without last words. */
#define LOOK_USEC (5 * USEC_PER_SEC)
/* So often the course moves on, where it does. */
#define MOVE_USEC (100 * USEC_PER_MSEC)

int wb_follow_begin(const char *id, const struct wb_plan *plan, const char *unit,
		    bool quiet, struct wb_follow *ret)
{
	/* SIGTERM and SIGHUP end only us: the session may go, the run stays. */
	int r = wb_interrupt_setup(/* terminate= */ false);

	if (r < 0)
		return r;
	ret->unit = unit;
	r = wb_course_begin(plan, quiet, &ret->course);
	return r < 0 ? r : wb_journal_open(id, &ret->journal);
}

void wb_follow_done(struct wb_follow *follow)
{
	wb_course_end(&follow->course);
	wb_journal_close(follow->journal);
}

/* Show all there is; the exit status in the last message, or -1. */
static int show_new(struct wb_follow *follow)
{
	struct wb_journal_entry entry;
	int status;

	while (wb_journal_next(follow->journal, &entry) > 0) {
		status = entry.exit_status;
		wb_course_show(&follow->course, &entry);
		wb_journal_entry_done(&entry);
		if (status >= 0)
			return status;
	}
	return -1;
}

/* The first Ctrl-C asks for the undo, unless this is one; the second only leaves. */
static bool on_interrupt(struct wb_follow *follow, bool *asked)
{
	wb_interrupt_take();
	wb_course_pause(&follow->course);
	if (*asked) {
		wb_warning("the %s goes on without you; see journalctl -u %s",
			   follow->to_its_end ? "undo" : "run", follow->unit);
		return true;
	}
	*asked = true;
	if (follow->to_its_end) {
		wb_warning("an undo goes to its end; Ctrl-C once more leaves it alone");
		return false;
	}
	wb_warning("interrupted: asking the run to undo what it did, if it still can");
	if (wb_bus_kill_main(follow->unit, SIGTERM) < 0)
		wb_warning("cannot reach %s", follow->unit);
	return false;
}

/* It is gone, and what it said last has been shown. Asked once in a while. */
static bool has_vanished(struct wb_follow *follow, uint64_t *looked)
{
	uint64_t now = wb_now_usec(CLOCK_BOOTTIME);
	bool active;

	if (now < *looked + LOOK_USEC)
		return false;
	*looked = now;
	/* Where systemd does not answer, the machine may be on its way down. */
	return wb_bus_is_active(follow->unit, &active) >= 0 && !active;
}

int wb_follow_until_end(struct wb_follow *follow)
{
	int fd = wb_journal_fd(follow->journal), status, r;
	uint64_t wake = follow->course.live ? MOVE_USEC : LOOK_USEC, looked = 0;
	bool asked = false, vanished = false;

	for (;;) {
		status = show_new(follow);
		if (status >= 0)
			return status;
		if (vanished)
			break;
		r = wb_wait(&fd, 1, wb_now_usec(CLOCK_BOOTTIME) + wake);
		if (r == -EINTR && on_interrupt(follow, &asked))
			return -EINTR;
		if (r == 0)
			wb_course_move(&follow->course);
		/* One more look at the journal after it has gone. */
		vanished = has_vanished(follow, &looked);
	}
	return -ENODATA;
}
