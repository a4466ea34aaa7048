/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/removal.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "plan/hook-match.h"

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

/* Takes ownership of @removal.because. The first reason for a module stays. */
static int add(struct wb_removals *list, struct wb_removal removal)
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

static int add_named_by_hooks(struct wb_removals *list, const struct wb_facts *facts)
{
	int r = 0;

	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (h->phase != WB_HOOK_QUIESCE || !wb_hook_applies(h, facts))
			continue;
		for (char **name = h->modules; r >= 0 && name && *name; name++) {
			const struct wb_module *m = loaded(facts, *name);

			if (m)
				r = add(list, (struct wb_removal){
						      m->name, h,
						      wb_format("the hook %s names it",
								h->name),
						      h->required });
		}
	}
	return r;
}

/* Drivers of displays are found even where no hook knows them. */
static int add_displays(struct wb_removals *list, const struct wb_facts *facts)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if (d->display && d->module && loaded(facts, d->module))
			r = add(list,
				(struct wb_removal){
					d->module, NULL,
					wb_format(
						"it drives the display device %s, and no "
						"hook names it",
						d->id),
					true });
	}
	return r;
}

/* Is the module on the machine's own list? Else the operator named it now. */
static bool is_standing(const struct wb_request *request, const char *name)
{
	return request->config && wb_strv_contains(request->config->unload, name);
}

static bool is_standing_keep(const struct wb_request *request, const char *name)
{
	return request->config && wb_strv_contains(request->config->keep, name);
}

/* How it was named, as it was typed. */
static const char *unload_word(const struct wb_request *request, const char *name)
{
	return is_standing(request, name) ? "Unload=" : "--unload=";
}

static const char *keep_word(const struct wb_request *request, const char *name)
{
	return is_standing_keep(request, name) ? "Keep=" : "--keep=";
}

static int explain_not_loaded(const struct wb_request *request,
			      const struct wb_facts *facts, const char *name,
			      struct wb_findings *findings)
{
	/* A configuration may be that of many machines. */
	enum wb_severity severity = is_standing(request, name) ? WB_WARNING : WB_BLOCKER;
	const char *word = unload_word(request, name);

	if (wb_strv_contains(facts->builtin_modules, name))
		return wb_findings_add(
			findings, severity, name,
			"%s%s: it is built into the kernel and cannot be removed", word,
			name);
	if (wb_strv_contains(facts->known_modules, name))
		return wb_findings_add(
			findings, WB_INFO, name,
			"%s%s: it is not loaded, so there is nothing to remove", word,
			name);
	return wb_findings_add(findings, severity, name,
			       "%s%s: this kernel has no module of that name", word,
			       name);
}

static char *ask_for(const struct wb_request *request, const char *name)
{
	return strdup(is_standing(request, name)
			      ? "asked for with Unload= in the configuration"
			      : "asked for with --unload");
}

static int add_asked_for(struct wb_removals *list, const struct wb_request *request,
			 const struct wb_facts *facts, struct wb_findings *findings)
{
	int r = 0;

	for (char **name = request->unload; r >= 0 && name && *name; name++) {
		if (!loaded(facts, *name))
			r = explain_not_loaded(request, facts, *name, findings);
		else
			r = add(list,
				(struct wb_removal){ *name, NULL, ask_for(request, *name),
						     true });
	}
	return r;
}

/* The list grows while it is walked: users of users are found as well. */
static int add_users(struct wb_removals *list, const struct wb_facts *facts)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		struct wb_removal used = list->items[i];
		const struct wb_module *m = loaded(facts, used.module);

		for (char **user = m ? m->holders : NULL; r >= 0 && user && *user; user++)
			r = add(list,
				(struct wb_removal){ *user, used.hook,
						     wb_format("it uses %s", used.module),
						     used.required });
	}
	return r;
}

static void drop(struct wb_removals *list, size_t i)
{
	free(list->items[i].because);
	memmove(&list->items[i], &list->items[i + 1],
		(list->n - i - 1) * sizeof(list->items[0]));
	list->n--;
}

static int say_kept(const struct wb_request *request, const char *module,
		    const char *keep, struct wb_findings *findings)
{
	bool itself = strcmp(module, keep) == 0;

	/* To keep now what a file would have removed is a choice, not a contradiction. */
	if (wb_strv_contains(request->unload, module) &&
	    is_standing(request, module) <= is_standing_keep(request, keep))
		return wb_findings_add(findings, WB_BLOCKER, module,
				       "%s%s and %s%s contradict each other%s",
				       unload_word(request, module), module,
				       keep_word(request, keep), keep,
				       itself ? "" : ": the second uses the first");
	if (itself)
		return wb_findings_add(findings, WB_INFO, module,
				       "stays loaded, as asked for with %s",
				       is_standing_keep(request, keep)
					       ? "Keep= in the configuration"
					       : "--keep");
	return wb_findings_add(findings, WB_INFO, module,
			       "stays loaded, because %s%s uses it",
			       keep_word(request, keep), keep);
}

/* Is @keep the module, or does it stand above it, however far? No way up is longer than
 * there are modules, unless the graph is damaged. */
static bool needs(const struct wb_facts *facts, const char *keep, const char *module,
		  size_t depth)
{
	const struct wb_module *m = loaded(facts, module);

	if (strcmp(keep, module) == 0)
		return true;
	for (char **user = m ? m->holders : NULL; depth > 0 && user && *user; user++)
		if (needs(facts, keep, *user, depth - 1))
			return true;
	return false;
}

static int drop_kept(struct wb_removals *list, const struct wb_request *request,
		     const struct wb_facts *facts, struct wb_findings *findings)
{
	int r = 0;

	for (char **keep = request->keep; keep && *keep; keep++) {
		if (!loaded(facts, *keep))
			r = wb_findings_add(findings, WB_INFO, *keep,
					    "%s%s: it is not loaded",
					    keep_word(request, *keep), *keep);
		for (size_t i = 0; r >= 0 && i < list->n;) {
			const char *module = list->items[i].module;

			if (!needs(facts, *keep, module, facts->n_modules)) {
				i++;
				continue;
			}
			r = say_kept(request, module, *keep, findings);
			drop(list, i);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static bool has_user_in(const struct wb_facts *facts, const struct wb_removals *list,
			const char *module)
{
	const struct wb_module *m = loaded(facts, module);

	for (char **user = m ? m->holders : NULL; user && *user; user++)
		if (wb_removals_find(list, *user))
			return true;
	return false;
}

/* Move to @ordered, one after the other, what nobody left in @list uses. */
static int order(struct wb_removals *list, const struct wb_facts *facts,
		 struct wb_removals *ordered)
{
	ordered->items = calloc(list->n + 1, sizeof(ordered->items[0]));
	if (!ordered->items)
		return -ENOMEM;
	while (list->n > 0) {
		size_t i = 0;

		while (i < list->n && has_user_in(facts, list, list->items[i].module))
			i++;
		/* The kernel's graph has no circles; a damaged fixture might. */
		if (i == list->n)
			return -ELOOP;
		ordered->items[ordered->n] = list->items[i];
		ordered->items[ordered->n++].because = strdup(list->items[i].because);
		if (!ordered->items[ordered->n - 1].because)
			return -ENOMEM;
		drop(list, i);
	}
	return 0;
}

int wb_removals_build(const struct wb_request *request, const struct wb_facts *facts,
		      struct wb_removals *ret, struct wb_findings *findings)
{
	_cleanup_(wb_removals_done) struct wb_removals list = { 0 };
	struct wb_removals ordered = { 0 };
	int r = add_named_by_hooks(&list, facts);

	if (r >= 0)
		r = add_displays(&list, facts);
	if (r >= 0)
		r = add_asked_for(&list, request, facts, findings);
	if (r >= 0)
		r = add_users(&list, facts);
	if (r >= 0)
		r = drop_kept(&list, request, facts, findings);
	if (r >= 0)
		r = order(&list, facts, &ordered);
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
