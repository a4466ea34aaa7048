/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How it is to be done: can that be? */

#include "base/strv.h"
#include "plan/check-part.h"

#define TARGET_HINT "name another with --target, or use --no-isolate"

/* On the command line it is a mistake of somebody who can mend it. */
static int refuse_target(const struct wb_check_input *in, struct wb_findings *f,
			 const char *target)
{
	static const char format[] = "there is no target unit '%s' to isolate";
	const struct wb_config *config = in->request->config;
	int r;

	if (in->request->target && !(config && config->target.text == target))
		r = wb_findings_add_veto(f, "target", format, target);
	else
		r = wb_findings_add(f, WB_BLOCKER, "target", format, target);
	return wb_findings_advise(f, r, TARGET_HINT);
}

static int check_isolation(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_state *s = &in->facts->state;
	const char *target = in->request->target;
	int r;

	if (!target)
		target = WB_TARGET_DEFAULT;
	if (in->request->no_isolate || wb_strv_contains(s->targets, target))
		return 0;
	if (!wb_strv_contains(s->masked_targets, target))
		return refuse_target(in, f, target);
	r = wb_findings_add(f, WB_BLOCKER, "target", "the target unit '%s' is masked",
			    target);
	return wb_findings_advise(f, r, TARGET_HINT);
}

static int check_handover(const struct wb_check_input *in, struct wb_findings *f)
{
	int r;

	if (in->request->force ||
	    !wb_strv_contains(in->facts->state.masked_targets, "kexec.target"))
		return 0;
	r = wb_findings_add(
		f, WB_BLOCKER, "target",
		"kexec.target is masked, and systemd starts the new kernel by it");
	return wb_findings_advise(f, r, "systemctl unmask kexec.target");
}

int wb_check_target(const struct wb_check_input *in, struct wb_findings *f)
{
	int r = check_isolation(in, f);

	return r < 0 ? r : check_handover(in, f);
}

int wb_check_hooks(const struct wb_check_input *in, struct wb_findings *f)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->facts->n_hooks; i++) {
		const struct wb_hook *h = &in->facts->hooks[i];

		if (!h->problem)
			continue;
		r = wb_findings_add(f, WB_BLOCKER, h->name, "the hook %s is refused: %s",
				    h->path, h->problem);
		r = wb_findings_advise(
			f, r, "or mask it: ln -s /dev/null /etc/warmboot/hooks.d/%s",
			h->name);
	}
	return r;
}

int wb_check_config(const struct wb_check_input *in, struct wb_findings *f)
{
	const struct wb_config *config = in->request->config;

	return config ? wb_findings_join(f, &config->findings) : 0;
}

int wb_check_visibility(const struct wb_check_input *in, struct wb_findings *f)
{
	size_t n = in->facts->holders.n_hidden;

	if (n == 0)
		return 0;
	return wb_findings_advise(
		f,
		wb_findings_add(f, WB_INFO, "holders",
				"%zu processes of other users could not be looked into",
				n),
		"as root the plan also names what they hold");
}

int wb_check_force(const struct wb_check_input *in, struct wb_findings *f)
{
	if (!in->request->force)
		return 0;
	return wb_findings_add(
		f, WB_WARNING, "force",
		"--force: services are not stopped and file systems not "
		"unmounted; after a sync the new kernel starts at once, and "
		"what was being written may be lost");
}

int wb_check_fallback(const struct wb_check_input *in, struct wb_findings *f)
{
	if (!in->request->reboot)
		return 0;
	return wb_findings_add(f, WB_INFO, "fallback",
			       "where this is refused, or fails and is undone, the "
			       "machine reboots through its firmware instead");
}
