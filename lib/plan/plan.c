/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan.h"

#include <stdarg.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/piece.h"
#include "facts/kernel/stamp.h"

static const char *const phase_names[_WB_PHASE_MAX] = {
	[WB_PHASE_PREPARE] = "prepare", [WB_PHASE_QUIESCE] = "quiesce",
	[WB_PHASE_COMMIT] = "commit",   [WB_PHASE_LATE] = "late",
	[WB_PHASE_EXITRD] = "exitrd",   [WB_PHASE_CONFIRM] = "confirm",
};

static const char *const kind_names[_WB_STEP_KIND_MAX] = {
	[WB_STEP_RUN_HOOK] = "run-hook",
	[WB_STEP_LOAD_KERNEL] = "load-kernel",
	[WB_STEP_ISOLATE] = "isolate",
	[WB_STEP_STOP_UNIT] = "stop-unit",
	[WB_STEP_RELEASE_DEVICES] = "release-devices",
	[WB_STEP_UNBIND_CONSOLE] = "unbind-console",
	[WB_STEP_BLOCK_MODULES] = "block-modules",
	[WB_STEP_UNBIND_DEVICE] = "unbind-device",
	[WB_STEP_REMOVE_MODULE] = "remove-module",
	[WB_STEP_WRITE_RECORD] = "write-record",
	[WB_STEP_SYNC] = "sync",
	[WB_STEP_KEXEC] = "kexec",
};

const char *wb_phase_to_string(enum wb_phase phase)
{
	return phase_names[phase];
}

const char *wb_step_kind_to_string(enum wb_step_kind kind)
{
	return kind_names[kind];
}

int wb_phase_from_string(const char *word)
{
	return wb_find_name(phase_names, _WB_PHASE_MAX, word);
}

int wb_step_kind_from_string(const char *word)
{
	return wb_find_name(kind_names, _WB_STEP_KIND_MAX, word);
}

static void step_done(struct wb_step *s)
{
	free(s->target);
	wb_strv_free(s->argv);
	wb_strv_free(s->undo_argv);
	wb_strv_free(s->environment);
	wb_strv_free(s->devices);
	wb_strv_free(s->held_by);
	wb_strv_free(s->spare);
	wb_strv_free(s->modules);
	for (size_t i = 0; i < s->n_inputs; i++)
		wb_pieces_free(s->inputs[i].pieces, s->inputs[i].n_pieces);
	free(s->inputs);
	wb_stamps_free(s->files, s->n_files);
	free(s->because);
}

struct wb_step *wb_plan_add(struct wb_plan *plan, enum wb_phase phase,
			    enum wb_step_kind kind, const char *target,
			    uint64_t timeout_usec, const char *because, ...)
{
	struct wb_step s = {
		.kind = kind,
		.phase = phase,
		.timeout_usec = timeout_usec,
		.required = true,
	};
	struct wb_step *grown;
	va_list ap;
	int n;

	va_start(ap, because);
	n = vasprintf(&s.because, because, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	/* It names cgroups, and those below a user's manager have the names that the user
	 * likes. */
	wb_clean_text(s.because);
	s.target = strdup(target);
	grown = reallocarray(plan->steps, plan->n_steps + 1, sizeof(s));
	if (grown)
		plan->steps = grown;
	if (!grown || !s.target) {
		step_done(&s);
		return NULL;
	}
	grown[plan->n_steps] = s;
	return &grown[plan->n_steps++];
}

struct wb_input *wb_step_add_input(struct wb_step *step, const struct wb_piece *piece)
{
	struct wb_input *grown, input = { 0 };

	grown = reallocarray(step->inputs, step->n_inputs + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	step->inputs = grown;
	if (wb_pieces_add(&input.pieces, &input.n_pieces, piece) < 0) {
		wb_pieces_free(input.pieces, input.n_pieces);
		return NULL;
	}
	grown[step->n_inputs] = input;
	return &grown[step->n_inputs++];
}

void wb_plan_free(struct wb_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_steps; i++)
		step_done(&plan->steps[i]);
	free(plan->steps);
	free(plan->id);
	wb_kernel_done(&plan->kernel);
	wb_findings_done(&plan->findings);
	free(plan);
}
