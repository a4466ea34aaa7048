/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/use.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *before, *after;
} words[_WB_USE_KIND_MAX] = {
	[WB_USE_MOUNT] = { "", " is mounted from it" },
	[WB_USE_SWAP] = { "swap on ", "" },
	[WB_USE_STACK] = { "", " is made of it" },
	[WB_USE_NETWORK] = { "", " is up" },
	[WB_USE_CONSOLE] = { "the kernel prints on ", "" },
	[WB_USE_SOUND] = { "its sound goes through ", "" },
};

/* That of the root is no news, and never stopped. */
static bool has_unit(const struct wb_use *use)
{
	return use->unit && strcmp(use->unit, "-.mount") != 0;
}

char *wb_use_to_string(const struct wb_use *use)
{
	if (has_unit(use))
		return wb_format("%s%s%s (%s)", words[use->kind].before, use->name,
				 words[use->kind].after, use->unit);
	return wb_format("%s%s%s", words[use->kind].before, use->name,
			 words[use->kind].after);
}
