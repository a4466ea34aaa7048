/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of the reader of the Boot Loader Specification share. */

#include "facts/bls/entry.h"
#include "facts/kernel/boot-place.h"
#include "facts/kernel/kernel.h"

struct wb_bls_item {
	struct wb_bls_entry entry;
	const char *top; /* of the places: where the partition is mounted: "/boot" */
	/* The boot loader shows it. */
	bool offered;
	struct wb_kernel kernel;
};

/* All entries of a machine, and what its boot loader knows besides. */
struct wb_bls_menu {
	const struct wb_root *root;
	struct wb_boot_places places;
	struct wb_bls_item *items;
	size_t n;
	bool systemd_boot; /* it says that it has started this machine */
	bool grub;         /* GRUB reads the entries */
	bool other;        /* a boot loader that does not read them is there */
	char *grubenv;
	char *grubcfg;
};

/* Find out which boot loader it is, and read GRUB's files. */
_must_check_ int wb_bls_menu_read_loader(struct wb_bls_menu *menu);
/* Mark the kernels that this boot loader would start, in a menu that is in order. */
_must_check_ int wb_bls_menu_mark(struct wb_bls_menu *menu);
