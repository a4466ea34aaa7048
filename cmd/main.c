/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <string.h>

#include "args.h"
#include "base/log.h"
#include "cmd.h"
#include "prepare.h"
#include "show.h"
#include "version.h"

const struct wb_cmd *const wb_cmds[] = {
	&wb_cmd_run,     &wb_cmd_plan,    &wb_cmd_check,     &wb_cmd_kernels,
	&wb_cmd_devices, &wb_cmd_hooks,   &wb_cmd_report,    &wb_cmd_cancel,
	&wb_cmd_restore, &wb_cmd_execute, &wb_cmd_scheduled, &wb_cmd_undo,
	&wb_cmd_confirm, &wb_cmd_quiesce,
};
const unsigned int wb_n_cmds = ARRAY_SIZE(wb_cmds);

static const struct wb_cmd *find_cmd(const char *verb)
{
	if (!verb)
		return wb_cmds[0];
	for (unsigned int i = 1; i < wb_n_cmds; i++)
		if (strcmp(wb_cmds[i]->name, verb) == 0)
			return wb_cmds[i];
	return NULL;
}

/* A dry run is a plan, with what that may do. */
static unsigned int flags_of(const struct wb_cli *cli, const struct wb_cmd *cmd)
{
	return cli->dry_run && !cli->verb ? wb_cmd_plan.flags : cmd->flags;
}

/* Does the command line make sense for this verb? Says itself why not. */
static bool fits(const struct wb_cli *cli, const struct wb_cmd *cmd)
{
	unsigned int flags = flags_of(cli, cmd);
	unsigned int n = 0;

	while (cli->words[n])
		n++;
	if (n > cmd->max_words)
		wb_error("%s takes no '%s'; see warmboot --help", cmd->name,
			 cli->words[cmd->max_words]);
	else if (cli->root && (flags & WB_CMD_LIVE))
		wb_error("--root is for looking at a machine; it goes with plan, check, "
			 "kernels, devices, hooks and report");
	else if (cli->json && !(flags & WB_CMD_JSON))
		wb_error("--json goes with plan, check, kernels, devices, hooks "
			 "and report");
	else if (cli->when && (cli->verb || cli->dry_run))
		wb_error("--when is for a warm boot; it goes with no verb");
	else if ((cli->message || cli->no_wall) && !cli->when && cmd != &wb_cmd_scheduled)
		wb_error("--message and --no-wall go with --when");
	else if ((cli->columns || cli->no_legend) && !(flags & WB_CMD_TABLE))
		wb_error("--columns and --no-legend go with check, kernels, devices "
			 "and hooks");
	else if (cli->why && (cmd != &wb_cmd_plan || cli->json))
		wb_error("--why goes with plan, and without --json");
	else if (cli->quiet && cli->verbose)
		wb_error("--quiet and --verbose contradict each other");
	else
		return true;
	return false;
}

static int run_cmd(struct wb_cli *cli, const struct wb_cmd *cmd)
{
	struct wb_sys sys = { .ops = &wb_sys_live };
	const char *root = cli->root ? cli->root : "/";
	int r = wb_root_open(&sys.root, root);

	if (r < 0) {
		wb_error("cannot open %s: %s", root, strerror(-r));
		return WB_EXIT_USAGE;
	}
	r = wb_prepare_paths(cli, &sys);
	if (r >= 0 && (flags_of(cli, cmd) & WB_CMD_JSON))
		wb_show_begin(cli);
	r = r < 0 ? WB_EXIT_USAGE : cmd->run(cli, &sys);
	wb_show_done();
	wb_root_close(&sys.root);
	return r;
}

static int dispatch(struct wb_cli *cli)
{
	const struct wb_cmd *cmd = find_cmd(cli->verb);

	if (cli->help) {
		wb_args_help(stdout);
		return WB_EXIT_DONE;
	}
	if (cli->version) {
		printf("warmboot %s\n", WARMBOOT_VERSION);
		return WB_EXIT_DONE;
	}
	if (!cmd) {
		wb_error("there is no verb '%s'; see warmboot --help", cli->verb);
		return WB_EXIT_USAGE;
	}
	if (!fits(cli, cmd))
		return WB_EXIT_USAGE;
	wb_log_setup(cli->quiet     ? LOG_WARNING
		     : cli->verbose ? LOG_DEBUG
				    : LOG_INFO,
		     NULL, NULL);
	return run_cmd(cli, cmd);
}

int main(int argc, char *argv[])
{
	struct wb_cli cli = { 0 };
	int r;

	setlocale(LC_ALL, "");
	r = wb_args_parse(argc, argv, &cli);
	r = r < 0 ? WB_EXIT_USAGE : dispatch(&cli);
	wb_cli_done(&cli);
	return r;
}
