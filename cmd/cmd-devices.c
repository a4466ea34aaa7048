/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "cmd.h"
#include "facts/holder.h"
#include "facts/use.h"
#include "plan/held.h"
#include "plan/screen.h"
#include "prepare.h"
#include "show.h"

static const struct wb_column columns[] = {
	{ "id", "DEVICE" },       { "driver", "DRIVER" }, { "verdict", "VERDICT" },
	{ "because", "BECAUSE" }, { "origin", "BY" },     { "held_by", "HELD BY" },
};

/* Each process once, whatever it has open of the device. */
static int list_holders(const struct wb_facts *facts, const struct wb_device *d,
			char ***ret)
{
	pid_t last = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->holders.n; i++) {
		const struct wb_holder *h = &facts->holders.items[i];
		_cleanup_free_ char *text = NULL;

		if (h->pid == last || !wb_device_is_held(facts, d, h))
			continue;
		last = h->pid;
		text = wb_holder_to_string(h);
		r = text ? wb_strv_append(ret, text) : -ENOMEM;
	}
	return r;
}

/* Processes first, then what else hangs on it. */
static int add_holders(struct json_object *o, const struct wb_facts *facts,
		       const struct wb_device *d)
{
	_cleanup_strv_ char **held_by = NULL;
	int r = list_holders(facts, d, &held_by);

	for (size_t i = 0; r >= 0 && i < d->n_uses; i++) {
		_cleanup_free_ char *text = wb_use_to_string(&d->uses[i]);

		r = text ? wb_strv_append(&held_by, text) : -ENOMEM;
	}
	return r < 0 ? r : wb_json_add_strv(o, "held_by", held_by);
}

static int add_judgement(struct json_object *o, const struct wb_judgement *j)
{
	const struct {
		const char *key, *value;
	} strings[] = {
		{ "verdict", wb_verdict_to_string(j->verdict) },
		{ "because", j->because },
		{ "origin", j->origin },
		{ "hook", j->hook ? j->hook->name : NULL },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(strings); i++)
		r = wb_json_add_string(o, strings[i].key, strings[i].value);
	return r;
}

static struct json_object *device_to_json(const struct wb_facts *facts,
					  const struct wb_judgement *judgement,
					  const struct wb_device *d)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? wb_json_add_string(o, "id", d->id) : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_string(o, "bus", d->bus);
	if (r >= 0)
		r = wb_json_add_string(o, "driver", d->driver);
	if (r >= 0)
		r = wb_json_add_string(o, "module", d->module);
	if (r >= 0)
		r = wb_json_add_bool(o, "display", d->display);
	if (r >= 0)
		r = wb_json_add_bool(o, "carries_root", d->carries_root);
	if (r >= 0)
		r = add_judgement(o, judgement);
	if (r >= 0)
		r = add_holders(o, facts, d);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *to_json(const struct wb_facts *facts,
				   const struct wb_judgements *judgements)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < facts->n_devices; i++)
		if (wb_json_append(array, device_to_json(facts, &judgements->items[i],
							 &facts->devices[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

/* As the planner comes to it; what it finds on the way is the plan's to say. */
static int judge(const struct wb_request *request, const struct wb_facts *facts,
		 struct wb_judgements *ret)
{
	_cleanup_(wb_removals_done) struct wb_removals removals = { 0 };
	_cleanup_(wb_findings_done) struct wb_findings findings = { 0 };
	int r = wb_judgements_build(request, facts, ret);

	if (r >= 0)
		r = wb_removals_build(request, facts, ret, &removals, &findings);
	if (r >= 0)
		r = wb_screen_keep(ret, &removals, facts, &findings);
	return r < 0 ? r : wb_judgements_follow(ret, facts, &removals);
}

static int cmd_devices(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_facts_done) struct wb_facts facts = { 0 };
	_cleanup_(wb_judgements_done) struct wb_judgements judgements = { 0 };
	int r = wb_prepare_facts(cli, sys, &facts);

	if (r < 0)
		return WB_EXIT_FAILED;
	r = judge(&cli->request, &facts, &judgements);
	if (r < 0) {
		wb_error("cannot judge the devices: %s", strerror(-r));
		return WB_EXIT_FAILED;
	}
	return wb_show_list(cli, to_json(&facts, &judgements), columns,
			    ARRAY_SIZE(columns));
}

const struct wb_cmd wb_cmd_devices = {
	.name = "devices",
	.help = "list devices and how each is put to rest",
	.flags = WB_CMD_JSON | WB_CMD_TABLE,
	.run = cmd_devices,
};
