/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is this a machine that can be warm booted at all? */

#include "plan/check-part.h"

int wb_check_lock(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;
	int r;

	if (s->lock_pid == 0)
		return 0;
	r = wb_findings_add_veto(f, "lock", "another warmboot is at work: %s%spid %d",
				 s->lock_owner ? s->lock_owner : "",
				 s->lock_owner ? ", " : "", s->lock_pid);
	return wb_findings_advise(
		f, r, "wait for it, or stop it with systemctl stop warmboot.service");
}

int wb_check_unfinished(const struct wb_check_input *in, struct wb_findings *f)
{
	const char *id = in->facts->state.unfinished;
	int r;

	if (!id)
		return 0;
	r = wb_findings_add(
		f, WB_BLOCKER, "unfinished",
		"the run %s was killed on its way or not undone wholly, and something "
		"of it is left",
		id);
	return wb_findings_advise(f, r, "run warmboot restore first");
}

int wb_check_container(const struct wb_check_input *in, struct wb_findings *f)
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

int wb_check_systemd(const struct wb_check_input *in, struct wb_findings *f)
{
	/* Inside a container that is the better sentence. */
	if (in->facts->state.systemd || in->facts->state.container)
		return 0;
	return wb_findings_add_veto(
		f, "systemd",
		"systemd is not process 1 here, and warmboot needs it to stop "
		"services and unmount file systems in order");
}

static int check_program(const struct wb_check_input *in, struct wb_findings *f)
{
	int r;

	if (in->facts->state.kexec_program)
		return 0;
	r = wb_findings_add(f, WB_BLOCKER, "kexec", "the program kexec is not installed");
	return wb_findings_advise(f, r, "install the package kexec-tools");
}

static int check_support(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;
	int r;

	if (s->kexec_loaded < 0) {
		r = wb_findings_add(f, WB_BLOCKER, "kexec",
				    "the running kernel has no kexec "
				    "(/sys/kernel/kexec_loaded is missing)");
		return wb_findings_advise(
			f, r, "boot one built with CONFIG_KEXEC or CONFIG_KEXEC_FILE");
	}
	if (!s->load_disabled)
		return 0;
	r = wb_findings_add(
		f, WB_BLOCKER, "kexec",
		"kernel.kexec_load_disabled is 1: no image can be loaded until the next "
		"firmware boot");
	return wb_findings_advise(
		f, r,
		"use an ordinary reboot, and find out who sets it: grep "
		"-r kexec_load_disabled /etc/sysctl.d /usr/lib/sysctl.d");
}

int wb_check_kexec(const struct wb_check_input *in, struct wb_findings *f)
{
	int r = check_program(in, f);

	return r < 0 ? r : check_support(in, f);
}

int wb_check_loaded(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;

	/* Where none can be loaded, that is the thing to say. */
	if (s->kexec_loaded != 1 || s->load_disabled)
		return 0;
	return wb_findings_add(f, WB_WARNING, "kexec",
			       "an image is loaded already, by somebody else; it will "
			       "be replaced, and an undo leaves none");
}

/* Documentation/admin-guide/sysctl/kernel.rst, kexec_load_limit_reboot: since 6.3. */
int wb_check_limits(const struct wb_check_input *in, struct wb_findings *f)
{
	int r;

	if (!in->facts->ready.load_limited || in->facts->ready.loads_left > 0)
		return 0;
	r = wb_findings_add(f, WB_BLOCKER, "limits",
			    "kernel.kexec_load_limit_reboot is 0: this boot may load no "
			    "image any more");
	return wb_findings_advise(f, r, "use an ordinary reboot");
}

int wb_check_xen(const struct wb_check_input *in, struct wb_findings *f)
{
	int r;

	if (!in->facts->state.xen_halts)
		return 0;
	r = wb_findings_add(f, WB_BLOCKER, "xen",
			    "Xen runs this kernel as its domain 0 or as a paravirtual "
			    "guest, and halts instead of starting the next kernel");
	return wb_findings_advise(f, r, "use an ordinary reboot");
}
