/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/judgement.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/module.h"
#include "plan/driver-table.h"
#include "facts/hook-match.h"
#include "plan/judgement-part.h"
#include "plan/removal.h"

bool wb_verdict_takes_away(enum wb_verdict verdict)
{
	return verdict == WB_VERDICT_UNLOAD || verdict == WB_VERDICT_UNBIND ||
	       verdict == WB_VERDICT_LATE || verdict == WB_VERDICT_EXITRD;
}

bool wb_device_is_console(const struct wb_device *device)
{
	for (size_t i = 0; i < device->n_uses; i++)
		if (device->uses[i].kind == WB_USE_CONSOLE)
			return true;
	return false;
}

/* The table is about the kernel's own drivers. What it says of a remove, or of the
 * hardware, holds for others of that name as well; of a .shutdown it need not. */
static int judge_foreign(const struct wb_device *d, const struct wb_driver_row *row,
			 struct wb_judgement *ret)
{
	char *because =
		wb_format("the module %s is not of this kernel's tree; of the kernel's "
			  "own it is known that %s, of this one it is not",
			  d->module, row->because);

	if (!because)
		return -ENOMEM;
	*ret = (struct wb_judgement){ .verdict = WB_VERDICT_UNKNOWN,
				      .origin = "table",
				      .because = because };
	return 0;
}

static int judge_by_table(const struct wb_facts *facts, const struct wb_device *d,
			  struct wb_judgement *ret)
{
	const struct wb_driver_row *row =
		d->driver ? wb_driver_find(d->driver, d->module) : NULL;

	if (!row)
		return 0;
	if (row->verdict == WB_VERDICT_SHUTDOWN && !(row->flags & WB_DRIVER_NO_MASTER) &&
	    wb_judge_is_foreign(facts, d))
		return judge_foreign(d, row, ret);
	*ret = (struct wb_judgement){
		.verdict = row->verdict,
		.origin = "table",
		.because = strdup(row->because),
		.required = row->verdict == WB_VERDICT_UNLOAD,
	};
	return ret->because ? 0 : -ENOMEM;
}

/* --- what must not be --------------------------------------------------------------- */

static int change(struct wb_judgement *j, enum wb_verdict verdict, const char *why)
{
	char *because = wb_format("%s, but %s", j->because, why);

	if (!because)
		return -ENOMEM;
	if (j->wanted == WB_VERDICT_NONE)
		j->wanted = j->verdict;
	free(j->because);
	j->because = because;
	j->verdict = verdict;
	j->required = false;
	return 0;
}

static bool is_needed(const struct wb_device *d)
{
	return d->carries_root || d->reaches_disk || wb_device_is_console(d);
}

static bool has_pool(const struct wb_device *d)
{
	for (size_t i = 0; i < d->n_uses; i++)
		if (d->uses[i].kind == WB_USE_STACK &&
		    wb_startswith(d->uses[i].name, WB_USE_POOL))
			return true;
	return false;
}

bool wb_judgement_is_kept(const struct wb_judgement *j)
{
	return j->verdict == WB_VERDICT_KEEP &&
	       (strcmp(j->origin, "option") == 0 ||
		strcmp(j->origin, "configuration") == 0 ||
		strcmp(j->origin, "hook") == 0);
}

/* Does the module drive something else that has to stay? */
static bool needed_by_module(const struct wb_judgements *judgements,
			     const struct wb_facts *facts, const struct wb_device *device)
{
	for (size_t i = 0; device->module && i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if (d != device && d->module && strcmp(d->module, device->module) == 0 &&
		    (is_needed(d) || wb_judgement_is_kept(&judgements->items[i])))
			return true;
	}
	return false;
}

static bool may_unbind(const struct wb_device *d)
{
	const struct wb_driver_row *row = wb_driver_find(d->driver, d->module);

	return !row || !(row->flags & WB_DRIVER_NO_UNBIND);
}

/* Why the module itself cannot be removed, or NULL. */
static const char *stuck(const struct wb_judgements *judgements,
			 const struct wb_facts *facts, const struct wb_device *d)
{
	const struct wb_module *m =
		d->module ? wb_module_find(facts->modules, facts->n_modules, d->module)
			  : NULL;

	if (!m)
		return "its driver is built into the kernel";
	if (m->permanent)
		return "its module cannot be removed";
	return needed_by_module(judgements, facts, d)
		       ? "its module is needed for another device"
		       : NULL;
}

/* Where there is nobody to act after the root is unmounted. */
static int replace_exitrd(const struct wb_device *d, struct wb_judgement *j)
{
	if (d->carries_root)
		return change(
			j, WB_VERDICT_SHUTDOWN,
			"the shutdown initramfs has no warmboot in it, and what its "
			"shutdown does has to be enough");
	return change(
		j, WB_VERDICT_LATE,
		"the shutdown initramfs has no warmboot in it, so that comes before "
		"the root is unmounted");
}

/* Why nobody may take the device away before the kernel's own shutdown, or NULL. */
static const char *must_shut_down(const struct wb_device *d, enum wb_verdict verdict)
{
	if (d->reaches_disk)
		return "disks elsewhere may be reached through it, which are written to in "
		       "the shutdown itself";
	/* In quiesce it is a reason not to begin, since somebody asked for that. */
	if (has_pool(d) && (verdict == WB_VERDICT_LATE || verdict == WB_VERDICT_EXITRD))
		return "a pool of ZFS is imported from it";
	return NULL;
}

/* @judgements may be still without limits, except for what is kept. */
static int limit(const struct wb_judgements *judgements, const struct wb_facts *facts,
		 const struct wb_device *d, struct wb_judgement *j)
{
	const char *why;
	int r;

	if (!wb_verdict_takes_away(j->verdict))
		return 0;
	if (j->verdict == WB_VERDICT_EXITRD && !facts->state.dracut_late) {
		r = replace_exitrd(d, j);
		if (r < 0 || j->verdict == WB_VERDICT_SHUTDOWN)
			return r;
	}
	if (d->carries_root && j->verdict != WB_VERDICT_EXITRD)
		return change(j, WB_VERDICT_KEEP,
			      "the system's own file systems are on it");
	if (wb_device_is_console(d))
		return change(j, WB_VERDICT_KEEP, "the kernel's console is on it");
	why = must_shut_down(d, j->verdict);
	if (why)
		return change(j, WB_VERDICT_SHUTDOWN, why);
	why = j->verdict == WB_VERDICT_UNLOAD ? stuck(judgements, facts, d) : NULL;
	if (!why || !may_unbind(d))
		return 0;
	/* The remove that counts is that of the driver. */
	j->verdict = WB_VERDICT_UNBIND;
	return wb_set_format(&j->because, "%s; %s, so it is unbound", j->because, why);
}

const char *wb_judgement_obstacle(const struct wb_judgements *judgements,
				  const struct wb_facts *facts, size_t device)
{
	const struct wb_judgement *j = &judgements->items[device];
	const struct wb_device *d = &facts->devices[device];

	/* Where unbinding is as good, limit() has made it so. */
	if (j->verdict == WB_VERDICT_UNLOAD)
		return stuck(judgements, facts, d);
	if (wb_verdict_takes_away(j->verdict) && d->driver && !may_unbind(d))
		return "its driver must not be unbound: that waits for its users, or breaks "
		       "more than it mends";
	return NULL;
}

/* --- all of them -------------------------------------------------------------------- */

static int judge(const struct wb_request *request, const struct wb_facts *facts,
		 const struct wb_device *d, struct wb_judgement *ret)
{
	int r = wb_judge_by_request(request, facts, d, ret);

	if (r >= 0 && !ret->because)
		r = wb_judge_by_hooks(facts, d, ret);
	if (r >= 0 && !ret->because)
		r = judge_by_table(facts, d, ret);
	if (r >= 0 && !ret->because)
		r = wb_judge_by_class(facts, d, ret);
	return r;
}

int wb_judgements_build(const struct wb_request *request, const struct wb_facts *facts,
			struct wb_judgements *ret)
{
	struct wb_judgements list = { .n = facts->n_devices };
	int r = 0;

	list.items = calloc(list.n + 1, sizeof(*list.items));
	if (!list.items)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < list.n; i++)
		r = judge(request, facts, &facts->devices[i], &list.items[i]);
	for (size_t i = 0; r >= 0 && i < list.n; i++)
		r = limit(&list, facts, &facts->devices[i], &list.items[i]);
	if (r < 0) {
		wb_judgements_done(&list);
		return r;
	}
	*ret = list;
	return 0;
}

int wb_judgements_follow(struct wb_judgements *judgements, const struct wb_facts *facts,
			 const struct wb_removals *removals)
{
	for (size_t i = 0; i < judgements->n; i++) {
		const struct wb_device *d = &facts->devices[i];
		struct wb_judgement *j = &judgements->items[i];
		const struct wb_removal *r =
			d->module ? wb_removals_find(removals, d->module) : NULL;
		char *because;

		/* That such a module goes is refused. */
		if (!r || is_needed(d) || j->verdict == WB_VERDICT_UNLOAD ||
		    j->verdict == WB_VERDICT_UNBIND || j->verdict == WB_VERDICT_BAD ||
		    j->verdict == WB_VERDICT_KEEP)
			continue;
		because = strdup(r->because);
		if (!because)
			return -ENOMEM;
		free(j->because);
		*j = (struct wb_judgement){
			.verdict = WB_VERDICT_UNLOAD,
			.hook = r->hook,
			.origin = r->origin,
			.because = because,
			.required = r->required,
		};
	}
	return 0;
}

void wb_judgements_done(struct wb_judgements *judgements)
{
	for (size_t i = 0; i < judgements->n; i++)
		free(judgements->items[i].because);
	free(judgements->items);
	*judgements = (struct wb_judgements){ 0 };
}
