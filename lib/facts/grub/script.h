/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * grub.cfg as grub-mkconfig(8) writes it, followed as far as that is possible without
 * being GRUB. Where a condition or a variable is not known before GRUB runs, the entry
 * says so. No I/O here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

struct wb_grub_entry;

struct wb_grub_menu {
	struct wb_grub_entry *entries;
	size_t n;
};

struct wb_grub_entry {
	char *id; /* --id, $menuentry_id_option; NULL: none */
	char *title;
	bool is_submenu;
	struct wb_grub_menu submenu;
	char *linux; /* the path for GRUB; a device before it is kept, but for ($root) */
	char **initrd;
	char *options;    /* without the BOOT_IMAGE= that GRUB puts before them */
	char *fs_uuid;    /* of the last search --fs-uuid; NULL: none */
	char *loader;     /* "chainloader" or another that starts no Linux; NULL: none */
	bool conditional; /* it may not stand in the menu at all */
	bool cut;         /* it has no end, so that GRUB makes no entry of it */
	char *problem;    /* why it cannot be followed: a sentence; NULL: it can */

	/* Its block, while it is read. */
	const struct wb_grub_tokens *tokens;
	size_t begin, end;
};

/* All NUL-terminated; NULL: there is no such file, it is not known. */
struct wb_grub_input {
	const char *text;
	const char *grubenv;
	const char *custom;   /* custom.cfg, which is read if it is there */
	const char *platform; /* $grub_platform: "efi" */
	/* The file @path of the file system with @uuid ("": that of GRUB's own files), or
	 * beside the script where @uuid is NULL. 1: there is one, 0: there is none,
	 * -ENODATA: it cannot be known, -ENOMEM. @ret: its text, NULL where it cannot be
	 * read; the caller's. NULL: no other file is known. */
	int (*look)(void *userdata, const char *uuid, const char *path, char **ret);
	void *userdata;
	bool later; /* as it will be once GRUB has forgotten the one-shot entry */
};

struct wb_grub_script {
	struct wb_grub_menu menu;
	char *default_value; /* NULL: only GRUB knows it; "" where none is set */
	bool oneshot;        /* it is next_entry, which GRUB forgets as it reads it */
	char *later_value;   /* where it is: the default of the time after */
	bool uses_blscfg;    /* its entries are those of the Boot Loader Specification */
	bool incomplete;     /* it goes on in files that are not here */
};

/* Bad text gives what could be understood. 0 or -ENOMEM. */
_must_check_ int wb_grub_script_read(const struct wb_grub_input *input,
				     struct wb_grub_script *ret);
void wb_grub_script_done(struct wb_grub_script *script);

/* Does @word, as it may stand in GRUB_DEFAULT, lead to the entry with this way (of struct
 * wb_kernel)? "1>2", or with titles and ids in the place of numbers. */
bool wb_grub_way_is(char *const *way, const char *word);

/* What became of the default. */
enum wb_grub_choice {
	WB_GRUB_NAMED,    /* the entry that it names */
	WB_GRUB_FALLBACK, /* the first: none is set, or it names nothing */
	WB_GRUB_NONE,     /* not known, or the menu is empty */
};
/* The entry that GRUB starts when nobody chooses; in a submenu that is named without an
 * entry of it, the first. Points into @script. */
enum wb_grub_choice wb_grub_script_default(const struct wb_grub_script *script,
					   const struct wb_grub_entry **ret);
/* The same once a one-shot entry was started; without one the same entry. */
enum wb_grub_choice wb_grub_script_later(const struct wb_grub_script *script,
					 const struct wb_grub_entry **ret);
