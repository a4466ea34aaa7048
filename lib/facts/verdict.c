/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/verdict.h"

#include <errno.h>
#include <string.h>

static const char *const names[_WB_VERDICT_MAX] = {
	[WB_VERDICT_NONE] = "none",     [WB_VERDICT_SHUTDOWN] = "shutdown",
	[WB_VERDICT_UNLOAD] = "unload", [WB_VERDICT_UNBIND] = "unbind",
	[WB_VERDICT_LATE] = "late",     [WB_VERDICT_EXITRD] = "exitrd",
	[WB_VERDICT_KEEP] = "keep",     [WB_VERDICT_UNKNOWN] = "unknown",
	[WB_VERDICT_BAD] = "bad",
};

const char *wb_verdict_to_string(enum wb_verdict verdict)
{
	return names[verdict];
}

int wb_verdict_from_string(const char *word)
{
	for (int i = WB_VERDICT_NONE + 1; i < _WB_VERDICT_MAX; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -EINVAL;
}
