/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/event.h"

#include <string.h>

static const char *const ids[_WB_EVENT_MAX] = {
	[WB_EVENT_RUN_STARTED] = "4cf0529d06a84cafa208473c4dde84dc",
	[WB_EVENT_STEP_STARTED] = "ccae6c1e2ef54fd3aaeccaea2584d382",
	[WB_EVENT_STEP_ENDED] = "098d87073a704d8880ffa5a8ac781199",
	[WB_EVENT_UNDO_STARTED] = "81e0b1c2f7454546840426d0f94c65b9",
	[WB_EVENT_STEP_UNDOING] = "52e43af4a3be414da4b31436063d047d",
	[WB_EVENT_STEP_UNDONE] = "65a1b976d03a44d482e0626a4502d167",
	[WB_EVENT_RUN_ENDED] = "d0870554e7bd45f0871a2506b6889d9d",
	[WB_EVENT_REFUSED] = "52e1a4b79a4e4203a417e11482cf8d56",
	[WB_EVENT_CONFIRMED] = "e2daa8b034634f5f8fb856349c9ac205",
	[WB_EVENT_SCHEDULED] = "bb327274a22847909270fe941495547d",
	[WB_EVENT_CANCELLED] = "d7f1d4f5b8e9443b93f0bc35940fb571",
};

const char *wb_event_id(enum wb_event event)
{
	return ids[event];
}

enum wb_event wb_event_from_id(const char *id)
{
	for (int e = WB_EVENT_NONE + 1; id && e < _WB_EVENT_MAX; e++)
		if (strcmp(ids[e], id) == 0)
			return (enum wb_event)e;
	return WB_EVENT_NONE;
}
