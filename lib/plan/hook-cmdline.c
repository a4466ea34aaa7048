/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/hook-cmdline.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "facts/cmdline.h"
#include "plan/hook-match.h"

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

static bool adds(const struct wb_hook *hook, const struct wb_facts *facts,
		 const char *line)
{
	return hook->cmdline && wb_hook_applies(hook, facts) && !is_barred(hook, line);
}

char *wb_hook_cmdline(const struct wb_facts *facts, const char *line)
{
	_cleanup_strv_ char **words = NULL;
	int r = 0;

	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (!adds(h, facts, line))
			continue;
		for (char **word = h->cmdline; r >= 0 && *word; word++)
			if (**word != '!' && !has_word(line, *word))
				r = wb_strv_add(&words, *word);
	}
	return r < 0 ? NULL : wb_strv_join(words, " ");
}

int wb_hook_cmdline_explain(const struct wb_facts *facts, const char *before,
			    const char *options, struct wb_findings *findings)
{
	int r = 0;

	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct wb_hook *h = &facts->hooks[i];

		if (!adds(h, facts, before))
			continue;
		for (char **word = h->cmdline; r >= 0 && *word; word++)
			if (**word != '!' && !has_word(before, *word) &&
			    has_word(options, *word))
				r = wb_findings_add(findings, WB_INFO, h->name,
						    "the hook adds %s to the command "
						    "line of the next kernel; "
						    "--remove=%s leaves it out",
						    *word, *word);
	}
	return r;
}
