/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook-match.h"
#include "plan/judgement-part.h"

/* What a phase means for a driver that is only named. */
static const enum wb_verdict of_phase[_WB_HOOK_PHASE_MAX] = {
	[WB_HOOK_QUIESCE] = WB_VERDICT_UNLOAD,
	[WB_HOOK_LATE] = WB_VERDICT_LATE,
	[WB_HOOK_EXITRD] = WB_VERDICT_EXITRD,
};

static int say(const struct wb_hook *hook, enum wb_verdict verdict, char *because,
	       struct wb_judgement *ret)
{
	if (!because)
		return -ENOMEM;
	*ret = (struct wb_judgement){
		.verdict = verdict,
		.hook = hook,
		.origin = "hook",
		.because = because,
		.required = hook->required,
	};
	return 0;
}

static int judge(const struct wb_hook *h, const struct wb_device *d,
		 struct wb_judgement *ret)
{
	enum wb_verdict verdict = of_phase[h->phase];

	if (wb_hook_unbinds(h, d))
		return say(h, h->phase == WB_HOOK_QUIESCE ? WB_VERDICT_UNBIND : verdict,
			   wb_format("the hook %s has it unbound", h->name), ret);
	if (wb_hook_judges(h, d))
		return say(h, h->verdict != WB_VERDICT_NONE ? h->verdict : verdict,
			   wb_format("the hook %s says so: %s", h->name,
				     h->description ? h->description : h->name),
			   ret);
	if (d->module && wb_strv_contains(h->modules, d->module))
		return say(h, verdict, wb_format("the hook %s names it", h->name), ret);
	return 0;
}

int wb_judge_by_hooks(const struct wb_facts *facts, const struct wb_device *device,
		      struct wb_judgement *ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && !ret->because && i < facts->n_hooks; i++)
		if (facts->hooks[i].used && device->driver)
			r = judge(&facts->hooks[i], device, ret);
	return r;
}
