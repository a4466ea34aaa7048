/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "cmd.h"
#include "facts/hook.h"
#include "facts/hook-match.h"
#include "prepare.h"
#include "show.h"

static const struct wb_column columns[] = {
	{ "name", "NAME" },       { "state", "STATE" },     { "phase", "PHASE" },
	{ "verdict", "VERDICT" }, { "drivers", "DRIVERS" }, { "modules", "MODULES" },
	{ "problem", "PROBLEM" },
};

static const char *state_of(const struct wb_hook *h, const struct wb_facts *facts)
{
	if (h->problem)
		return "refused";
	if (h->used)
		return "used";
	return wb_hook_matches(h, facts) ? "nothing here" : "does not match";
}

static int add_lists(struct json_object *o, const struct wb_hook *h)
{
	const struct {
		const char *name;
		char **words;
	} lists[] = {
		{ "modules", h->modules }, { "devices", h->devices },
		{ "units", h->units },     { "drivers", h->drivers },
		{ "unbind", h->unbind },   { "match", h->match },
		{ "cmdline", h->cmdline }, { "initramfs", h->early },
		{ "block", h->block },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(lists); i++)
		r = wb_json_add_strv(o, lists[i].name, lists[i].words);
	return r;
}

static struct json_object *hook_to_json(const struct wb_facts *facts,
					const struct wb_hook *h)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? wb_json_add_string(o, "name", h->name) : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_string(o, "path", h->path);
	if (r >= 0)
		r = wb_json_add_string(o, "description", h->description);
	if (r >= 0)
		r = wb_json_add_string(o, "state", state_of(h, facts));
	if (r >= 0)
		r = wb_json_add_string(o, "phase", wb_hook_phase_to_string(h->phase));
	if (r >= 0)
		r = wb_json_add_bool(o, "required", h->required);
	if (r >= 0)
		r = wb_json_add_bool(o, "code", h->has_code);
	if (r >= 0)
		r = wb_json_add_u64(o, "timeout_usec", h->timeout_usec);
	if (r >= 0)
		r = wb_json_add_string(o, "verdict",
				       h->verdict == WB_VERDICT_NONE
					       ? NULL
					       : wb_verdict_to_string(h->verdict));
	if (r >= 0)
		r = wb_json_add_string(o, "holders",
				       h->refuse_holders ? "refuse" : "stop");
	if (r >= 0)
		r = add_lists(o, h);
	if (r >= 0)
		r = wb_json_add_string(o, "problem", h->problem);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *to_json(const struct wb_facts *facts)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < facts->n_hooks; i++)
		if (wb_json_append(array, hook_to_json(facts, &facts->hooks[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static int cmd_hooks(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_facts_done) struct wb_facts facts = { 0 };

	if (wb_prepare_facts(cli, sys, &facts) < 0)
		return WB_EXIT_FAILED;
	return wb_show_list(cli, to_json(&facts), columns, ARRAY_SIZE(columns));
}

const struct wb_cmd wb_cmd_hooks = {
	.name = "hooks",
	.help = "list the hooks and whether they are used",
	.flags = WB_CMD_JSON | WB_CMD_TABLE,
	.run = cmd_hooks,
};
