/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ending.h"

#include <string.h>

#include "base/text.h"
#include "cmd.h"
#include "proof/expect.h"
#include "run/loss.h"

const struct wb_ending wb_endings[_WB_END_MAX] = {
	[WB_END_HANDED_OVER] = { WB_EXIT_DONE,
				 "everything is at rest; systemd stops the rest and starts "
				 "the new kernel" },
	[WB_END_REFUSED] = { WB_EXIT_REFUSED, "refused, nothing was changed" },
	[WB_END_UNDONE] = { WB_EXIT_FAILED, "failed, and everything was undone" },
	[WB_END_UNDONE_WITH_LOSS] = { WB_EXIT_NOT_UNDONE,
				      "failed, and was undone, but not all is as before" },
	[WB_END_NOT_UNDONE] = { WB_EXIT_NOT_UNDONE,
				"failed, and could not be undone wholly; see warmboot "
				"report" },
	[WB_END_COLD] = { WB_EXIT_NOT_UNDONE,
			  "no warm boot; the machine reboots through its firmware "
			  "instead" },
};

int wb_ending_status(const struct wb_record *record)
{
	if (record->end == WB_END_COLD && record->plan->reboot)
		return WB_EXIT_DONE;
	return wb_endings[record->end].status;
}

/* Forward: what comes next, and when somebody should look. */
static char *sentence_of_departure(const struct wb_record *record)
{
	_cleanup_free_ char *expected = wb_expect_sentence(record);

	return expected ? wb_format("%s; %s", wb_endings[record->end].sentence, expected)
			: NULL;
}

char *wb_ending_sentence(const struct wb_record *record)
{
	const char *sentence = wb_endings[record->end].sentence;
	/* After a reboot nothing is as before. */
	_cleanup_free_ char *lost =
		record->end == WB_END_COLD ? strdup("") : wb_losses_to_string(record);

	if (record->end == WB_END_HANDED_OVER && record->worry_usec > 0)
		return sentence_of_departure(record);
	return !lost ? NULL
		     : wb_format("%s%s%s%s", sentence, record->failure ? ": " : "",
				 record->failure ? record->failure : "", lost);
}
