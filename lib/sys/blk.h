/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* libblkid: what a block device holds. */

#include "base/macro.h"

struct wb_blk {
	char *uuid; /* each may be NULL */
	char *label;
	char *partuuid;
	char *partlabel;
	char *parttype; /* a GUID in lower case, or "0xef" of an MBR */
};

/* Probe an open device. 0 and a filled @ret (wb_blk_done() frees it); -ENODATA where
 * nothing known is on it. */
_must_check_ int wb_blk_probe(int fd, struct wb_blk *ret);
void wb_blk_done(struct wb_blk *blk);
