/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The Boot Loader Specification: entries, their order, and loader.conf
 * (https://uapi-group.org/specifications/specs/boot_loader_specification/), with what
 * Fedora's GRUB adds to it. No I/O here. Text that makes no sense is passed over: what
 * was understood is what is returned.
 */

#include <stdbool.h>

#include "base/macro.h"

/* The file's keys; NULL where it has not got them. */
struct wb_bls_entry {
	char *id;   /* the file's name without boot counter, and of type 1 ".conf" */
	char *name; /* the same with ".conf": what systemd-boot calls it */
	unsigned int profile; /* of a unified kernel image; its @name is without it */
	int tries_left;       /* -1: boots are not counted */
	int tries_done;
	char *title;
	char *version;
	char *machine_id;
	char *sort_key;
	char *linux;
	char *efi; /* also of the key "uki" */
	char **initrd;
	char *options; /* all lines of it, a space between them */
	char *devicetree;
	char *architecture;
};

/* Set @id, @name and the tries of @entry from "ID+LEFT-DONE.conf"; false where @file is
 * no name of an entry. Without memory @id and @name stay NULL. */
bool wb_bls_entry_set_name(struct wb_bls_entry *entry, const char *file);
/* The same for entries of type 2, "NAME+LEFT-DONE.efi". */
bool wb_bls_entry_set_image(struct wb_bls_entry *entry, const char *file);
/* Add what the entry's text says; 0 or -ENOMEM. */
_must_check_ int wb_bls_entry_parse(struct wb_bls_entry *entry, const char *text);
void wb_bls_entry_done(struct wb_bls_entry *entry);
/* Not to be started again: its tries are used up. */
bool wb_bls_entry_is_bad(const struct wb_bls_entry *entry);

/* Below zero where @a stands before @b in the menu. */
int wb_bls_entry_compare(const struct wb_bls_entry *a, const struct wb_bls_entry *b);
/* The same in GRUB's menu, which knows file names alone. */
int wb_bls_entry_compare_grub(const struct wb_bls_entry *a, const struct wb_bls_entry *b);

/* The pattern, or "@saved", behind "default" in a loader.conf; NULL in @ret: there is
 * none. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_bls_loader_default(const char *text, char **ret);
/* Does the glob @pattern mean @entry, with ".conf" or without it? */
bool wb_bls_entry_matches(const struct wb_bls_entry *entry, const char *pattern);

/* Where GRUB has its variables from; each NULL where it is not there. */
struct wb_bls_variables {
	const char *grubenv;
	const char *grubcfg;
	bool grub; /* GRUB reads the entries: each '$' is a variable */
};
/*
 * Expand $name and ${name}. Variables of tuned are empty where nothing sets them; the
 * name of the first other one without a value is in @ret_missing, else NULL. Where GRUB
 * does not read the entries, only the names that Fedora uses are variables. 0 or -ENOMEM;
 * both are the caller's.
 */
_must_check_ int wb_bls_expand(const struct wb_bls_variables *variables, const char *text,
			       char **ret, char **ret_missing);
/* The value of the last "set NAME=VALUE" in a grub.cfg, without quotes and as it stands
 * there; NULL in @ret: there is none. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_bls_grubcfg_get(const char *text, const char *name, char **ret);
