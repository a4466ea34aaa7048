/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/grub/lexer.h"

#include <errno.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* "\" before the end of a line, which may be that of another system. */
static size_t continuation(const char *p)
{
	size_t n = 1;

	if (*p != '\\')
		return 0;
	while (p[n] == '\r')
		n++;
	return p[n] == '\n' ? n + 1 : 0;
}

/* Past white space, comments, and lines that go on. */
static const char *skip(const char *p)
{
	for (;;) {
		size_t n = continuation(p);

		if (n > 0)
			p += n;
		else if (is_space(*p))
			p++;
		else if (*p == '#')
			p += strcspn(p, "\n");
		else
			return p;
	}
}

/* Past the closing quote, or to the end of the text. */
static const char *skip_quoted(const char *p)
{
	char quote = *p++;

	while (*p && *p != quote) {
		if (quote == '"' && *p == '\\' && p[1])
			p++;
		p++;
	}
	return *p ? p + 1 : p;
}

/* "${name}": its braces are none of the script's. */
static const char *skip_variable(const char *p)
{
	size_t n;

	if (p[1] != '{')
		return p + 1;
	n = strcspn(p, "}\n");
	return p[n] == '}' ? p + n + 1 : p + 1;
}

static const char *skip_word(const char *p)
{
	while (*p && !is_space(*p) && !strchr("\n;{}|&<>", *p)) {
		if (continuation(p) > 0)
			break;
		if (*p == '\'' || *p == '"')
			p = skip_quoted(p);
		else if (*p == '$')
			p = skip_variable(p);
		else if (*p == '\\' && p[1])
			p += 2;
		else
			p++;
	}
	return p;
}

static enum wb_grub_token_type type_of(char c)
{
	switch (c) {
	case '{':
		return WB_GRUB_OPEN;
	case '}':
		return WB_GRUB_CLOSE;
	default:
		/* Pipes and the like are a syntax error in GRUB: what follows is a
		 * command of its own. */
		return strchr("\n;|&<>", c) ? WB_GRUB_SEPARATOR : WB_GRUB_WORD;
	}
}

static int append(struct wb_grub_tokens *tokens, const char *text, const char **end)
{
	struct wb_grub_token *grown = tokens->items;
	enum wb_grub_token_type type = type_of(*text);

	/* It grows at powers of two. */
	if ((tokens->n & (tokens->n - 1)) == 0) {
		grown = reallocarray(grown, tokens->n ? 2 * tokens->n : 1,
				     sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		tokens->items = grown;
	}
	*end = type == WB_GRUB_WORD ? skip_word(text) : text + 1;
	grown[tokens->n++] = (struct wb_grub_token){ .type = type,
						     .text = text,
						     .size = (size_t)(*end - text) };
	return 0;
}

/* The open braces are a list through their own @match. */
static void match_braces(struct wb_grub_tokens *tokens)
{
	size_t open = tokens->n, next;

	for (size_t i = 0; i < tokens->n; i++) {
		struct wb_grub_token *t = &tokens->items[i];

		if (t->type == WB_GRUB_OPEN) {
			t->match = open;
			open = i;
		} else if (t->type == WB_GRUB_CLOSE && open < tokens->n) {
			next = tokens->items[open].match;
			tokens->items[open].match = i;
			open = next;
		}
	}
	for (; open < tokens->n; open = next) {
		next = tokens->items[open].match;
		tokens->items[open].match = tokens->n;
	}
}

int wb_grub_lex(const char *text, struct wb_grub_tokens *ret)
{
	struct wb_grub_tokens tokens = { 0 };

	for (text = skip(text); *text; text = skip(text)) {
		int r = append(&tokens, text, &text);

		if (r < 0) {
			wb_grub_tokens_done(&tokens);
			return r;
		}
	}
	match_braces(&tokens);
	*ret = tokens;
	return 0;
}

void wb_grub_tokens_done(struct wb_grub_tokens *tokens)
{
	free(tokens->items);
	*tokens = (struct wb_grub_tokens){ 0 };
}

bool wb_grub_token_is(const struct wb_grub_token *token, const char *word)
{
	return token->type == WB_GRUB_WORD && token->size == strlen(word) &&
	       strncmp(token->text, word, token->size) == 0;
}
