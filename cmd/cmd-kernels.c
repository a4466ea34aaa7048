/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "cmd.h"
#include "facts/kernel/kernel-json.h"
#include "prepare.h"
#include "show.h"

static const struct wb_column columns[] = {
	{ "id", "ID" },           { "title", "TITLE" },
	{ "version", "VERSION" }, { "running|default|oneshot|bad", "STATE" },
	{ "source", "SOURCE" },   { "problem", "PROBLEM" },
};

/* NULL without memory. */
static struct json_object *to_json(const struct wb_facts *facts)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < facts->n_kernels; i++)
		if (wb_json_append(array, wb_kernel_to_json(&facts->kernels[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static int cmd_kernels(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_facts_done) struct wb_facts facts = { 0 };

	if (wb_prepare_facts(cli, sys, &facts) < 0)
		return WB_EXIT_FAILED;
	for (char **p = facts.unlisted; p && *p; p++)
		wb_warning("%s", *p);
	return wb_show_list(cli, to_json(&facts), columns, ARRAY_SIZE(columns));
}

const struct wb_cmd wb_cmd_kernels = {
	.name = "kernels",
	.help = "list what this machine could boot",
	.flags = WB_CMD_JSON | WB_CMD_TABLE,
	.run = cmd_kernels,
};
