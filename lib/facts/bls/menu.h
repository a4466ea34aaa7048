/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of the reader of the Boot Loader Specification share. */

#include "facts/bls/entry.h"
#include "facts/kernel/boot-place.h"
#include "facts/kernel/kernel.h"

struct wb_bls_item {
	struct wb_bls_entry entry;
	bool unified;    /* of type 2 */
	const char *top; /* of the places: where the partition is mounted: "/boot" */
	/* The boot loader shows it. */
	bool offered;
	struct wb_kernel kernel;
};

/* All entries of a machine, and what its boot loader knows besides. */
struct wb_bls_menu {
	const struct wb_root *root;
	struct wb_boot_places places;
	const char *machine; /* the word of uname(1); NULL: any */
	struct wb_bls_item *items;
	size_t n;
	bool systemd_boot; /* it says that it has started this machine */
	bool grub;         /* GRUB reads the entries */
	bool other;        /* a boot loader that does not read them is there */
	bool blind;        /* GRUB's choice stands in a file that cannot be read */
	bool hidden;       /* a folder of entries cannot be read */
	bool hidden_boot;  /* and it is in /boot, where GRUB looks */
	char ***unlisted;  /* of the list */
	char *grubenv;
	char *grubcfg;
};

/* Own @item from here on, also where it fails. */
_must_check_ int wb_bls_menu_append(struct wb_bls_menu *menu, struct wb_bls_item *item);
/* Append the unified kernel image @name in @folder, once for each profile it has. */
_must_check_ int wb_bls_menu_add_image(struct wb_bls_menu *menu, const char *top,
				       const char *folder, const char *name);
/* Make the kernel of an item from its entry. */
_must_check_ int wb_bls_menu_fill(const struct wb_bls_menu *menu,
				  struct wb_bls_item *item);
/* Find out which boot loader it is, and read GRUB's files. */
_must_check_ int wb_bls_menu_read_loader(struct wb_bls_menu *menu);
/* Mark the kernels that this boot loader would start, in a menu that is in order. */
_must_check_ int wb_bls_menu_mark(struct wb_bls_menu *menu);

/* Add the entries of one type to the list; both types make one menu. */
_must_check_ int wb_bls_read(const struct wb_root *root, struct wb_kernels *list,
			     bool unified);
