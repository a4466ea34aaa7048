/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prepare.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "base/log.h"
#include "base/strv.h"
#include "plan/planner.h"

int wb_prepare_facts(const struct wb_cli *cli, struct wb_sys *sys, struct wb_facts *ret)
{
	const char *kernel = cli->request.kernel;
	struct wb_facts_hint hint = {
		.kernel_path = kernel && strchr(kernel, '/') ? kernel : NULL,
		.unload = cli->request.unload,
	};
	int r = wb_facts_gather(&sys->root, &hint, ret);

	if (r < 0)
		wb_error("cannot look at the machine: %s", strerror(-r));
	return r;
}

static int build_plan(const struct wb_request *request, struct wb_sys *sys,
		      const struct wb_facts *facts, struct wb_plan **ret)
{
	_cleanup_(wb_choice_done) struct wb_choice choice = { 0 };
	_cleanup_(wb_target_done) struct wb_target target = { 0 };
	struct wb_check_input in = { request, facts, &choice, &target };
	int r = wb_choice_make(request, facts, &choice);

	if (r >= 0 && choice.kernel)
		r = wb_target_read(&sys->root, choice.kernel->linux, choice.initrd,
				   choice.options, &target);
	return r < 0 ? r : wb_planner_build(&in, ret);
}

int wb_prepare_plan(const struct wb_cli *cli, struct wb_sys *sys, struct wb_plan **ret)
{
	_cleanup_(wb_facts_done) struct wb_facts facts = { 0 };
	struct wb_request request = cli->request;
	char id[SD_ID128_UUID_STRING_MAX];
	sd_id128_t random;
	int r = wb_prepare_facts(cli, sys, &facts);

	if (r < 0)
		return r;
	r = sd_id128_randomize(&random);
	if (r >= 0) {
		request.id = sd_id128_to_uuid_string(random, id);
		r = build_plan(&request, sys, &facts, ret);
	}
	if (r < 0)
		wb_error("cannot make a plan: %s", strerror(-r));
	return r;
}
