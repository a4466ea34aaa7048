/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/module.h"
#include "plan/driver-table.h"
#include "facts/hook-match.h"
#include "plan/removal-part.h"

/* PCI Code and ID Assignment. */
#define PCI_BASE_CLASS_DISPLAY    0x03
#define PCI_BASE_CLASS_MULTIMEDIA 0x04

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

/* --- what is kept ---------------------------------------------------------------------
 */

static bool drives(const struct wb_device *d, const char *module)
{
	return d->module && strcmp(d->module, module) == 0;
}

/* Does the module drive a device of this base class of PCI? */
static bool drives_class(const struct wb_facts *facts, const char *module, uint32_t class)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (drives(&facts->devices[i], module) &&
		    facts->devices[i].class >> 16 == class)
			return true;
	return false;
}

static bool is_sound_of(const struct wb_facts *facts, const char *keep,
			const char *module)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		for (size_t j = 0; j < facts->n_devices; j++)
			if (drives(&facts->devices[i], keep) &&
			    drives(&facts->devices[j], module) &&
			    wb_removal_is_sound_of(&facts->devices[i],
						   &facts->devices[j]))
				return true;
	return false;
}

static bool names_before(const struct wb_hook *hook, const char *first,
			 const char *second)
{
	bool seen = false;

	for (char **name = hook->modules; name && *name; name++) {
		if (strcmp(*name, second) == 0)
			return seen;
		seen = seen || strcmp(*name, first) == 0;
	}
	return false;
}

/*
 * What a hook has removed before the driver of a GPU, and draws nothing itself, is there
 * for the GPU's sake: nvidia_fs, intel_ips. It holds the driver with symbol_get().
 */
static bool is_of_gpu(const struct wb_facts *facts, const char *keep, const char *module)
{
	if (!loaded(facts, keep) ||
	    !drives_class(facts, module, PCI_BASE_CLASS_DISPLAY) ||
	    drives_class(facts, keep, PCI_BASE_CLASS_DISPLAY) ||
	    drives_class(facts, keep, PCI_BASE_CLASS_MULTIMEDIA))
		return false;
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && names_before(h, keep, module) &&
		    h->used)
			return true;
	}
	return false;
}

/* Does @module stay with @keep? */
static bool needs(const struct wb_facts *facts, const char *keep, const char *module)
{
	return wb_removal_stands_on(facts, keep, module) ||
	       is_sound_of(facts, keep, module) || is_of_gpu(facts, keep, module);
}

const char *wb_removal_kept_for(const struct wb_request *request,
				const struct wb_facts *facts, const char *module)
{
	if (wb_strv_contains(request->keep, module))
		return module;
	for (char **keep = request->keep; keep && *keep; keep++)
		if (needs(facts, *keep, module))
			return *keep;
	return NULL;
}

/* "0000:01:00.0, 0000:02:00.0"; the caller's. */
static char *list_driven(const struct wb_facts *facts, const char *module)
{
	_cleanup_strv_ char **ids = NULL;

	for (size_t i = 0; i < facts->n_devices; i++)
		if (drives(&facts->devices[i], module) &&
		    wb_strv_append(&ids, facts->devices[i].id) < 0)
			return NULL;
	return wb_strv_join(ids, ", ");
}

/* Why its devices cannot do without: what is known of the driver says more than that a
 * hook names it. */
static const char *why_it_goes(const struct wb_removal *removal)
{
	const struct wb_driver_row *row = wb_driver_find(NULL, removal->module);

	return row && wb_verdict_takes_away(row->verdict) ? row->because
							  : removal->because;
}

/* Of a removal that has to succeed: whoever keeps the driver has to know what for. */
static int say_not_at_rest(const struct wb_removing *p, const struct wb_removal *removal,
			   const char *keep, const char *devices)
{
	const char *module = removal->module, *word = keep_word(p->request, keep);

	if (strcmp(module, keep) == 0)
		return wb_findings_add(p->findings, WB_WARNING, module,
				       "stays loaded, as asked for with %s%s, so that %s "
				       "is not put to rest and may not work after a warm "
				       "boot: %s",
				       word, keep, devices, why_it_goes(removal));
	return wb_findings_add(
		p->findings, WB_BLOCKER, module,
		"%s has to be put to rest (%s), and its driver cannot go as long as %s "
		"stays, which %s%s asks for; leave that out, or with --keep=%s try it "
		"with a device that is not at rest",
		devices, why_it_goes(removal), keep, word, keep, module);
}

static int say_kept(const struct wb_removing *p, const struct wb_removal *removal,
		    const char *keep)
{
	const struct wb_request *request = p->request;
	const char *module = removal->module;
	bool itself = strcmp(module, keep) == 0;
	_cleanup_free_ char *devices = list_driven(p->facts, module);

	if (!devices)
		return -ENOMEM;
	/* To keep now what a file would have removed is a choice, not a contradiction. */
	if (wb_strv_contains(request->unload, module) &&
	    is_standing(request, module) <= is_standing_keep(request, keep))
		return wb_findings_add(p->findings, WB_BLOCKER, module,
				       "%s%s and %s%s contradict each other%s",
				       unload_word(request, module), module,
				       keep_word(request, keep), keep,
				       itself ? "" : ": the second uses the first");
	if (removal->required && *devices)
		return say_not_at_rest(p, removal, keep, devices);
	if (itself)
		return wb_findings_add(p->findings, WB_INFO, module,
				       "stays loaded, as asked for with %s",
				       is_standing_keep(request, keep)
					       ? "Keep= in the configuration"
					       : "--keep");
	return wb_findings_add(p->findings, WB_INFO, module,
			       "stays loaded, because %s%s uses it",
			       keep_word(request, keep), keep);
}

/* Once for each, and in the words of the one who named it where somebody did. */
static int drop_needed(struct wb_removing *p, const char *keep)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->list->n;) {
		const struct wb_removal *removal = &p->list->items[i];
		const char *why =
			wb_removal_kept_for(p->request, p->facts, removal->module);

		if (!why || strcmp(why, keep) != 0) {
			i++;
			continue;
		}
		r = say_kept(p, removal, keep);
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
