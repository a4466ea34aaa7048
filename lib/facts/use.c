/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/use.h"

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

char *wb_use_to_string(const struct wb_use *use)
{
	return wb_format("%s%s%s", words[use->kind].before, use->name,
			 words[use->kind].after);
}
