/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"
#include "cmd.h"
#include "plan/plan-json.h"
#include "plan/plan-text.h"
#include "prepare.h"
#include "show.h"

static int show_why(const struct wb_cli *cli, const struct wb_plan *plan)
{
	int r = wb_plan_why_to_text(plan, cli->why, wb_show_columns(), stdout);
	int status = wb_show_end(r);

	if (r != 0 || status != WB_EXIT_DONE)
		return status;
	wb_error("no step and no finding of the plan is about '%s': it is left as it is; "
		 "warmboot devices shows how each device is put to rest",
		 cli->why);
	return WB_EXIT_FAILED;
}

static int cmd_plan(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;
	int status;

	if (wb_prepare_plan(cli, sys, &plan) < 0)
		return WB_EXIT_FAILED;
	if (cli->why)
		return show_why(cli, plan);
	if (cli->json)
		status = wb_show_json(wb_plan_to_json(plan));
	else
		status = wb_show_end(wb_plan_to_text(plan, wb_show_columns(), stdout));
	/* As the run would: a script learns of a refusal without reading. */
	if (status == WB_EXIT_DONE && wb_findings_blocker(&plan->findings))
		status = WB_EXIT_REFUSED;
	return status;
}

const struct wb_cmd wb_cmd_plan = {
	.name = "plan",
	.help = "show every step and its reason, change nothing",
	.flags = WB_CMD_JSON,
	.run = cmd_plan,
};
