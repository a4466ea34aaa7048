/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Blockers that somebody takes away, each by its name: there is no word for all. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "plan/check.h"

static const struct wb_check *find_ignorable(const char *name)
{
	const struct wb_check *check = name ? wb_check_find(name) : NULL;

	return check && (check->flags & WB_CHECK_IGNORABLE) ? check : NULL;
}

int wb_check_parse_ignore(const char *word, const char **ret_why)
{
	size_t n = strcspn(word, ":");
	_cleanup_free_ char *name = strndup(word, n);
	const struct wb_check *check;

	if (!name)
		return -ENOMEM;
	check = wb_check_find(name);
	if (!check)
		*ret_why = "--ignore names a check, and there is none called '%s'";
	else if (!find_ignorable(name))
		*ret_why = "what the check '%s' finds cannot be ignored";
	else if ((check->flags & WB_CHECK_EACH) && word[n] != '\0' && word[n + 1] != '\0')
		return 0;
	else if (check->flags & WB_CHECK_EACH)
		*ret_why = "--ignore=%s has to say which, as in --ignore=drivers:mpt3sas";
	else if (word[n] == '\0')
		return 0;
	else
		*ret_why = "--ignore='%s': this check takes no name behind a colon";
	return -EINVAL;
}

int wb_check_ignore_word(const struct wb_finding *finding, char **ret)
{
	const struct wb_check *check = find_ignorable(finding->check);

	*ret = NULL;
	if (!check ||
	    (finding->severity != WB_BLOCKER && finding->severity != WB_IGNORED))
		return 0;
	*ret = check->flags & WB_CHECK_EACH
		       ? wb_format("%s:%s", check->name, finding->subject)
		       : strdup(check->name);
	return *ret ? 0 : -ENOMEM;
}

/* Is it "NAME:SUBJECT", or the name alone where that is enough? */
static bool is_named(const struct wb_check *check, const char *subject, const char *word)
{
	const char *rest = wb_startswith(word, check->name);

	if (!rest)
		return false;
	if (!(check->flags & WB_CHECK_EACH))
		return *rest == '\0';
	return *rest == ':' && strcmp(rest + 1, subject) == 0;
}

bool wb_check_is_ignored(const struct wb_request *request, const char *name,
			 const char *subject)
{
	const struct wb_check *check = find_ignorable(name);

	for (char **word = request->ignore; check && word && *word; word++)
		if (is_named(check, subject, *word))
			return true;
	return false;
}

static bool took_something(const struct wb_findings *findings, const char *word)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct wb_finding *f = &findings->items[i];
		const struct wb_check *check = find_ignorable(f->check);

		if (f->severity == WB_IGNORED && check &&
		    is_named(check, f->subject, word))
			return true;
	}
	return false;
}

/* A word that took nothing away may have been meant for something else. */
static int say_idle_words(const struct wb_request *request, struct wb_findings *findings)
{
	size_t first = findings->n;
	int r = 0;

	for (char **word = request->ignore; r >= 0 && word && *word; word++)
		if (!took_something(findings, *word))
			r = wb_findings_add(findings, WB_INFO, "ignore",
					    "--ignore=%s takes nothing away: no such "
					    "blocker stands in the way",
					    *word);
	return r < 0 ? r : wb_findings_name(findings, first, "ignore");
}

int wb_check_ignore(const struct wb_request *request, struct wb_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		struct wb_finding *f = &findings->items[i];

		if (f->severity != WB_BLOCKER || !f->check ||
		    !wb_check_is_ignored(request, f->check, f->subject))
			continue;
		f->severity = WB_IGNORED;
		f->veto = false;
	}
	return say_idle_words(request, findings);
}
