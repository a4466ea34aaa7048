/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Words: quotes, backslashes and variables (grub-core/script/execute.c). */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "facts/grub/env.h"

/* A variable may hold itself many times over. */
#define ARGS_SIZE_MAX ((size_t)256 * 1024)
#define ARGS_MAX      ((size_t)16 * 1024)

struct expansion {
	const struct wb_grub_env *env;
	struct wb_grub_args *args;
	bool in_word; /* the last of @args still grows */
};

static int open_word(struct expansion *e)
{
	struct wb_grub_args *args = e->args;
	struct wb_grub_arg *grown = args->items;

	if (e->in_word)
		return 0;
	if ((args->n & (args->n - 1)) == 0) {
		grown = reallocarray(grown, args->n ? 2 * args->n : 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		args->items = grown;
	}
	grown[args->n] = (struct wb_grub_arg){ .text = strdup("") };
	if (!grown[args->n].text)
		return -ENOMEM;
	args->n++;
	e->in_word = true;
	return 0;
}

static int put_unknown(struct expansion *e, const char *name, size_t size)
{
	int r = open_word(e);
	struct wb_grub_arg *arg;

	if (r < 0)
		return r;
	arg = &e->args->items[e->args->n - 1];
	if (arg->n_unknown++ > 0)
		return 0;
	arg->unknown = strndup(name, size);
	return arg->unknown ? 0 : -ENOMEM;
}

static int put(struct expansion *e, const char *text, size_t size)
{
	int r = open_word(e);
	struct wb_grub_arg *arg;

	if (r < 0)
		return r;
	arg = &e->args->items[e->args->n - 1];
	if (e->args->size + size > ARGS_SIZE_MAX)
		return put_unknown(e, "of such a length", 16);
	if (arg->size + size >= arg->capacity) {
		size_t capacity = 2 * (arg->size + size) + 1;
		char *grown = realloc(arg->text, capacity);

		if (!grown)
			return -ENOMEM;
		arg->text = grown;
		arg->capacity = capacity;
	}
	memcpy(arg->text + arg->size, text, size);
	arg->size += size;
	e->args->size += size;
	arg->text[arg->size] = '\0';
	return 0;
}

/* Outside quotes white space in a value separates words. */
static int put_split(struct expansion *e, const char *value)
{
	int r = 0;

	while (r >= 0 && *value && e->args->n < ARGS_MAX) {
		size_t n = strcspn(value, " \t\n");

		if (n > 0)
			r = put(e, value, n);
		value += n;
		if (*value) {
			e->in_word = false;
			value += strspn(value, " \t\n");
		}
	}
	return r;
}

static size_t name_size(const char *p, const char *end)
{
	size_t n = 0;

	if (p < end && (isdigit((unsigned char)*p) || strchr("?#@*", *p)))
		return 1;
	while (p + n < end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
		n++;
	return n;
}

/* @p is behind the '$'; returns what follows the variable. */
static const char *variable(struct expansion *e, const char *p, const char *end,
			    bool quoted, int *r)
{
	bool braces = p < end && *p == '{';
	const char *name = p + braces, *value;
	size_t size = name_size(name, end);
	_cleanup_free_ char *copy = strndup(name, size);

	if (!copy) {
		*r = -ENOMEM;
		return p;
	}
	if (size == 0 || (braces && (name + size >= end || name[size] != '}'))) {
		*r = put(e, "$", 1);
		return p;
	}
	value = wb_grub_env_get(e->env, copy);
	if (!value)
		*r = put_unknown(e, name, size);
	else
		*r = quoted ? put(e, value, strlen(value)) : put_split(e, value);
	return name + size + braces;
}

static const char *single_quoted(struct expansion *e, const char *p, const char *end,
				 int *r)
{
	const char *quote = memchr(p, '\'', (size_t)(end - p));

	*r = put(e, p, (size_t)((quote ? quote : end) - p));
	return quote ? quote + 1 : end;
}

/* A run of what stands for itself. */
static const char *plain(struct expansion *e, const char *p, const char *end,
			 const char *special, int *r)
{
	const char *from = p;

	while (p < end && !strchr(special, *p))
		p++;
	*r = put(e, from, (size_t)(p - from));
	return p;
}

static const char *double_quoted(struct expansion *e, const char *p, const char *end,
				 int *r)
{
	*r = put(e, "", 0);
	while (*r >= 0 && p < end && *p != '"') {
		if (*p == '$') {
			p = variable(e, p + 1, end, true, r);
		} else if (*p == '\\' && p + 1 < end && strchr("\\\"$\n", p[1])) {
			*r = put(e, p + 1, p[1] != '\n');
			p += 2;
		} else if (*p == '\\') {
			*r = put(e, p++, 1);
		} else {
			p = plain(e, p, end, "\\\"$", r);
		}
	}
	return p < end ? p + 1 : end;
}

int wb_grub_expand(const struct wb_grub_env *env, const struct wb_grub_token *token,
		   struct wb_grub_args *args)
{
	struct expansion e = { env, args, false };
	const char *p = token->text, *end = p + token->size;
	int r = 0;

	if (args->n >= ARGS_MAX)
		return 0;
	while (r >= 0 && p < end) {
		if (*p == '\'') {
			p = single_quoted(&e, p + 1, end, &r);
		} else if (*p == '"') {
			p = double_quoted(&e, p + 1, end, &r);
		} else if (*p == '$') {
			p = variable(&e, p + 1, end, false, &r);
		} else if (*p == '\\') {
			p++;
			r = put(&e, p, p < end);
			p += p < end;
		} else {
			p = plain(&e, p, end, "'\"$\\", &r);
		}
	}
	return r;
}

void wb_grub_args_done(struct wb_grub_args *args)
{
	for (size_t i = 0; i < args->n; i++) {
		free(args->items[i].text);
		free(args->items[i].unknown);
	}
	free(args->items);
	*args = (struct wb_grub_args){ 0 };
}
