/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/check.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "facts/cmdline.h"
#include "plan/check-target.h"

/* --- the machine ------------------------------------------------------------------ */

static int check_lock(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;

	if (s->lock_pid == 0)
		return 0;
	return wb_findings_add_veto(
		f, "lock",
		"another warmboot is at work: %s%spid %d; wait for it, or "
		"stop it with systemctl stop warmboot.service",
		s->lock_owner ? s->lock_owner : "", s->lock_owner ? ", " : "",
		s->lock_pid);
}

static int check_unfinished(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *id = in->facts->state.unfinished;

	if (!id)
		return 0;
	return wb_findings_add(
		f, WB_BLOCKER, "unfinished",
		"the run %s was killed on its way or not undone wholly, and something "
		"of it is left; run warmboot restore first",
		id);
}

static int check_container(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *container = in->facts->state.container;

	if (!container)
		return 0;
	return wb_findings_add_veto(
		f, "container",
		"this is a container (%s): its kernel belongs to the host, so "
		"run warmboot there",
		container);
}

static int check_systemd(const struct wb_check_input *in, struct wb_findings *f)
{
	/* Inside a container that is the better sentence. */
	if (in->facts->state.systemd || in->facts->state.container)
		return 0;
	return wb_findings_add_veto(
		f, "systemd",
		"systemd is not process 1 here, and warmboot needs it to stop "
		"services and unmount file systems in order");
}

static int check_kexec_program(const struct wb_check_input *in, struct wb_findings *f)
{
	if (in->facts->state.kexec_program)
		return 0;
	return wb_findings_add(f, WB_BLOCKER, "kexec",
			       "the program kexec is not installed; install the package "
			       "kexec-tools");
}

static int check_kexec_kernel(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;

	if (s->kexec_loaded < 0)
		return wb_findings_add(f, WB_BLOCKER, "kexec",
				       "the running kernel has no kexec "
				       "(/sys/kernel/kexec_loaded is missing); boot one "
				       "built with CONFIG_KEXEC or CONFIG_KEXEC_FILE");
	if (s->load_disabled)
		return wb_findings_add(f, WB_BLOCKER, "kexec",
				       "kernel.kexec_load_disabled is 1: no image can be "
				       "loaded until the next firmware boot");
	if (s->kexec_loaded == 1)
		return wb_findings_add(
			f, WB_WARNING, "kexec",
			"an image is loaded already, by somebody else; it will "
			"be replaced, and an undo leaves none");
	return 0;
}

static int check_xen(const struct wb_check_input *in, struct wb_findings *f)
{
	if (!in->facts->state.xen_halts)
		return 0;
	return wb_findings_add(
		f, WB_BLOCKER, "xen",
		"Xen runs this kernel as its domain 0 or as a paravirtual "
		"guest, and halts instead of starting the next kernel; use "
		"an ordinary reboot");
}

/* --- what is to be booted --------------------------------------------------------- */

/* A path that was typed just now is a mistake of somebody who can mend it. */
static bool is_typed(const struct wb_request *request)
{
	return request->kernel && *request->kernel == '/' && !request->kernel_origin;
}

static int check_kernel(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_kernel *k = in->choice->kernel;

	if (!k->problem && in->target->image_problem)
		return wb_findings_add(f, WB_BLOCKER, "kernel",
				       "%s cannot be started: %s", k->linux,
				       in->target->image_problem);
	if (!k->problem)
		return 0;
	if (is_typed(in->request) && !k->unreadable)
		return wb_findings_add_veto(f, "kernel", "%s cannot be started: %s",
					    k->linux, k->problem);
	return wb_findings_add(f, k->unreadable ? WB_WARNING : WB_BLOCKER, "kernel",
			       "%s cannot be started: %s", k->linux ? k->linux : k->id,
			       k->problem);
}

/* kexec-tools takes --dtb on these; on riscv64 from 2.0.32 on, which is the first that
 * runs there. */
static bool has_device_tree(const char *machine)
{
	return machine &&
	       (strcmp(machine, "aarch64") == 0 || strcmp(machine, "riscv64") == 0);
}

static int check_dtb(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *dtb = in->request->dtb, *machine = in->facts->state.machine;
	const char *origin = in->request->dtb_origin ? in->request->dtb_origin : "--dtb";
	const struct wb_target *t = in->target;

	if (!dtb)
		return 0;
	if (!has_device_tree(machine))
		return wb_findings_add(f, WB_BLOCKER, "dtb",
				       "%s names the device tree %s, and kernels for %s "
				       "are given none; leave it out",
				       origin, dtb, machine ? machine : "this machine");
	if (!t->dtb_problem)
		return 0;
	return wb_findings_add(f, t->dtb_unreadable ? WB_WARNING : WB_BLOCKER, "dtb",
			       "%s names the device tree %s, which cannot be used: %s",
			       origin, dtb, t->dtb_problem);
}

static int check_lost(const struct wb_check_input *in, struct wb_findings *f)
{
	_cleanup_free_ char *lost = NULL;

	if (!in->target->lost)
		return 0;
	lost = wb_strv_join(in->target->lost, "; ");
	if (!lost)
		return -ENOMEM;
	return wb_findings_add(
		f, WB_INFO, "kernel",
		"of the unified kernel image %s a kexec does not carry over: "
		"%s",
		in->choice->kernel->linux, lost);
}

static int check_cmdline(const struct wb_check_input *in, struct wb_findings *f)
{
	size_t n = strlen(in->choice->options);

	if (in->target->cmdline_max == 0 || n <= in->target->cmdline_max)
		return 0;
	return wb_findings_add(f, WB_BLOCKER, "options",
			       "the command line has %zu bytes, and the kernel takes %u; "
			       "shorten it with --remove",
			       n, in->target->cmdline_max);
}

static int check_options(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *running = in->facts->state.cmdline;
	_cleanup_free_ char *diff = NULL;

	if (!running)
		return 0;
	diff = wb_cmdline_diff(running, in->choice->options);
	if (!diff)
		return -ENOMEM;
	if (!*diff)
		return 0;
	return wb_findings_add(f, WB_INFO, "options",
			       "the command line differs from the running one: %s", diff);
}

/* Who starts the running kernel again does not need to know, unless it is not found. */
static int check_unlisted(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *kernel = in->request->kernel;
	int r = 0;

	if (in->choice->kernel && (!kernel || strcmp(kernel, "running") == 0))
		return 0;
	for (char **p = in->facts->unlisted; r >= 0 && p && *p; p++)
		r = wb_findings_add(f, WB_WARNING, "kernel", "%s", *p);
	return r;
}

/* --- how it is to be done --------------------------------------------------------- */

/* On the command line it is a mistake of somebody who can mend it. */
static int refuse_target(const struct wb_check_input *in, struct wb_findings *f,
			 const char *target)
{
	static const char format[] = "there is no target unit '%s' to isolate; name "
				     "another with --target, or use --no-isolate";
	const struct wb_config *config = in->request->config;

	if (in->request->target && !(config && config->target.text == target))
		return wb_findings_add_veto(f, "target", format, target);
	return wb_findings_add(f, WB_BLOCKER, "target", format, target);
}

static int check_target(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;
	const char *target = in->request->target;

	if (!target)
		target = WB_TARGET_DEFAULT;
	if (in->request->no_isolate || wb_strv_contains(s->targets, target))
		return 0;
	if (wb_strv_contains(s->masked_targets, target))
		return wb_findings_add(
			f, WB_BLOCKER, "target",
			"the target unit '%s' is masked; name another with "
			"--target, or use --no-isolate",
			target);
	return refuse_target(in, f, target);
}

static int check_handover(const struct wb_check_input *in, struct wb_findings *f)
{
	if (in->request->force ||
	    !wb_strv_contains(in->facts->state.masked_targets, "kexec.target"))
		return 0;
	return wb_findings_add(
		f, WB_BLOCKER, "target",
		"kexec.target is masked, and systemd starts the new kernel "
		"by it; systemctl unmask kexec.target");
}

static int check_hooks(const struct wb_check_input *in, struct wb_findings *f)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->facts->n_hooks; i++) {
		const struct wb_hook *h = &in->facts->hooks[i];

		if (h->problem)
			r = wb_findings_add(
				f, WB_BLOCKER, h->name,
				"the hook %s is refused: %s; or mask it: ln -s "
				"/dev/null /etc/warmboot/hooks.d/%s",
				h->path, h->problem, h->name);
	}
	return r;
}

static int check_config(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_config *config = in->request->config;

	return config ? wb_findings_join(f, &config->findings) : 0;
}

static int check_visibility(const struct wb_check_input *in, struct wb_findings *f)
{
	size_t n = in->facts->holders.n_hidden;

	if (n == 0)
		return 0;
	return wb_findings_add(
		f, WB_INFO, "holders",
		"%zu processes of other users could not be looked into; as "
		"root the plan also names what they hold",
		n);
}

static int check_force(const struct wb_check_input *in, struct wb_findings *f)
{
	if (!in->request->force)
		return 0;
	return wb_findings_add(
		f, WB_WARNING, "force",
		"--force: services are not stopped and file systems not "
		"unmounted; after a sync the new kernel starts at once, and "
		"what was being written may be lost");
}

static int check_fallback(const struct wb_check_input *in, struct wb_findings *f)
{
	if (!in->request->reboot)
		return 0;
	return wb_findings_add(f, WB_INFO, "fallback",
			       "where this is refused, or fails and is undone, the "
			       "machine reboots through its firmware instead");
}

typedef int (*check_fn)(const struct wb_check_input *in, struct wb_findings *findings);

static const check_fn machine_checks[] = {
	check_lock,         check_container, check_systemd,    check_kexec_program,
	check_kexec_kernel, check_xen,       check_target,     check_handover,
	check_hooks,        check_config,    check_visibility, check_force,
	check_fallback,     check_unlisted,  check_unfinished,
};

/* These need a kernel that was chosen. */
static const check_fn kernel_checks[] = {
	check_kernel,     wb_check_initrd, check_dtb,     wb_check_root,
	wb_check_modules, check_lost,      check_cmdline, check_options,
};

int wb_check_all(const struct wb_check_input *in, struct wb_findings *findings)
{
	int r = wb_findings_join(findings, &in->choice->findings);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(machine_checks); i++)
		r = machine_checks[i](in, findings);
	if (!in->choice->kernel)
		return r;
	if (!in->choice->kernel->linux)
		return r < 0 ? r : check_kernel(in, findings);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kernel_checks); i++)
		r = kernel_checks[i](in, findings);
	return r;
}
