/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "plan/planner-part.h"

static int hook_environment(const struct wb_planner *p, const struct wb_hook *hook,
			    char ***ret)
{
	_cleanup_strv_ char **modules = NULL;
	_cleanup_free_ char *list = NULL;
	const struct wb_state *s = &p->facts->state;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->removals.n; i++)
		if (p->removals.items[i].hook == hook)
			r = wb_strv_append(&modules, p->removals.items[i].module);
	list = r < 0 ? NULL : modules ? wb_strv_join(modules, " ") : strdup("");
	if (!list)
		return -ENOMEM;
	r = wb_strv_append(ret, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	if (r >= 0)
		r = wb_strv_append(ret, "LC_ALL=C.UTF-8");
	if (r >= 0)
		r = wb_strv_appendf(ret, "WARMBOOT_ID=%s", p->in->request->id);
	if (r >= 0)
		r = wb_strv_appendf(ret, "WARMBOOT_HOOK=%s", hook->name);
	if (r >= 0)
		r = wb_strv_appendf(ret, "WARMBOOT_MODULES=%s", list);
	if (r >= 0)
		r = wb_strv_appendf(ret, "WARMBOOT_RELEASE=%s",
				    s->release ? s->release : "");
	if (r >= 0 && p->in->choice->kernel)
		r = wb_strv_appendf(ret, "WARMBOOT_KERNEL=%s",
				    p->in->choice->kernel->linux);
	return r;
}

/* When each verb is called, and what it says in the plan. */
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
	if (verb->phase == WB_PHASE_QUIESCE)
		return hook->phase == WB_HOOK_QUIESCE;
	if (verb->phase == WB_PHASE_LATE)
		return hook->phase == WB_HOOK_LATE;
	return true;
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

			if (h->has_code && wb_hook_applies(h, p->facts) &&
			    calls_verb(h, &verbs[i]))
				r = add_hook_step(p, h, &verbs[i]);
		}
	}
	return r;
}
