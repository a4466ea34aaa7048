/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/hook-cmdline.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "facts/cmdline.h"
#include "facts/hook-match.h"

static bool has_word(const char *line, const char *word)
{
	_cleanup_free_ char *missing = wb_cmdline_missing(line, word);

	return missing && !*missing;
}

static bool has_key(const char *line, const char *key)
{
	_cleanup_free_ char *value = wb_cmdline_get(line, key);

	return value;
}

/* Is there a word beside which the hook adds nothing? */
static bool is_barred(const struct wb_hook *hook, const char *line)
{
	for (char **word = hook->cmdline; word && *word; word++)
		if (**word == '!' &&
		    (has_key(line, *word + 1) || has_word(line, *word + 1)))
			return true;
	return false;
}

/* Is there anything to add, where the next kernel has what it needs for that? */
static bool wants(const struct wb_hook *hook, const char *line)
{
	return hook->cmdline && hook->used && !is_barred(hook, line);
}

/* Does it drive a device here? A driver that is built in has no module. */
static bool is_in_use(const struct wb_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if ((d->module && strcmp(d->module, name) == 0) ||
		    (d->driver && strcmp(d->driver, name) == 0))
			return true;
	}
	return false;
}

/* Where that is not known, it has. */
static bool has_driver_early(const struct wb_hook *hook, const struct wb_facts *facts,
			     const struct wb_target *target)
{
	if (!hook->early || !target->early.known)
		return true;
	for (char **name = hook->early; *name; name++)
		if (is_in_use(facts, *name) &&
		    wb_strv_contains(target->early.modules, *name))
			return true;
	return false;
}

static bool adds(const struct wb_hook *hook, const struct wb_facts *facts,
		 const struct wb_target *target, const char *line)
{
	return wants(hook, line) && has_driver_early(hook, facts, target);
}

char *wb_hook_cmdline(const struct wb_facts *facts, const struct wb_target *target,
		      const char *line)
{
	_cleanup_strv_ char **words = NULL;
	int r = 0;

	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (!adds(h, facts, target, line))
			continue;
		for (char **word = h->cmdline; r >= 0 && *word; word++)
			if (**word != '!' && !has_word(line, *word))
				r = wb_strv_add(&words, *word);
	}
	return r < 0 ? NULL : wb_strv_join(words, " ");
}

static int explain_added(const struct wb_hook *hook, const char *before,
			 const char *options, struct wb_findings *findings)
{
	int r = 0;

	for (char **word = hook->cmdline; r >= 0 && *word; word++)
		if (**word != '!' && !has_word(before, *word) && has_word(options, *word))
			r = wb_findings_add(findings, WB_INFO, hook->name,
					    "the hook adds %s to the command line of the "
					    "next kernel; --remove=%s leaves it out",
					    *word, *word);
	return r;
}

static int explain_missing(const struct wb_hook *hook, const char *options,
			   struct wb_findings *findings)
{
	_cleanup_free_ char *names = wb_strv_join(hook->early, " or ");
	int r = names ? 0 : -ENOMEM;

	for (char **word = hook->cmdline; r >= 0 && *word; word++)
		if (**word != '!' && !has_word(options, *word))
			r = wb_findings_add(
				findings, WB_WARNING, hook->name,
				"%s is not added for the next kernel, because that has "
				"no %s before its root is mounted, and nothing would be "
				"on the screen until then; without it that kernel draws "
				"where the firmware had the screen, which after a warm "
				"boot may be memory of something else: put the driver "
				"into its initramfs, or add the word with --append=%s",
				*word, names, *word);
	return r;
}

int wb_hook_cmdline_explain(const struct wb_facts *facts, const struct wb_target *target,
			    const char *before, const char *options,
			    struct wb_findings *findings)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (adds(h, facts, target, before))
			r = explain_added(h, before, options, findings);
		else if (wants(h, before))
			r = explain_missing(h, options, findings);
	}
	return r;
}
