/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Partitions of boot loaders, by their types (UAPI Discoverable Partitions
 * Specification; https://uapi-group.org/specifications/).
 */

#include "sys/node.h"

enum wb_partition_kind {
	WB_PARTITION_ESP,      /* the EFI system partition */
	WB_PARTITION_XBOOTLDR, /* the extended boot loader partition */
	_WB_PARTITION_KIND_MAX,
};

struct wb_partition {
	char *path; /* "/dev/sda1" */
	char *uuid; /* of the entry in the table; NULL: not known */
	struct wb_node node;
	enum wb_partition_kind kind;
	bool held; /* it is a part of another device, such as a RAID */
};

struct wb_partitions {
	struct wb_partition *items;
	size_t n;
};

/* All partitions of these kinds. 0 or -ENOMEM. */
_must_check_ int wb_partitions_read(const struct wb_root *root,
				    struct wb_partitions *ret);
void wb_partitions_done(struct wb_partitions *partitions);
const char *wb_partition_kind_to_string(enum wb_partition_kind kind);
