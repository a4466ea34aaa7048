/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside warmboot.service: what warmboot restore asked for. */

#include "base/log.h"
#include "cmd.h"
#include "outlet.h"
#include "undo.h"

static int cmd_undo(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_free_ char *last = NULL;
	char *id = cli->words[0];
	struct wb_outlet outlet;
	int status;

	if (!id) {
		wb_error("undo is for warmboot restore; call that");
		return WB_EXIT_USAGE;
	}
	wb_outlet_begin(&sys->root, id, cli->words[1], &outlet);
	wb_log_setup(LOG_DEBUG, wb_outlet_say, &outlet);
	status = wb_undo_unfinished(sys, &last);
	wb_outlet_end(&outlet, WB_EVENT_RUN_ENDED, status, last ? last : "out of memory");
	return status;
}

const struct wb_cmd wb_cmd_undo = {
	.name = "undo",
	.words = "ID [CALLER]",
	.help = "undo a run, inside warmboot.service",
	.max_words = 2,
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_undo,
};
