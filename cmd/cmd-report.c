/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/log.h"
#include "cmd.h"
#include "proof/history.h"
#include "proof/report.h"
#include "show.h"

static int cmd_report(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_history_done) struct wb_history history = { 0 };
	const struct wb_record *record;
	int r = wb_history_read(&sys->root, &history);

	if (r < 0) {
		wb_error("cannot read " WB_RECORD_FOLDER ": %s", strerror(-r));
		return WB_EXIT_FAILED;
	}
	record = wb_history_find(&history, cli->words[0]);
	if (!record) {
		wb_error("no warm boot%s%s is on record in " WB_RECORD_FOLDER,
			 cli->words[0] ? " " : "", cli->words[0] ? cli->words[0] : "");
		return WB_EXIT_FAILED;
	}
	if (cli->json)
		return wb_show_json(wb_report_to_json(record));
	return wb_show_end(wb_report_to_text(record, stdout));
}

const struct wb_cmd wb_cmd_report = {
	.name = "report",
	.words = "[ID]",
	.help = "how the last warm boot went, or the one named",
	.max_words = 1,
	.flags = WB_CMD_JSON,
	.run = cmd_report,
};
