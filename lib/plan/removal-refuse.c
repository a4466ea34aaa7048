/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Modules that are to go and must not, or cannot. */

#include "facts/module.h"
#include "plan/judgement.h"
#include "plan/removal-part.h"

/* A part of a sentence, or NULL where it is not. */
static const char *why_needed(const struct wb_device *d, const struct wb_judgement *j)
{
	if (d->carries_root)
		return "which the system's own file systems are on";
	if (wb_device_is_console(d))
		return "which the kernel's console is on";
	if (d->reaches_disk)
		return "through which disks elsewhere may be reached";
	return wb_judgement_is_kept(j) ? "which is to be kept" : NULL;
}

/* Before anything is touched: below its own root the machine cuts nothing off. */
int wb_removals_refuse_needed(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_devices; i++) {
		const struct wb_device *d = &p->facts->devices[i];
		const char *needed = why_needed(d, &p->judgements->items[i]);

		if (!needed || !d->module || !wb_removals_find(p->list, d->module))
			continue;
		r = wb_findings_add(p->findings, WB_BLOCKER, d->module,
				    "%s is to be removed (%s), and it drives %s, %s",
				    d->module,
				    wb_removals_find(p->list, d->module)->because, d->id,
				    needed);
		r = wb_findings_advise(p->findings, r, "keep it with --keep=%s",
				       d->module);
	}
	return r;
}

/* Without an exit function, or with one that was compiled out: /proc/modules says so. */
int wb_removals_refuse_permanent(struct wb_removing *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->list->n;) {
		const struct wb_removal *removal = &p->list->items[i];
		const struct wb_module *m =
			wb_module_find(p->facts->modules, p->facts->n_modules,
				       removal->module);

		if (!m || !m->permanent) {
			i++;
			continue;
		}
		r = wb_findings_add(p->findings,
				    removal->required ? WB_BLOCKER : WB_WARNING, m->name,
				    "%s is to be removed (%s), and it cannot be: it has "
				    "no exit function",
				    m->name, removal->because);
		r = wb_findings_advise(p->findings, r, "keep it with --keep=%s", m->name);
		/* Nobody's session ends for what is not going to be. */
		if (removal->required)
			i++;
		else
			wb_removals_drop(p->list, i);
	}
	return r;
}
