/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/planner.h"

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/piece.h"
#include "facts/kernel/stamp.h"
#include "plan/planner-part.h"
#include "plan/screen.h"

#define LOAD_TIMEOUT_USEC   (120 * USEC_PER_SEC)
#define RECORD_TIMEOUT_USEC (30 * USEC_PER_SEC)
#define SYNC_TIMEOUT_USEC   (300 * USEC_PER_SEC)
#define KEXEC_TIMEOUT_USEC  (60 * USEC_PER_SEC)

static int add_record(struct wb_planner *p, enum wb_phase phase, const char *because)
{
	_cleanup_free_ char *path = NULL;

	path = wb_format("/var/lib/warmboot/%s.json", p->in->request->id);
	if (!path || !wb_plan_add(p->plan, phase, WB_STEP_WRITE_RECORD, path,
				  RECORD_TIMEOUT_USEC, "%s", because))
		return -ENOMEM;
	return 0;
}

/* --- prepare ---------------------------------------------------------------------- */

/* The last of the inputs, as the program will find it. */
static int add_input_name(struct wb_step *s, const char *option)
{
	return wb_strv_appendf(&s->argv, "%s/proc/self/fd/%zu", option,
			       WB_INPUT_FD + s->n_inputs - 1);
}

static int add_linux(struct wb_planner *p, struct wb_step *s)
{
	const struct wb_target *t = p->in->target;

	if (!t->linux.path)
		return wb_strv_append(&s->argv, p->in->choice->kernel->linux);
	if (!wb_step_add_input(s, &t->linux))
		return -ENOMEM;
	return add_input_name(s, "");
}

/* kexec takes one file: what is part of another one, or several, is put together. */
static int add_initrd(struct wb_planner *p, struct wb_step *s)
{
	const struct wb_target *t = p->in->target;
	struct wb_input *input = NULL;
	int r = 0;

	if (t->n_initrd == 0)
		return 0;
	if (t->n_initrd == 1 && wb_piece_is_file(&t->initrd[0]))
		return wb_strv_appendf(&s->argv, "--initrd=%s", t->initrd[0].path);
	input = wb_step_add_input(s, &t->initrd[0]);
	for (size_t i = 1; input && r >= 0 && i < t->n_initrd; i++)
		r = wb_pieces_add(&input->pieces, &input->n_pieces, &t->initrd[i]);
	return input && r >= 0 ? add_input_name(s, "--initrd=") : -ENOMEM;
}

/*
 * kexec-tools reads the running system's /sys/firmware/fdt by itself. kexec_file_load(2)
 * has no argument for another one: with --kexec-file-syscall kexec-tools drops --dtb
 * (2.0.25, kexec/arch/arm64/kexec-arm64.c; "Not applicable", says the manual of 2.0.32),
 * and with --kexec-syscall-auto, which tries that call first, it is without effect.
 */
static int add_device_tree(struct wb_planner *p, struct wb_step *s, const char *dtb)
{
	const struct wb_trust *trust = &p->facts->ready.trust;
	int r = dtb ? wb_strv_appendf(&s->argv, "--dtb=%s", dtb) : 0;
	const char *call = "--kexec-syscall-auto";

	if (dtb)
		call = "--kexec-syscall";
	else if (wb_trust_demands_signature(trust) || trust->appraises)
		/* With auto kexec-tools goes on to kexec_load(2) where the kernel says
		 * that it knows no such image; nobody checks a signature there, and IMA
		 * lets none pass. */
		call = "--kexec-file-syscall";
	return r < 0 ? r : wb_strv_append(&s->argv, call);
}

static int add_files(struct wb_planner *p, struct wb_step *s)
{
	const struct wb_target *t = p->in->target;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < t->n_files; i++)
		r = wb_stamps_add(&s->files, &s->n_files, &t->files[i]);
	return r;
}

static int add_load(struct wb_planner *p)
{
	const struct wb_choice *c = p->in->choice;
	const char *kexec = p->facts->state.kexec_program;
	const char *version = c->kernel->version ? c->kernel->version : c->kernel->linux;
	struct wb_step *s;
	int r;

	s = wb_plan_add(p->plan, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL, version,
			LOAD_TIMEOUT_USEC, "%s; a refusal to load it costs nothing now",
			c->because);
	r = s ? wb_strv_append(&s->argv, kexec ? kexec : "kexec") : -ENOMEM;
	if (r >= 0)
		r = wb_strv_append(&s->argv, "--load");
	if (r >= 0)
		r = add_files(p, s);
	if (r >= 0)
		r = add_linux(p, s);
	if (r >= 0)
		r = add_initrd(p, s);
	if (r >= 0)
		r = wb_strv_appendf(&s->argv, "--command-line=%s", c->options);
	if (r >= 0)
		r = add_device_tree(p, s, p->in->request->dtb);
	if (r >= 0)
		r = wb_strv_append(&s->undo_argv, s->argv[0]);
	if (r >= 0)
		r = wb_strv_append(&s->undo_argv, "--unload");
	if (r >= 0)
		r = wb_strv_append(&s->undo_argv, "--kexec-syscall-auto");
	return r;
}

/* --- commit ----------------------------------------------------------------------- */

static int add_commit(struct wb_planner *p)
{
	bool force = p->in->request->force;
	int r;

	r = add_record(p, WB_PHASE_COMMIT,
		       "the next boot compares itself with it, and reports");
	if (r < 0)
		return r;
	if (!wb_plan_add(p->plan, WB_PHASE_COMMIT, WB_STEP_SYNC, "file systems",
			 SYNC_TIMEOUT_USEC,
			 "what is written now need not be written later"))
		return -ENOMEM;
	if (force)
		return wb_plan_add(
			       p->plan, WB_PHASE_COMMIT, WB_STEP_KEXEC, "now",
			       KEXEC_TIMEOUT_USEC,
			       "--force: the new kernel starts at once, without stopping "
			       "anything")
			       ? 0
			       : -ENOMEM;
	return wb_plan_add(p->plan, WB_PHASE_COMMIT, WB_STEP_KEXEC, "kexec.target",
			   KEXEC_TIMEOUT_USEC,
			   "systemd stops every service, unmounts every file system and "
			   "starts the new kernel")
		       ? 0
		       : -ENOMEM;
}

/* --- all of it -------------------------------------------------------------------- */

static int set_kernel(struct wb_planner *p)
{
	const struct wb_choice *c = p->in->choice;
	struct wb_kernel *k = &p->plan->kernel;
	int r = wb_kernel_copy(c->kernel, k);

	if (r < 0)
		return r;
	wb_strv_free(k->initrd);
	k->initrd = NULL;
	for (char **path = c->initrd; r >= 0 && path && *path; path++)
		r = wb_strv_append(&k->initrd, *path);
	return r < 0 ? r : wb_set_format(&k->options, "%s", c->options);
}

/* Verdicts first, then what follows from them. */
static int judge(struct wb_planner *p)
{
	const struct wb_request *request = p->in->request;
	size_t first = p->plan->findings.n;
	int r = wb_judgements_build(request, p->facts, &p->judgements);

	if (r >= 0)
		r = wb_removals_build(request, p->facts, &p->judgements, &p->removals,
				      &p->plan->findings);
	if (r >= 0)
		r = wb_findings_name(&p->plan->findings, first, "unload");
	if (r >= 0)
		r = wb_screen_keep(&p->judgements, &p->removals, p->facts,
				   &p->plan->findings);
	if (r >= 0)
		r = wb_findings_name(&p->plan->findings, first, "drivers");
	if (r >= 0)
		r = wb_judgements_follow(&p->judgements, p->facts, &p->removals);
	return r < 0 ? r : wb_planner_find_unbindings(p);
}

/* When there is only forward. With --force systemd stops nothing, and calls nobody when
 * it has. */
static int add_late(struct wb_planner *p)
{
	int r;

	if (p->in->request->force)
		return 0;
	r = wb_planner_add_hooks(p, WB_PHASE_LATE);
	if (r >= 0)
		r = wb_planner_add_unbindings(p, WB_PHASE_LATE);
	return r < 0 ? r : wb_planner_add_unbindings(p, WB_PHASE_EXITRD);
}

/* What the planner finds itself, under the names that the checks have for it. */
static int look(struct wb_planner *p, const char *check,
		int (*find)(struct wb_planner *p))
{
	size_t first = p->plan->findings.n;
	int r = find(p);

	return r < 0 ? r : wb_findings_name(&p->plan->findings, first, check);
}

static int check(struct wb_planner *p)
{
	int r = wb_check_all(p->in, &p->plan->findings);

	if (r >= 0)
		r = judge(p);
	if (r >= 0)
		r = look(p, "drivers", wb_planner_check_verdicts);
	if (r >= 0)
		r = look(p, "drivers", wb_planner_check_foreign);
	return r < 0 ? r : look(p, "holders", wb_planner_check_holders);
}

static int add_steps(struct wb_planner *p)
{
	int r = set_kernel(p);

	if (r >= 0)
		r = add_record(
			p, WB_PHASE_PREPARE,
			"whatever comes of it, the report can say how far it came");
	if (r >= 0)
		r = wb_planner_add_hooks(p, WB_PHASE_PREPARE);
	if (r >= 0)
		r = add_load(p);
	if (r >= 0)
		r = wb_planner_add_looks(p);
	if (r >= 0)
		r = wb_planner_add_quiesce(p);
	if (r >= 0)
		r = add_commit(p);
	if (r >= 0)
		r = add_late(p);
	return r < 0 ? r : wb_planner_add_hooks(p, WB_PHASE_CONFIRM);
}

/* Of all that the drivers: nothing is loaded, isolated or handed over, and the record is
 * the business of who asks. */
static int add_driver_steps(struct wb_planner *p)
{
	int r = wb_planner_add_hooks(p, WB_PHASE_PREPARE);

	if (r >= 0)
		r = wb_planner_add_looks(p);
	if (r >= 0)
		r = wb_planner_add_quiesce(p);
	if (r >= 0)
		r = add_late(p);
	return r < 0 ? r : wb_planner_add_hooks(p, WB_PHASE_CONFIRM);
}

static int build(struct wb_planner *p)
{
	const struct wb_kernel *kernel = p->in->choice->kernel;
	bool quiesce_only = p->in->request->quiesce_only;
	int r = check(p);

	if (r >= 0)
		r = wb_set_format(&p->plan->id, "%s", p->in->request->id);
	p->plan->reboot = p->in->request->reboot;
	/* Without a kernel there is nothing to plan: its finding says so. */
	if (r >= 0 && quiesce_only)
		r = look(p, "quiesce", add_driver_steps);
	else if (r >= 0 && kernel && kernel->linux)
		r = look(p, "quiesce", add_steps);
	return r < 0 ? r : wb_check_ignore(p->in->request, &p->plan->findings);
}

int wb_planner_build(const struct wb_check_input *in, struct wb_plan **ret)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = calloc(1, sizeof(*plan));
	struct wb_planner p = { .in = in, .facts = in->facts, .plan = plan };
	int r = plan ? build(&p) : -ENOMEM;

	free(p.unbindings);
	wb_removals_done(&p.removals);
	wb_judgements_done(&p.judgements);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(plan);
	return 0;
}
