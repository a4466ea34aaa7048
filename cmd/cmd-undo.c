/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside warmboot.service: what warmboot restore asked for. */

#include "base/log.h"
#include "cmd.h"
#include "sys/journal.h"
#include "undo.h"

static int cmd_undo(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_free_ char *last = NULL;
	const char *id = cli->words[0];
	int status;

	if (!id) {
		wb_error("undo is for warmboot restore; call that");
		return WB_EXIT_USAGE;
	}
	wb_log_setup(cli->verbose ? LOG_DEBUG : LOG_INFO, wb_journal_sink, cli->words[0]);
	status = wb_undo_unfinished(sys, &last);
	wb_journal_end(id, status, last ? last : "out of memory");
	return status;
}

const struct wb_cmd wb_cmd_undo = {
	.name = "undo",
	.words = "ID",
	.help = "undo a run, inside warmboot.service",
	.max_words = 1,
	.flags = WB_CMD_LIVE | WB_CMD_HIDDEN,
	.run = cmd_undo,
};
