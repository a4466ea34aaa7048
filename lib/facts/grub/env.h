/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The variables of GRUB's shell, some of which only GRUB itself will know, and the words
 * that they stand in. No I/O here. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "facts/grub/lexer.h"

struct wb_grub_variable {
	char *name;
	char *value; /* NULL: only GRUB knows it */
	bool exported;
	bool oneshot; /* it was taken from next_entry */
};

struct wb_grub_env {
	struct wb_grub_variable *items;
	size_t n;
	size_t size; /* of all values */
	bool open;   /* a file that is not here may have set any of the others */
};

/* @value: NULL for one that is not known. All: 0 or -ENOMEM. */
_must_check_ int wb_grub_env_set(struct wb_grub_env *env, const char *name,
				 const char *value, bool oneshot);
_must_check_ int wb_grub_env_export(struct wb_grub_env *env, const char *name);
/* NULL: only GRUB knows it. "" where it is not set, which is what GRUB makes of it. */
const char *wb_grub_env_get(const struct wb_grub_env *env, const char *name);
bool wb_grub_env_is_oneshot(const struct wb_grub_env *env, const char *name);
/* For a submenu those that are exported, as GRUB hands them on. */
_must_check_ int wb_grub_env_copy(const struct wb_grub_env *env, bool only_exported,
				  struct wb_grub_env *ret);
void wb_grub_env_done(struct wb_grub_env *env);

/* A word as a command gets it. */
struct wb_grub_arg {
	char *text; /* without what is not known */
	size_t size, capacity;
	size_t n_unknown; /* of the variables in it */
	char *unknown;    /* the name of the first of them */
};

struct wb_grub_args {
	struct wb_grub_arg *items;
	size_t n;
	size_t size; /* of all of them */
};

/* Append the words that @token becomes: none, one, or where the value of a variable
 * outside quotes has white space, several. */
_must_check_ int wb_grub_expand(const struct wb_grub_env *env,
				const struct wb_grub_token *token,
				struct wb_grub_args *args);
void wb_grub_args_done(struct wb_grub_args *args);
