/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The words of GRUB's shell (grub-core/script/yylex.l), raw: quotes and variables are
 * still in them. No I/O here. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

enum wb_grub_token_type {
	WB_GRUB_WORD,
	WB_GRUB_SEPARATOR, /* the end of a line, or ';' */
	WB_GRUB_OPEN,      /* '{' */
	WB_GRUB_CLOSE,     /* '}' */
};

struct wb_grub_token {
	enum wb_grub_token_type type;
	const char *text; /* in the text that was read */
	size_t size;
	size_t match; /* of an opening brace: the closing one, or the number of tokens */
};

struct wb_grub_tokens {
	struct wb_grub_token *items;
	size_t n;
};

/* A quote that is not closed takes all that follows. @text has to outlive @ret, which is
 * the caller's. 0 or -ENOMEM. */
_must_check_ int wb_grub_lex(const char *text, struct wb_grub_tokens *ret);
void wb_grub_tokens_done(struct wb_grub_tokens *tokens);
bool wb_grub_token_is(const struct wb_grub_token *token, const char *word);
