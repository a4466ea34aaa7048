/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Unified kernel images in EFI/Linux: entries of type 2 of the Boot Loader Specification.
 * Their place in the menu, and what it starts by default, depends on those of type 1.
 */

#include "facts/bls/menu.h"

static int read_uki(const struct wb_root *root, struct wb_kernels *list)
{
	return wb_bls_read(root, list, /* unified= */ true);
}

const struct wb_kernel_reader wb_kernel_reader_uki = { "uki", read_uki };
