/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* GRUB's shell at work on a script, for grub-script.c. No I/O here. */

#include "facts/grub/env.h"
#include "facts/grub/lexer.h"
#include "facts/grub/script.h"
#include "facts/grub/test.h"

/* Is this part of the script reached? */
enum wb_grub_mode {
	WB_GRUB_SKIP,
	WB_GRUB_MAYBE,
	WB_GRUB_RUN,
};

/* A block between braces. */
struct wb_grub_block {
	const struct wb_grub_tokens *tokens;
	size_t pos, end;
	bool cut; /* the text ends before it does */
};

struct wb_grub_function {
	char *name;
	struct wb_grub_block block;
};

/* A script and the files that it reads. */
struct wb_grub_source {
	struct wb_grub_tokens tokens; /* they point into the text */
	char *text;                   /* NULL: whose it is keeps it */
	struct wb_grub_source *next;
};

struct wb_grub_exec {
	const struct wb_grub_input *input;
	struct wb_grub_script *script;
	struct wb_grub_env env;
	struct wb_grub_menu *menu;   /* where entries are added */
	struct wb_grub_entry *entry; /* whose block runs; NULL: none */
	struct wb_grub_function *functions;
	size_t n_functions;
	struct wb_grub_source *sources;
	enum wb_grub_truth status; /* of the last command */
	/* What a hostile script may use of each. */
	unsigned int depth, n_sources, n_entries, n_commands;
};

struct wb_grub_command {
	const char *name;
	int (*run)(struct wb_grub_exec *x, const struct wb_grub_args *args,
		   const struct wb_grub_block *block, enum wb_grub_mode mode);
};

const struct wb_grub_command *wb_grub_command_find(const char *name);
/* One that is neither a command here nor a function: what it may do to variables. */
_must_check_ int wb_grub_command_unknown(struct wb_grub_exec *x,
					 const struct wb_grub_args *args);
/* The file system that $root stands for, by its UUID: beside the variables of scripts,
 * whose names have no dot. */
#define WB_GRUB_FS_UUID ".fs_uuid"
/* A file that the script names; as wb_grub_input.look(). */
_must_check_ int wb_grub_look(const struct wb_grub_exec *x, const struct wb_grub_arg *arg,
			      char **ret);
/* name=value; what may or may not happen leaves the value unknown. */
_must_check_ int wb_grub_assign(struct wb_grub_exec *x, const char *name,
				const struct wb_grub_arg *arg, const char *value,
				enum wb_grub_mode mode);

/* All: 0 or -ENOMEM. */
_must_check_ int wb_grub_exec_block(struct wb_grub_exec *x, struct wb_grub_block block,
				    enum wb_grub_mode mode);
_must_check_ int wb_grub_exec_text(struct wb_grub_exec *x, const char *text,
				   enum wb_grub_mode mode);
/* The same, and takes ownership of @text, also where it fails. */
_must_check_ int wb_grub_exec_own_text(struct wb_grub_exec *x, char *text,
				       enum wb_grub_mode mode);
void wb_grub_exec_done(struct wb_grub_exec *x);
