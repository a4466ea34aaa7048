/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "facts/hook.h"
#include "plan/planner-part.h"

/* The modules that go for its sake, in their order; the caller's. */
static char *list_modules(const struct wb_planner *p, const struct wb_hook *hook)
{
	_cleanup_strv_ char **modules = NULL;

	for (size_t i = 0; i < p->removals.n; i++)
		if (p->removals.items[i].hook == hook &&
		    wb_strv_append(&modules, p->removals.items[i].module) < 0)
			return NULL;
	return wb_strv_join(modules, " ");
}

static int hook_environment(const struct wb_planner *p, const struct wb_hook *hook,
			    char ***ret)
{
	const struct wb_kernel *kernel = p->in->choice->kernel;
	const char *release = p->facts->state.release;
	_cleanup_free_ char *modules = list_modules(p, hook);
	_cleanup_free_ char *addresses = wb_hook_pci_addresses(hook, p->facts);
	const char *const variables[][2] = {
		{ "PATH", "/usr/sbin:/usr/bin:/sbin:/bin" },
		{ "LC_ALL", "C.UTF-8" },
		{ "WARMBOOT_ID", p->in->request->id },
		{ "WARMBOOT_HOOK", hook->name },
		{ "WARMBOOT_MODULES", modules },
		{ "WARMBOOT_PCI", addresses },
		{ "WARMBOOT_RELEASE", release ? release : "" },
		{ "WARMBOOT_KERNEL", kernel ? kernel->linux : "" },
	};
	int r = modules && addresses ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(variables); i++)
		r = wb_strv_appendf(ret, "%s=%s", variables[i][0], variables[i][1]);
	return r < 0 ? r
		     : wb_strv_appendf(ret, "WARMBOOT_STATE_DIR=%s/%s",
				       WB_HOOK_STATE_FOLDER, hook->name);
}

/* When each verb is called, and what it says in the plan. None in the shutdown initramfs:
 * the hooks are gone with the root. */
static const struct verb {
	const char *name;
	enum wb_phase phase;
	const char *undo; /* the verb that takes it back; NULL: none */
	const char *because;
} verbs[] = {
	{ "prepare", WB_PHASE_PREPARE, NULL, "it may veto" },
	{ "quiesce", WB_PHASE_QUIESCE, "resume", "it puts its drivers to rest" },
	{ "late", WB_PHASE_LATE, NULL, "it acts when every service has stopped" },
	{ "confirm", WB_PHASE_CONFIRM, NULL,
	  "it looks at its devices in the new kernel" },
};

static bool calls_verb(const struct wb_hook *hook, const struct verb *verb)
{
	static const enum wb_hook_phase phases[_WB_PHASE_MAX] = {
		[WB_PHASE_QUIESCE] = WB_HOOK_QUIESCE,
		[WB_PHASE_LATE] = WB_HOOK_LATE,
	};

	/* These two are called of all hooks. */
	return verb->phase == WB_PHASE_PREPARE || verb->phase == WB_PHASE_CONFIRM ||
	       hook->phase == phases[verb->phase];
}

static int add_hook_step(struct wb_planner *p, const struct wb_hook *hook,
			 const struct verb *verb)
{
	struct wb_step *s =
		wb_plan_add(p->plan, verb->phase, WB_STEP_RUN_HOOK, hook->name,
			    hook->timeout_usec, "%s: %s",
			    hook->description ? hook->description : hook->name,
			    verb->because);
	int r = s ? 0 : -ENOMEM;

	if (r >= 0)
		r = wb_strv_append(&s->argv, hook->path);
	if (r >= 0)
		r = wb_strv_append(&s->argv, verb->name);
	if (r >= 0 && verb->undo)
		r = wb_strv_append(&s->undo_argv, hook->path);
	if (r >= 0 && verb->undo)
		r = wb_strv_append(&s->undo_argv, verb->undo);
	if (r >= 0)
		r = hook_environment(p, hook, &s->environment);
	if (r >= 0)
		/* A veto counts, whoever gives it. */
		s->required = hook->required || verb->phase == WB_PHASE_PREPARE;
	return r;
}

int wb_planner_add_hooks(struct wb_planner *p, enum wb_phase phase)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (verbs[i].phase != phase)
			continue;
		for (size_t j = 0; r >= 0 && j < p->facts->n_hooks; j++) {
			const struct wb_hook *h = &p->facts->hooks[j];

			if (h->has_code && h->used && calls_verb(h, &verbs[i]))
				r = add_hook_step(p, h, &verbs[i]);
		}
	}
	return r;
}
