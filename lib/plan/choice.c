/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/choice.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "plan/hook-cmdline.h"
#include "plan/selector.h"

/* How a person, and --kernel, can name it: by its version, or where that does not tell,
 * by its id. */
static const char *name_of(const struct wb_kernel *k, bool by_id)
{
	return k->version && !by_id ? k->version : k->id;
}

/* "6.1.0-56-amd64, 6.1.0-55-amd64"; the caller's. Why some are not listed is a finding of
 * its own. */
static char *list_all(const struct wb_facts *facts)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *list = NULL;

	for (size_t i = 0; i < facts->n_kernels; i++)
		if (wb_strv_add(&names, name_of(&facts->kernels[i], false)) < 0)
			return NULL;
	list = names ? wb_strv_join(names, ", ") : strdup("none");
	if (!list || !facts->unlisted)
		return TAKE_PTR(list);
	return wb_format("%s, and maybe others that are not listed", list);
}

static char *list_candidates(const struct wb_selection *s)
{
	_cleanup_strv_ char **names = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (wb_strv_appendf(&names, "%s (%s)", name_of(s->items[i], true),
				    s->items[i]->title) < 0)
			return NULL;
	return wb_strv_join(names, ", ");
}

/* What was typed just now is a mistake, and a reboot would start what nobody named. Takes
 * ownership of @message. */
static int refuse_word(const struct wb_request *request, struct wb_findings *findings,
		       char *message)
{
	_cleanup_free_ char *text = message;

	if (!text)
		return -ENOMEM;
	if (request->kernel_origin || strcmp(request->kernel, "latest") == 0)
		return wb_findings_add(findings, WB_BLOCKER, "kernel", "%s", text);
	return wb_findings_add_veto(findings, "kernel", "%s", text);
}

static int refuse_missing(const struct wb_request *request, const struct wb_facts *facts,
			  struct wb_findings *findings)
{
	_cleanup_free_ char *there = list_all(facts);
	const char *word = request->kernel ? request->kernel : "running";
	const char *origin = request->kernel_origin ? request->kernel_origin : "";
	const char *colon = *origin ? ": " : "";

	if (!there)
		return -ENOMEM;
	if (strcmp(word, "running") == 0)
		return wb_findings_add(
			findings, WB_BLOCKER, "kernel",
			"%s%sno image of the running kernel %s was found by "
			"BOOT_IMAGE=, in /boot or in /usr/lib/modules; name "
			"one with --kernel; there are: %s",
			origin, colon, facts->state.release ? facts->state.release : "?",
			there);
	if (strcmp(word, "default") == 0)
		return wb_findings_add(findings, WB_BLOCKER, "kernel",
				       "%s%sno boot loader's default is known here; name "
				       "a kernel with --kernel; there are: %s",
				       origin, colon, there);
	return refuse_word(request, findings,
			   wb_format("%s%sthere is no kernel '%s' here%s; there are: %s",
				     origin, colon, word,
				     strchr(word, '/') && *word != '/'
					     ? ", and a path has to be absolute"
					     : "",
				     there));
}

static int refuse_ambiguous(const struct wb_request *request,
			    const struct wb_selection *s, struct wb_findings *findings)
{
	_cleanup_free_ char *candidates = list_candidates(s);

	if (!candidates)
		return -ENOMEM;
	return refuse_word(request, findings,
			   wb_format("%s%s%s may mean each of these; name one of them "
				     "whole: %s",
				     request->kernel_origin ? request->kernel_origin
							    : "--kernel=",
				     request->kernel_origin ? ": " : "", request->kernel,
				     candidates));
}

/* What the running kernel was given, whatever an entry says of the next time. */
static const char *own_options(const struct wb_facts *facts, const struct wb_kernel *k)
{
	return k->running && facts->state.cmdline ? facts->state.cmdline : k->options;
}

/*
 * The machine's standing edits. The line of the running kernel has those of the last time
 * in it; what is there already is not added again, however often this is done.
 */
static char *edit_standing(const char *line, const struct wb_config *config)
{
	const struct wb_cmdline_edit drop = { .remove = config->remove };
	_cleanup_free_ char *words = wb_strv_join(config->append, " ");
	_cleanup_free_ char *base = wb_cmdline_build(line, &drop);
	_cleanup_free_ char *missing = NULL;

	if (words && base)
		missing = wb_cmdline_missing(base, words);
	if (!missing)
		return NULL;
	return wb_cmdline_build(base, &(struct wb_cmdline_edit){ .append = missing });
}

/* The hooks know their drivers, the machine's owner knows better, and who asks now best.
 * @words are those of the hooks. */
static char *edit(const char *line, const char *words, const struct wb_request *request)
{
	_cleanup_free_ char *append = wb_strv_join(request->append, " ");
	_cleanup_free_ char *with_hooks = NULL, *standing = NULL;

	with_hooks =
		*words ? wb_cmdline_build(line,
					  &(struct wb_cmdline_edit){ .append = words })
		       : strdup(line);
	if (with_hooks && request->config)
		standing = edit_standing(with_hooks, request->config);
	else
		standing = TAKE_PTR(with_hooks);
	if (!append || !standing)
		return NULL;
	return wb_cmdline_build(standing, &(struct wb_cmdline_edit){
						  .remove = request->remove,
						  .append = append,
						  .id = request->id,
					  });
}

static int choose_options(const struct wb_request *request, const struct wb_facts *facts,
			  struct wb_choice *choice)
{
	const char *line = own_options(facts, choice->kernel);

	choice->options = line ? edit(line, "", request) : NULL;
	return choice->options ? 0 : -ENOMEM;
}

int wb_choice_add_words(const struct wb_request *request, const struct wb_facts *facts,
			const struct wb_target *target, struct wb_choice *choice)
{
	/* Beside which words hooks want nothing is a question to the whole line. */
	_cleanup_free_ char *without = choice->options;
	_cleanup_free_ char *words = wb_hook_cmdline(facts, target, without);
	size_t first = choice->findings.n;
	int r;

	choice->options =
		words ? edit(own_options(facts, choice->kernel), words, request) : NULL;
	if (!choice->options)
		return -ENOMEM;
	r = wb_hook_cmdline_explain(facts, target, without, choice->options,
				    &choice->findings);
	return r < 0 ? r : wb_findings_name(&choice->findings, first, "options");
}

static int choose_initrd(const struct wb_request *request, struct wb_choice *choice)
{
	int r = 0;

	if (request->initrd)
		return strcmp(request->initrd, WB_INITRD_NONE) == 0
			       ? 0
			       : wb_strv_append(&choice->initrd, request->initrd);
	for (char **p = choice->kernel->initrd; r >= 0 && p && *p; p++)
		r = wb_strv_append(&choice->initrd, *p);
	return r;
}

/* "named by its id with --kernel"; the caller's. */
static char *explain(const struct wb_request *request, const struct wb_selection *s)
{
	const char *origin = request->kernel_origin;

	if (s->named)
		return wb_format("%s %s", s->because, origin ? origin : "--kernel");
	return origin ? wb_format("%s (%s)", s->because, origin) : strdup(s->because);
}

static int make(const struct wb_request *request, const struct wb_facts *facts,
		const struct wb_selection *s, struct wb_choice *choice)
{
	int r;

	if (s->n == 0)
		return refuse_missing(request, facts, &choice->findings);
	if (s->n > 1)
		return refuse_ambiguous(request, s, &choice->findings);
	choice->kernel = s->items[0];
	choice->because = explain(request, s);
	if (!choice->because)
		return -ENOMEM;
	r = choose_initrd(request, choice);
	return r < 0 ? r : choose_options(request, facts, choice);
}

int wb_choice_make(const struct wb_request *request, const struct wb_facts *facts,
		   struct wb_choice *ret)
{
	struct wb_choice choice = { 0 };
	struct wb_selection selection;
	int r = wb_select(facts, request->kernel, &selection);

	if (r < 0)
		return r;
	r = make(request, facts, &selection, &choice);
	free(selection.items);
	if (r < 0) {
		wb_choice_done(&choice);
		return r;
	}
	*ret = choice;
	return 0;
}

void wb_choice_done(struct wb_choice *choice)
{
	free(choice->because);
	wb_strv_free(choice->initrd);
	free(choice->options);
	wb_findings_done(&choice->findings);
	*choice = (struct wb_choice){ 0 };
}
