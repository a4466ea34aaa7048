/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "plan/removal-part.h"

static const struct wb_module *loaded(const struct wb_facts *facts, const char *name)
{
	return wb_module_find(facts->modules, facts->n_modules, name);
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

int wb_removals_add_asked_for(struct wb_removing *p)
{
	const struct wb_request *request = p->request;
	int r = 0;

	for (char **name = request->unload; r >= 0 && name && *name; name++) {
		if (!loaded(p->facts, *name))
			r = explain_not_loaded(request, p->facts, *name, p->findings);
		else
			r = wb_removals_add(p->list,
					    (struct wb_removal){
						    .module = *name,
						    .origin = is_standing(request, *name)
								      ? "configuration"
								      : "option",
						    .because = ask_for(request, *name),
						    .required = true,
					    });
	}
	return r;
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

const char *wb_removal_kept_for(const struct wb_request *request,
				const struct wb_facts *facts, const char *module)
{
	for (char **keep = request->keep; keep && *keep; keep++)
		if (wb_removal_stands_on(facts, *keep, module))
			return *keep;
	return NULL;
}

static int drop_needed(struct wb_removing *p, const char *keep)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->list->n;) {
		const char *module = p->list->items[i].module;

		if (!wb_removal_stands_on(p->facts, keep, module)) {
			i++;
			continue;
		}
		r = say_kept(p->request, module, keep, p->findings);
		wb_removals_drop(p->list, i);
	}
	return r;
}

int wb_removals_drop_kept(struct wb_removing *p)
{
	int r = 0;

	for (char **keep = p->request->keep; r >= 0 && keep && *keep; keep++) {
		if (!loaded(p->facts, *keep))
			r = wb_findings_add(p->findings, WB_INFO, *keep,
					    "%s%s: it is not loaded",
					    keep_word(p->request, *keep), *keep);
		if (r >= 0)
			r = drop_needed(p, *keep);
	}
	return r;
}
