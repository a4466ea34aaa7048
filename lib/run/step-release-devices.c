/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whoever still has one of the devices open loses it: the unit, session or container that
 * the process belongs to is ended. result->saved are the names of those; of a process
 * that belongs to none "process PID NAME", which nobody can start again.
 *
 * Units of step->spare hold them until a later step.
 *
 * With look_only nobody is ended: that there is somebody is the failure.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/holder.h"
#include "run/again.h"
#include "run/owner.h"
#include "run/step.h"
#include "run/told.h"

/* How long those who let go by themselves may take: a display server on its way out, a
 * program that was sent a signal. There is no event for the last close of a device. */
#define PATIENCE_USEC (20 * USEC_PER_SEC)
#define PAUSE_USEC    (200 * USEC_PER_MSEC)
/* A unit that something starts again is stopped that often. */
#define STOPS_MAX 3

struct release {
	struct wb_run *run;
	const struct wb_step *step;
	struct wb_result *result;
	struct wb_node *nodes;
	size_t n_nodes;
	uint64_t deadline; /* of the step */
	uint64_t patience; /* who has not let go until then does not */
	char **asked;      /* names of owners but processes, each as often as it was */
	struct wb_told told;
};

static uint64_t now_usec(void)
{
	return wb_now_usec(CLOCK_BOOTTIME);
}

static unsigned int count_asked(const struct release *rel, const char *name)
{
	unsigned int n = 0;

	for (char **p = rel->asked; p && *p; p++)
		n += strcmp(*p, name) == 0;
	return n;
}

/* What a process gets now. */
static int next_signal(const struct release *rel, const struct wb_owner *owner)
{
	return wb_told_next(&rel->told, owner->pid, rel->step->kill, now_usec());
}

/* May this owner be asked (again)? */
static bool is_open(const struct release *rel, const struct wb_owner *owner)
{
	static const unsigned int times[_WB_OWNER_KIND_MAX] = {
		[WB_OWNER_UNIT] = STOPS_MAX,
		[WB_OWNER_USER_UNIT] = 1,
		[WB_OWNER_SESSION] = 1,
		[WB_OWNER_MACHINE] = 1,
	};

	if (owner->kind == WB_OWNER_PROCESS)
		return next_signal(rel, owner) != 0;
	return count_asked(rel, owner->name) < times[owner->kind];
}

/* Sessions and machines are gone some time after the call has returned, at the latest
 * when systemd loses its own patience: nobody else is asked in their place. */
static bool is_pending(const struct release *rel, const struct wb_owner *owner)
{
	return (owner->kind == WB_OWNER_SESSION || owner->kind == WB_OWNER_MACHINE) &&
	       count_asked(rel, owner->name) > 0;
}

static const struct wb_owner *pick(const struct release *rel,
				   const struct wb_owners *owners)
{
	bool pending = false;

	for (size_t i = 0; i < owners->n; i++) {
		const struct wb_owner *owner = &owners->items[i];

		if (pending && owner->kind != WB_OWNER_SESSION)
			return NULL;
		if (is_open(rel, owner))
			return owner;
		pending = pending || is_pending(rel, owner);
	}
	return NULL;
}

static int refuse_own(const struct release *rel, const struct wb_owner *owner,
		      const struct wb_holder *h)
{
	return wb_step_fail(rel->result, -EPERM,
			    "cannot release the devices of %s: %s (pid %d) holds %s in "
			    "session %s, in which warmboot was called; end it there, or "
			    "call warmboot from another login",
			    rel->step->target, h->comm, h->pid, h->path, owner->inner);
}

/* A process that its unit left behind comes back with that. */
static int remember(struct release *rel, const struct wb_owner *owner,
		    const struct wb_holder *h)
{
	bool process = owner->kind == WB_OWNER_PROCESS;
	_cleanup_free_ char *name =
		process ? wb_format(WB_AGAIN_PROCESS "%d %s", h->pid, h->comm)
			: strdup(owner->name);
	int r = !name     ? -ENOMEM
		: process ? wb_told_note(&rel->told, owner->pid, now_usec())
			  : wb_strv_append(&rel->asked, owner->name);

	if (r < 0 || (process && h->unit))
		return r;
	r = wb_strv_add(&rel->result->saved, name);
	return r < 0 ? r : wb_step_note(rel->run, rel->result);
}

static int end(struct release *rel, const struct wb_owner *owner,
	       const struct wb_holder *h)
{
	int signal = owner->kind == WB_OWNER_PROCESS ? next_signal(rel, owner) : 0;
	_cleanup_free_ char *doing = wb_owner_announcement(owner), *why = NULL;
	uint64_t now = now_usec();
	int r = doing ? remember(rel, owner, h) : -ENOMEM;

	if (r < 0)
		return r;
	wb_info("%s: %s (pid %d) holds %s", doing, h->comm, h->pid, h->path);
	r = wb_owner_end(rel->run, owner, now < rel->deadline ? rel->deadline - now : 0,
			 signal, &why);
	rel->patience =
		is_pending(rel, owner) ? rel->deadline : now_usec() + PATIENCE_USEC;
	if (r < 0)
		return wb_step_fail(rel->result, r,
				    "cannot stop %s, in which %s (pid %d) holds %s: %s",
				    owner->name, h->comm, h->pid, h->path,
				    why ? why : strerror(-r));
	return 0;
}

/* 1: look again before anybody else is asked, since many who hold a device go with the
 * first that goes. 0: go on; also after a signal, because of processes there may come
 * more in the meantime than are asked. */
static int end_owner_of(struct release *rel, const struct wb_holder *h)
{
	_cleanup_(wb_owners_done) struct wb_owners owners = { 0 };
	const struct wb_owner *owner;
	int r = wb_owners_find(rel->run, h, rel->nodes, rel->n_nodes, &owners);

	if (r < 0)
		return wb_step_fail(rel->result, r,
				    "cannot tell whose %s (pid %d) is: %s", h->comm,
				    h->pid, strerror(-r));
	owner = pick(rel, &owners);
	if (!owner)
		return 0;
	if (wb_owner_is_ours(rel->run, owner))
		return refuse_own(rel, owner, h);
	r = end(rel, owner, h);
	return r < 0 ? r : owner->kind != WB_OWNER_PROCESS;
}

static int blame(const struct release *rel, const struct wb_holders *holders)
{
	_cleanup_free_ char *who = wb_holder_to_string(&holders->items[0]);
	bool bare = !holders->items[0].unit && !rel->step->kill;

	return wb_step_fail(rel->result, -EBUSY,
			    "cannot release the devices of %s: they are held by %s%s%s",
			    rel->step->target, who ? who : "a process",
			    holders->n > 1 ? " and others" : "",
			    bare ? ", which did not end by itself; --kill ends it" : "");
}

static int wait(struct release *rel, const struct wb_holders *holders)
{
	const struct wb_holder *h = &holders->items[0];
	uint64_t now = now_usec();
	int r;

	if (now >= rel->patience || now >= rel->deadline)
		return blame(rel, holders);
	r = rel->run->sys->ops->pause(rel->run->sys, PAUSE_USEC);
	return r < 0 ? wb_step_fail(rel->result, r,
				    "interrupted while %s (pid %d) holds %s", h->comm,
				    h->pid, h->path)
		     : 1;
}

/* Those whose turn comes later are none of ours. */
static void forget_spared(const struct release *rel, struct wb_holders *holders)
{
	size_t n = 0;

	for (size_t i = 0; i < holders->n; i++) {
		struct wb_holder *h = &holders->items[i];

		if (h->unit && wb_strv_contains(rel->step->spare, h->unit))
			wb_holder_done(h);
		else
			holders->items[n++] = *h;
	}
	holders->n = n;
}

/* One look, and what follows: 0 when nobody holds them any more, 1 when to look again. */
static int turn(struct release *rel)
{
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	int acted = 0, r = wb_holders_read(&rel->run->sys->root, rel->nodes, rel->n_nodes,
					   &holders, NULL);

	if (r < 0)
		return wb_step_fail(rel->result, r, "cannot look into /proc: %s",
				    strerror(-r));
	forget_spared(rel, &holders);
	if (holders.n == 0)
		return 0;
	for (size_t i = 0; acted == 0 && i < holders.n; i++)
		acted = end_owner_of(rel, &holders.items[i]);
	return acted < 0 ? acted : wait(rel, &holders);
}

/* One look and no act. As a veto: an ordinary reboot would end them, too. */
static int look(struct release *rel)
{
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	_cleanup_free_ char *who = NULL;
	int r = wb_holders_read(&rel->run->sys->root, rel->nodes, rel->n_nodes, &holders,
				NULL);

	if (r < 0)
		return wb_step_fail(rel->result, r, "cannot look into /proc: %s",
				    strerror(-r));
	if (holders.n == 0)
		return 0;
	who = wb_holder_to_string(&holders.items[0]);
	return wb_step_fail(
		rel->result, -ECANCELED,
		"the devices of %s are held by %s%s, and its hook does not let "
		"that be stopped; end it first, in the way that it should end",
		rel->step->target, who ? who : "a process",
		holders.n > 1 ? " and others" : "");
}

static int release(struct wb_run *run, const struct wb_step *step,
		   struct wb_result *result)
{
	uint64_t now = now_usec();
	struct release rel = {
		.run = run,
		.step = step,
		.result = result,
		.deadline = now + step->timeout_usec,
		.patience = now + PATIENCE_USEC,
	};
	int r = wb_step_nodes(step, &rel.nodes, &rel.n_nodes);

	if (r < 0)
		return wb_step_fail(result, r, "the plan has a device that is none");
	do
		r = step->look_only ? look(&rel) : turn(&rel);
	while (r > 0);
	if (r == 0 && !rel.asked && rel.told.n == 0)
		r = 1;
	wb_strv_free(rel.asked);
	wb_told_done(&rel.told);
	free(rel.nodes);
	return r;
}

static const char *stayed(struct wb_run *run, const struct wb_step *step,
			  const struct wb_result *result)
{
	(void)run, (void)step;
	return result->saved ? NULL : "nobody was stopped for the devices of %s";
}

static int start_again(struct wb_run *run, const struct wb_step *step,
		       struct wb_result *result)
{
	(void)step;
	return result->saved ? wb_again_start(run, result) : 1;
}

/* One after the other, and each is waited for. */
static uint64_t undo_usec(const struct wb_step *step, const struct wb_result *result)
{
	(void)step;
	return wb_strv_length(result->saved) * WB_AGAIN_TIMEOUT_USEC;
}

const struct wb_step_ops wb_step_release_devices = {
	.doing = "releasing the devices of %s",
	.may_hang = true,
	.undo_usec = undo_usec,
	.undoing = "starting what held the devices of %s",
	.stayed = stayed,
	.run = release,
	.undo = start_again,
};
