/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/removal.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook-match.h"
#include "facts/module.h"
#include "plan/driver-table.h"
#include "plan/removal-part.h"

static const struct wb_module *loaded(const struct wb_facts *facts, const char *name)
{
	return wb_module_find(facts->modules, facts->n_modules, name);
}

const struct wb_removal *wb_removals_find(const struct wb_removals *removals,
					  const char *module)
{
	for (size_t i = 0; i < removals->n; i++)
		if (strcmp(removals->items[i].module, module) == 0)
			return &removals->items[i];
	return NULL;
}

int wb_removals_add(struct wb_removals *list, struct wb_removal removal)
{
	struct wb_removal *grown;

	if (!removal.because)
		return -ENOMEM;
	if (wb_removals_find(list, removal.module)) {
		free(removal.because);
		return 0;
	}
	grown = reallocarray(list->items, list->n + 1, sizeof(*grown));
	if (!grown) {
		free(removal.because);
		return -ENOMEM;
	}
	list->items = grown;
	grown[list->n++] = removal;
	return 0;
}

void wb_removals_drop(struct wb_removals *list, size_t i)
{
	free(list->items[i].because);
	memmove(&list->items[i], &list->items[i + 1],
		(list->n - i - 1) * sizeof(list->items[0]));
	list->n--;
}

/* --- for the sake of hooks ---------------------------------------------------------- */

enum goes { NO_DEVICE, GOES, STAYS };

/* What the verdicts on its devices say of a module. */
static enum goes ask_devices(const struct wb_removing *p, const char *module)
{
	enum goes goes = NO_DEVICE;

	/* That it stays is said in its place. */
	if (wb_removal_kept_for(p->request, p->facts, module))
		return GOES;
	for (size_t i = 0; i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (!d->module || strcmp(d->module, module) != 0)
			continue;
		if (p->judgements->items[i].verdict == WB_VERDICT_UNLOAD)
			return GOES;
		goes = STAYS;
	}
	return goes;
}

/* Modules without a device of their own go with those of their family that have one. */
static bool family_stays(const struct wb_removing *p, const struct wb_hook *hook)
{
	bool stays = false;

	for (char **name = hook->modules; name && *name; name++) {
		enum goes goes =
			loaded(p->facts, *name) ? ask_devices(p, *name) : NO_DEVICE;

		if (goes == GOES)
			return false;
		stays = stays || goes == STAYS;
	}
	return stays;
}

static int add_named(struct wb_removing *p, const struct wb_hook *h)
{
	bool stays = family_stays(p, h);
	int r = 0;

	for (char **name = h->modules; r >= 0 && name && *name; name++) {
		const struct wb_module *m = loaded(p->facts, *name);
		enum goes goes = m ? ask_devices(p, *name) : STAYS;

		if (goes == GOES || (goes == NO_DEVICE && !stays))
			r = wb_removals_add(
				p->list,
				(struct wb_removal){
					.module = m->name,
					.hook = h,
					.origin = "hook",
					.because = wb_format("the hook %s names it",
							     h->name),
					.required = h->required,
				});
	}
	return r;
}

static int add_named_by_hooks(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && h->modules && h->used)
			r = add_named(p, h);
	}
	return r;
}

/* --- for the sake of devices -------------------------------------------------------- */

/* Of a class it says by itself which device it is about. */
static char *explain(const struct wb_device *d, const struct wb_judgement *j)
{
	if (strcmp(j->origin, "class") == 0)
		return strdup(j->because);
	return wb_format("for %s: %s", d->id, j->because);
}

static int add_judged(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];
		const struct wb_judgement *j = &p->judgements->items[i];

		/* What was asked for with an option is said in its own words. */
		if (j->verdict == WB_VERDICT_UNLOAD && d->module &&
		    loaded(p->facts, d->module) &&
		    !wb_strv_contains(p->request->unload, d->module))
			r = wb_removals_add(p->list, (struct wb_removal){
							     .module = d->module,
							     .hook = j->hook,
							     .origin = j->origin,
							     .because = explain(d, j),
							     .required = j->required,
						     });
	}
	return r;
}

static int add_sound_of(struct wb_removing *p, const struct wb_device *display)
{
	const struct wb_removal *going = wb_removals_find(p->list, display->module);
	int r = 0;

	for (size_t i = 0; going && r >= 0 && i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];

		if (!d->module || !loaded(p->facts, d->module) ||
		    !wb_removal_is_sound_of(d, display))
			continue;
		r = wb_removals_add(
			p->list,
			(struct wb_removal){
				.module = d->module,
				.hook = going->hook,
				.origin = going->origin,
				.because = wb_format("through %s it holds %s, which no "
						     "counter shows",
						     d->id, display->module),
				.required = going->required,
			});
		going = wb_removals_find(p->list, display->module);
	}
	return r;
}

static int add_sound(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_devices; i++)
		if (p->facts->devices[i].display && p->facts->devices[i].module)
			r = add_sound_of(p, &p->facts->devices[i]);
	return r;
}

/* Some take hold of the machine itself. */
static int add_without_device(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_modules; i++) {
		const char *name = p->facts->modules[i].name;
		const struct wb_driver_row *row = wb_driver_find(NULL, name);

		if (row && row->flags & WB_DRIVER_LOADED)
			r = wb_removals_add(p->list,
					    (struct wb_removal){
						    .module = name,
						    .origin = "table",
						    .because = strdup(row->because),
						    .required = true,
					    });
	}
	return r;
}

/* --- all of it ---------------------------------------------------------------------- */

/* The list grows while it is walked: users of users are found as well. */
static int add_users(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->list->n; i++) {
		struct wb_removal used = p->list->items[i];
		const struct wb_module *m = loaded(p->facts, used.module);

		for (char **user = m ? m->holders : NULL; r >= 0 && user && *user; user++)
			r = wb_removals_add(p->list,
					    (struct wb_removal){
						    .module = *user,
						    .hook = used.hook,
						    .origin = used.origin,
						    .because = wb_format("it uses %s",
									 used.module),
						    .required = used.required,
					    });
	}
	return r;
}

static int build(struct wb_removing *p)
{
	int r = add_named_by_hooks(p);

	if (r >= 0)
		r = add_judged(p);
	if (r >= 0)
		r = add_without_device(p);
	if (r >= 0)
		r = wb_removals_add_asked_for(p);
	if (r >= 0)
		r = add_users(p);
	if (r >= 0)
		r = add_sound(p);
	if (r >= 0)
		r = add_users(p);
	if (r >= 0)
		r = wb_removals_drop_kept(p);
	if (r >= 0)
		r = wb_removals_refuse_permanent(p);
	return r < 0 ? r : wb_removals_refuse_needed(p);
}

int wb_removals_build(const struct wb_request *request, const struct wb_facts *facts,
		      const struct wb_judgements *judgements, struct wb_removals *ret,
		      struct wb_findings *findings)
{
	_cleanup_(wb_removals_done) struct wb_removals list = { 0 };
	struct wb_removing p = { request, facts, judgements, &list, findings };
	struct wb_removals ordered = { 0 };
	int r = build(&p);

	if (r >= 0)
		r = wb_removals_order(&list, facts, &ordered);
	if (r < 0) {
		wb_removals_done(&ordered);
		return r;
	}
	*ret = ordered;
	return 0;
}

void wb_removals_done(struct wb_removals *removals)
{
	for (size_t i = 0; i < removals->n; i++)
		free(removals->items[i].because);
	free(removals->items);
	*removals = (struct wb_removals){ 0 };
}
