/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"
#include "plan/plan-json.h"
#include "plan/plan-text.h"
#include "prepare.h"
#include "show.h"

static int cmd_plan(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;
	int status;

	if (wb_prepare_plan(cli, sys, &plan) < 0)
		return WB_EXIT_FAILED;
	if (cli->json)
		status = wb_show_json(wb_plan_to_json(plan));
	else
		status = wb_show_end(wb_plan_to_text(plan, stdout));
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
