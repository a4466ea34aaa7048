/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan-summary.h"

#include <string.h>

#include "base/layout.h"
#include "base/strv.h"
#include "base/text.h"

/* The column in which what is said of each subject begins. */
#define INDENT 12

/* What is taken away, by the kinds of steps that do it. */
static bool is_removal(enum wb_step_kind kind)
{
	return kind == WB_STEP_REMOVE_MODULE || kind == WB_STEP_UNBIND_DEVICE ||
	       kind == WB_STEP_UNBIND_CONSOLE;
}

/* Each target once, in the order of the steps. */
static int list_targets(const struct wb_plan *plan, bool (*is_meant)(enum wb_step_kind),
			char ***ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < plan->n_steps; i++)
		if (is_meant(plan->steps[i].kind))
			r = wb_strv_add(ret, plan->steps[i].target);
	return r;
}

static int list_holders(const struct wb_plan *plan, char ***ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < plan->n_steps; i++)
		for (char **p = plan->steps[i].held_by; r >= 0 && p && *p; p++)
			r = wb_strv_add(ret, *p);
	return r;
}

static int put(FILE *f, unsigned int columns, const char *subject, const char *text)
{
	_cleanup_free_ char *lines = wb_layout_indent(text, INDENT, columns);

	if (!lines)
		return -ENOMEM;
	fprintf(f, "  %-*s%s\n", INDENT - 2, subject, lines);
	return 0;
}

static int put_list(FILE *f, unsigned int columns, const char *subject,
		    char *const *words)
{
	_cleanup_free_ char *list = words ? wb_strv_join(words, ", ") : NULL;

	if (!words)
		return 0;
	return list ? put(f, columns, subject, list) : -ENOMEM;
}

static const struct wb_step *find(const struct wb_plan *plan, enum wb_step_kind kind)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind)
			return &plan->steps[i];
	return NULL;
}

/* What a person loses, whatever comes of it. */
static int put_losses(FILE *f, unsigned int columns, const struct wb_plan *plan,
		      char *const *holders)
{
	const struct wb_step *kexec = find(plan, WB_STEP_KEXEC);

	if (kexec && strcmp(kexec->target, "now") == 0)
		return put(f, columns, "for good",
			   "nothing is stopped in order: what is not on disk is lost");
	if (!find(plan, WB_STEP_ISOLATE) && !holders)
		return put(
			f, columns, "for good",
			"all sessions, from the hand-over on; until then all is undone "
			"where a step fails");
	return put(f, columns, "for good",
		   "sessions and the programs in them, also where a step fails and the "
		   "rest is undone");
}

int wb_plan_summarize(const struct wb_plan *plan, unsigned int columns, FILE *f)
{
	const struct wb_kernel *k = &plan->kernel;
	const struct wb_step *isolate = find(plan, WB_STEP_ISOLATE);
	_cleanup_strv_ char **holders = NULL, **removals = NULL;
	int r = list_holders(plan, &holders);

	if (r >= 0)
		r = list_targets(plan, is_removal, &removals);
	fprintf(f, "Warm boot into %s%s, in %zu step%s\n\n",
		k->version ? k->version : k->linux,
		k->running ? ", the running kernel" : "", plan->n_steps,
		plan->n_steps == 1 ? "" : "s");
	if (r >= 0 && isolate)
		r = put(f, columns, "isolates", isolate->target);
	if (r >= 0)
		r = put_list(f, columns, "ends", holders);
	if (r >= 0)
		r = put_list(f, columns, "removes", removals);
	if (r >= 0)
		r = put_losses(f, columns, plan, holders);
	fputs("  each step and its reason: warmboot plan\n\n", f);
	return r;
}
