/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "cmd.h"
#include "facts/holder.h"
#include "plan/removal.h"
#include "prepare.h"
#include "show.h"

static const struct wb_column columns[] = {
	{ "id", "DEVICE" },     { "driver", "DRIVER" },   { "module", "MODULE" },
	{ "action", "ACTION" }, { "because", "BECAUSE" }, { "held_by", "HELD BY" },
};

static bool holds(const struct wb_holder *h, const struct wb_device *d)
{
	for (size_t i = 0; i < d->n_nodes; i++)
		if (wb_node_matches(&d->nodes[i], &h->node))
			return true;
	return false;
}

static int add_holders(struct json_object *o, const struct wb_facts *facts,
		       const struct wb_device *d)
{
	_cleanup_strv_ char **held_by = NULL;

	for (size_t i = 0; i < facts->holders.n; i++) {
		_cleanup_free_ char *text = NULL;

		if (!holds(&facts->holders.items[i], d))
			continue;
		text = wb_holder_to_string(&facts->holders.items[i]);
		if (!text || wb_strv_append(&held_by, text) < 0)
			return -ENOMEM;
	}
	return wb_json_add_strv(o, "held_by", held_by);
}

static int add_action(struct json_object *o, const struct wb_removal *removal,
		      const struct wb_device *d)
{
	const char *because = removal     ? removal->because
			      : d->driver ? "the driver's own shutdown is left to stop it"
					  : "no driver is bound to it";
	int r = wb_json_add_string(o, "action",
				   removal     ? "unload"
				   : d->driver ? "shutdown"
					       : "none");

	return r < 0 ? r : wb_json_add_string(o, "because", because);
}

static struct json_object *device_to_json(const struct wb_facts *facts,
					  const struct wb_removals *removals,
					  const struct wb_device *d)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	const struct wb_removal *removal;
	int r = o ? wb_json_add_string(o, "id", d->id) : -ENOMEM;

	removal = d->module ? wb_removals_find(removals, d->module) : NULL;
	if (r >= 0)
		r = wb_json_add_string(o, "bus", d->bus);
	if (r >= 0)
		r = wb_json_add_string(o, "driver", d->driver);
	if (r >= 0)
		r = wb_json_add_string(o, "module", d->module);
	if (r >= 0)
		r = wb_json_add_bool(o, "display", d->display);
	if (r >= 0)
		r = add_action(o, removal, d);
	if (r >= 0)
		r = add_holders(o, facts, d);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *to_json(const struct wb_facts *facts,
				   const struct wb_removals *removals)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < facts->n_devices; i++)
		if (wb_json_append(array, device_to_json(facts, removals,
							 &facts->devices[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static int cmd_devices(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_facts_done) struct wb_facts facts = { 0 };
	_cleanup_(wb_removals_done) struct wb_removals removals = { 0 };
	_cleanup_(wb_findings_done) struct wb_findings findings = { 0 };
	struct json_object *array;
	int r = wb_prepare_facts(cli, sys, &facts);

	if (r < 0)
		return WB_EXIT_FAILED;
	r = wb_removals_build(&cli->request, &facts, &removals, &findings);
	if (r < 0) {
		wb_error("cannot order the modules: %s", strerror(-r));
		return WB_EXIT_FAILED;
	}
	array = to_json(&facts, &removals);
	return wb_show_list(cli, array, columns, ARRAY_SIZE(columns));
}

const struct wb_cmd wb_cmd_devices = {
	.name = "devices",
	.help = "list devices, who holds them, what would be done",
	.flags = WB_CMD_JSON,
	.run = cmd_devices,
};
