/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A header whose lines are each right, but not together. No I/O here. */

#include <fnmatch.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook-term.h"
#include "facts/hook.h"

static bool is_about_drivers(const struct wb_hook *hook)
{
	return (hook->verdict != WB_VERDICT_NONE) == (hook->drivers != NULL);
}

/* Code, Unbind and Modules of a later hook come after the point of no return, so that
 * they cannot be what takes a driver away before it. */
static bool fits_phase(const struct wb_hook *hook)
{
	if (hook->phase == WB_HOOK_QUIESCE)
		return true;
	if (hook->phase == WB_HOOK_EXITRD && hook->verdict == WB_VERDICT_LATE)
		return false;
	return hook->verdict != WB_VERDICT_UNLOAD && hook->verdict != WB_VERDICT_UNBIND;
}

static bool has_devices_to_hold(const struct wb_hook *hook)
{
	return !hook->refuse_holders || hook->devices;
}

static bool has_driver(const struct wb_hook *hook, const char *name)
{
	for (char **glob = hook->drivers; glob && *glob; glob++)
		if (fnmatch(*glob, name, 0) == 0)
			return true;
	return false;
}

/* What Unbind names is unbound in the phase of the hook: no verdict may say otherwise. */
static bool unbinds_as_judged(const struct wb_hook *hook)
{
	static const enum wb_verdict when[_WB_HOOK_PHASE_MAX] = {
		[WB_HOOK_QUIESCE] = WB_VERDICT_UNBIND,
		[WB_HOOK_LATE] = WB_VERDICT_LATE,
		[WB_HOOK_EXITRD] = WB_VERDICT_EXITRD,
	};

	for (char **word = hook->unbind; word && *word; word++) {
		struct wb_term term;

		if (wb_term_parse_unbind(*word, &term) >= 0 &&
		    term.kind == WB_TERM_DRIVER && has_driver(hook, term.value) &&
		    hook->verdict != when[hook->phase])
			return false;
	}
	return true;
}

/* Most drivers have the name of their module. */
static bool unloads_as_judged(const struct wb_hook *hook)
{
	if (hook->phase != WB_HOOK_QUIESCE || hook->verdict == WB_VERDICT_UNLOAD ||
	    hook->verdict == WB_VERDICT_UNBIND)
		return true;
	for (char **module = hook->modules; module && *module; module++)
		if (has_driver(hook, *module))
			return false;
	return true;
}

static bool adds_a_word(const struct wb_hook *hook)
{
	for (char **word = hook->cmdline; word && *word; word++)
		if (**word != '!')
			return true;
	return !hook->cmdline;
}

static bool has_use_for_initramfs(const struct wb_hook *hook)
{
	return !hook->early || hook->cmdline;
}

static const struct {
	bool (*holds)(const struct wb_hook *hook);
	const char *otherwise;
} rules[] = {
	{ is_about_drivers,
	  "of 'Drivers' and 'Verdict' its header has one, and they need each other" },
	{ fits_phase,
	  "its header has a 'Verdict' that is carried out before its 'Phase'" },
	{ unbinds_as_judged,
	  "its header names a driver in 'Unbind' and gives it another 'Verdict'" },
	{ unloads_as_judged,
	  "its header names a driver in 'Modules', so that it is removed, and gives it "
	  "another 'Verdict'" },
	{ has_devices_to_hold,
	  "its header says 'Holders: refuse', but no 'Devices' that could be held" },
	{ has_use_for_initramfs,
	  "its header says what has to be in the 'Initramfs', but has no 'Cmdline' that "
	  "would depend on it" },
	{ adds_a_word,
	  "its header has words in 'Cmdline' that stand in the way, and none to add" },
};

int wb_hook_check(struct wb_hook *hook)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!rules[i].holds(hook))
			return wb_set_format(&hook->problem, "%s", rules[i].otherwise);
	return 0;
}
