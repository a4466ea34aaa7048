/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan-text.h"

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/piece.h"
#include "plan/check.h"

static const char *const phase_titles[_WB_PHASE_MAX] = {
	[WB_PHASE_PREPARE] = "Prepare: a refusal here costs nothing",
	[WB_PHASE_QUIESCE] = "Quiesce: undone in reverse when something fails",
	[WB_PHASE_COMMIT] = "Commit: from here there is only forward",
	[WB_PHASE_LATE] = "Late: when systemd has stopped everything",
	[WB_PHASE_EXITRD] = "Exitrd: when the root is unmounted",
	[WB_PHASE_CONFIRM] = "Confirm: in the next boot",
};

static int put_argv(FILE *f, char *const *argv)
{
	fputs("       $", f);
	for (; argv && *argv; argv++) {
		_cleanup_free_ char *quoted = wb_shell_quote(*argv);

		if (!quoted)
			return -ENOMEM;
		fprintf(f, " %s", quoted);
	}
	fputc('\n', f);
	return 0;
}

static int put_inputs(FILE *f, const struct wb_step *s)
{
	for (size_t i = 0; i < s->n_inputs; i++) {
		_cleanup_free_ char *text =
			wb_pieces_to_string(s->inputs[i].pieces, s->inputs[i].n_pieces);

		if (!text)
			return -ENOMEM;
		fprintf(f, "       %zu< %s\n", WB_INPUT_FD + i, text);
	}
	return 0;
}

static int put_modules(FILE *f, const struct wb_step *s)
{
	_cleanup_free_ char *list = s->modules ? wb_strv_join(s->modules, " ") : NULL;

	if (s->modules && !list)
		return -ENOMEM;
	if (list)
		fprintf(f, "       modules: %s\n", list);
	return 0;
}

static int put_step(FILE *f, const struct wb_step *s, size_t number)
{
	fprintf(f, "  %2zu. %s %s%s\n", number, wb_step_kind_to_string(s->kind),
		s->target, s->required ? "" : " (may fail)");
	fprintf(f, "       %s\n", s->because);
	if (s->argv && put_argv(f, s->argv) < 0)
		return -ENOMEM;
	return put_modules(f, s) < 0 ? -ENOMEM : put_inputs(f, s);
}

/* Above the first of those that go together. */
static void put_group(FILE *f, const struct wb_plan *plan, size_t i)
{
	unsigned int group = plan->steps[i].group;
	size_t last = i;

	if (group == 0 || (i > 0 && plan->steps[i - 1].group == group))
		return;
	while (last + 1 < plan->n_steps && plan->steps[last + 1].group == group)
		last++;
	fprintf(f, "  %zu to %zu at the same time:\n", i + 1, last + 1);
}

static int put_steps(FILE *f, const struct wb_plan *plan)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < plan->n_steps; i++) {
		const struct wb_step *s = &plan->steps[i];

		if (i == 0 || plan->steps[i - 1].phase != s->phase)
			fprintf(f, "\n%s\n", phase_titles[s->phase]);
		put_group(f, plan, i);
		r = put_step(f, s, i + 1);
	}
	return r;
}

/* A unified kernel image has its initramfs inside: kexec gets both. */
static bool uses_own_initrd(const struct wb_plan *plan)
{
	for (size_t i = 0; plan->kernel.unified && i < plan->n_steps; i++)
		if (plan->steps[i].n_inputs > 1)
			return true;
	return false;
}

static int put_kernel(FILE *f, const struct wb_plan *plan)
{
	const struct wb_kernel *k = &plan->kernel;
	_cleanup_free_ char *initrd = NULL;

	if (!k->linux)
		return 0;
	initrd = k->initrd ? wb_strv_join(k->initrd, " ")
			   : strdup(uses_own_initrd(plan) ? "inside the image" : "none");
	if (!initrd)
		return -ENOMEM;
	fprintf(f, "Warm boot into %s%s\n\n", k->version ? k->version : k->linux,
		k->running ? ", the running kernel" : "");
	fprintf(f, "  linux    %s (found by: %s)\n", k->linux, k->source);
	fprintf(f, "  initrd   %s\n", initrd);
	fprintf(f, "  options  %s\n", k->options);
	return 0;
}

/* A blocker that can be taken away says by which word. */
static int put_finding(FILE *f, const struct wb_finding *x)
{
	_cleanup_free_ char *word = NULL;
	int r = x->severity == WB_BLOCKER ? wb_check_ignore_word(x, &word) : 0;

	if (r < 0)
		return r;
	fprintf(f, "  %-8s %s: %s%s%s%s\n", wb_severity_to_string(x->severity),
		x->subject, x->message, word ? " (--ignore=" : "", word ? word : "",
		word ? ")" : "");
	return 0;
}

int wb_plan_to_text(const struct wb_plan *plan, FILE *f)
{
	int r = put_kernel(f, plan);

	if (r >= 0)
		r = put_steps(f, plan);
	if (plan->findings.n > 0)
		fputs("\nFindings\n", f);
	for (size_t i = 0; r >= 0 && i < plan->findings.n; i++)
		r = put_finding(f, &plan->findings.items[i]);
	return r;
}
