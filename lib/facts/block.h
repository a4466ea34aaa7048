/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Block devices and what they are made of: /sys/dev/block, and the folders "slaves". */

#include "sys/node.h"

struct wb_block {
	struct wb_node node;
	char *name;    /* "sda1", "dm-0" */
	char *path;    /* below /sys: "devices/pci0000:00/..." */
	char **places; /* paths of the devices it is on; none where it is put together */
	char **slaves; /* names of those it is made of; of a virtual partition its disk */
	char *file;    /* of a loop device, absolute; NULL: it has none */
};

struct wb_blocks {
	struct wb_block *items; /* sorted by node */
	size_t n;
};

/* 0 or -ENOMEM. No folder is an empty list. */
_must_check_ int wb_blocks_read(const struct wb_root *root, struct wb_blocks *ret);
void wb_blocks_done(struct wb_blocks *blocks);
/* NULL: there is none. */
const struct wb_block *wb_blocks_find(const struct wb_blocks *blocks,
				      const struct wb_node *node);
const struct wb_block *wb_blocks_named(const struct wb_blocks *blocks, const char *name);
/* Is it made of others, as md, the device mapper and bcache do it? */
bool wb_block_is_stack(const struct wb_block *block);
/* The block and all that it is made of, each once, from the top; pointers into @blocks
 * in an array of the caller's. */
_must_check_ int wb_blocks_below(const struct wb_blocks *blocks,
				 const struct wb_block *top, const struct wb_block ***ret,
				 size_t *ret_n);
