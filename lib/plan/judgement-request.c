/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/judgement-part.h"
#include "plan/removal.h"

/* The configuration has it whole and in small letters, however it was written. */
static bool is_address(const struct wb_device *d, const char *word)
{
	return strcmp(d->bus, "pci") == 0 && strcmp(d->id, word) == 0;
}

static bool is_driver(const struct wb_device *d, const char *glob)
{
	return d->driver && fnmatch(glob, d->driver, 0) == 0;
}

static int say(struct wb_judgement *ret, enum wb_verdict verdict, const char *origin,
	       char *because)
{
	if (!because)
		return -ENOMEM;
	*ret = (struct wb_judgement){
		.verdict = verdict, .origin = origin, .because = because, .required = true
	};
	return 0;
}

/* An address says more than a driver. */
static int judge_by_verdicts(char *const *verdicts, const struct wb_device *d,
			     struct wb_judgement *ret)
{
	char *const *by_driver = NULL, *const *found = NULL;

	/* Of several the last counts, as with all settings. */
	for (char *const *p = verdicts; p && p[0] && p[1]; p += 2) {
		if (is_address(d, p[0]))
			found = p;
		else if (is_driver(d, p[0]))
			by_driver = p;
	}
	found = found ? found : by_driver;
	if (!found || wb_verdict_from_string(found[1]) < 0)
		return 0;
	return say(ret, (enum wb_verdict)wb_verdict_from_string(found[1]),
		   "configuration",
		   wb_format("Verdict=%s %s in the configuration", found[0], found[1]));
}

/* Does the operator want to have the module out of the way, or to keep it? */
static int judge_by_module(const struct wb_request *request, const struct wb_facts *facts,
			   const struct wb_device *d, struct wb_judgement *ret)
{
	const char *keep = wb_removal_kept_for(request, facts, d->module);
	bool standing;

	if (keep) {
		standing =
			request->config && wb_strv_contains(request->config->keep, keep);
		return say(ret, WB_VERDICT_KEEP, standing ? "configuration" : "option",
			   wb_format("%s%s", standing ? "Keep=" : "--keep=", keep));
	}
	if (!wb_strv_contains(request->unload, d->module))
		return 0;
	standing =
		request->config && wb_strv_contains(request->config->unload, d->module);
	return say(ret, WB_VERDICT_UNLOAD, standing ? "configuration" : "option",
		   strdup(standing ? "asked for with Unload= in the configuration"
				   : "asked for with --unload"));
}

int wb_judge_by_request(const struct wb_request *request, const struct wb_facts *facts,
			const struct wb_device *device, struct wb_judgement *ret)
{
	int r = 0;

	if (!device->driver)
		return 0;
	if (device->module)
		r = judge_by_module(request, facts, device, ret);
	if (r < 0 || ret->because || !request->config)
		return r;
	return judge_by_verdicts(request->config->verdicts, device, ret);
}
