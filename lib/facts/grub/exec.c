/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The course of a script: conditions, loops and functions (grub-core/script/parser.y). */

#include "facts/grub/exec.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define DEPTH_MAX     50
#define COMMANDS_MAX  200000
#define FUNCTIONS_MAX 200

static int commands(struct wb_grub_exec *x, struct wb_grub_block *b,
		    enum wb_grub_mode mode);

static enum wb_grub_mode lower(enum wb_grub_mode a, enum wb_grub_mode b)
{
	return a < b ? a : b;
}

static const struct wb_grub_token *peek(const struct wb_grub_block *b)
{
	return b->pos < b->end ? &b->tokens->items[b->pos] : NULL;
}

static bool accept(struct wb_grub_block *b, const char *word)
{
	const struct wb_grub_token *t = peek(b);

	if (!t || !wb_grub_token_is(t, word))
		return false;
	b->pos++;
	return true;
}

static void skip_separators(struct wb_grub_block *b)
{
	while (peek(b) && peek(b)->type == WB_GRUB_SEPARATOR)
		b->pos++;
}

/* Take "{ ... }"; one that is not closed ends with the text, or with what is around it.
 */
static bool take_block(struct wb_grub_block *b, struct wb_grub_block *ret)
{
	const struct wb_grub_token *t = peek(b);
	size_t match;

	if (!t || t->type != WB_GRUB_OPEN)
		return false;
	match = t->match < b->end ? t->match : b->end;
	*ret = (struct wb_grub_block){ b->tokens, b->pos + 1, match,
				       t->match >= b->tokens->n };
	b->pos = match < b->end ? match + 1 : match;
	return true;
}

static const struct wb_grub_function *find_function(const struct wb_grub_exec *x,
						    const char *name)
{
	/* The last of one name is the one. */
	for (size_t i = x->n_functions; i > 0; i--)
		if (strcmp(x->functions[i - 1].name, name) == 0)
			return &x->functions[i - 1];
	return NULL;
}

static int set_positional(struct wb_grub_exec *x, const struct wb_grub_args *args)
{
	int r = 0;

	for (size_t i = 1; r >= 0 && i < 10; i++) {
		const char name[] = { (char)('0' + i), '\0' };
		const struct wb_grub_arg *arg = i < args->n ? &args->items[i] : NULL;

		r = wb_grub_env_set(&x->env, name,
				    !arg             ? ""
				    : arg->n_unknown ? NULL
						     : arg->text,
				    false);
	}
	return r;
}

static int call(struct wb_grub_exec *x, const struct wb_grub_args *args,
		const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	const char *name = args->items[0].text;
	const struct wb_grub_command *command = wb_grub_command_find(name);
	const struct wb_grub_function *function;
	int r;

	x->status = WB_GRUB_UNKNOWN;
	if (command)
		return command->run(x, args, block, mode);
	function = find_function(x, name);
	if (!function)
		return wb_grub_command_unknown(x, args);
	r = set_positional(x, args);
	return r < 0 ? r : wb_grub_exec_block(x, function->block, mode);
}

static bool is_assignment(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz_"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return n > 0 && word[n] == '=' && (*word < '0' || *word > '9');
}

static int assign(struct wb_grub_exec *x, const struct wb_grub_arg *arg,
		  enum wb_grub_mode mode)
{
	const char *equal = strchr(arg->text, '=');
	_cleanup_free_ char *name = strndup(arg->text, (size_t)(equal - arg->text));

	x->status = WB_GRUB_TRUE;
	return name ? wb_grub_assign(x, name, arg, equal + 1, mode) : -ENOMEM;
}

static int simple_command(struct wb_grub_exec *x, struct wb_grub_block *b,
			  enum wb_grub_mode mode)
{
	_cleanup_(wb_grub_args_done) struct wb_grub_args args = { 0 };
	struct wb_grub_block block = { 0 };
	const struct wb_grub_token *t;
	int r = 0;

	while (r >= 0 && (t = peek(b)) && t->type == WB_GRUB_WORD) {
		if (mode != WB_GRUB_SKIP)
			r = wb_grub_expand(&x->env, t, &args);
		b->pos++;
	}
	take_block(b, &block);
	if (r < 0 || args.n == 0)
		return r;
	if (is_assignment(args.items[0].text))
		return assign(x, &args.items[0], mode);
	return call(x, &args, &block, mode);
}

/* How a part runs of which only the condition says whether. */
static enum wb_grub_mode branch(enum wb_grub_truth condition, enum wb_grub_mode mode)
{
	if (condition == WB_GRUB_FALSE)
		return WB_GRUB_SKIP;
	return condition == WB_GRUB_TRUE ? mode : lower(mode, WB_GRUB_MAYBE);
}

/* Behind "if"; @mode is what is left for a branch after those before it. */
static int conditional(struct wb_grub_exec *x, struct wb_grub_block *b,
		       enum wb_grub_mode mode)
{
	enum wb_grub_truth condition;
	int r;

	do {
		r = commands(x, b, mode);
		condition = x->status;
		if (r >= 0 && accept(b, "then"))
			r = commands(x, b, branch(condition, mode));
		mode = branch(wb_grub_not(condition), mode);
	} while (r >= 0 && accept(b, "elif"));
	if (r >= 0 && accept(b, "else"))
		r = commands(x, b, mode);
	accept(b, "fi");
	x->status = WB_GRUB_UNKNOWN;
	return r;
}

/* How often it runs is not known, so neither is what it sets. */
static int loop(struct wb_grub_exec *x, struct wb_grub_block *b, enum wb_grub_mode mode)
{
	int r = commands(x, b, lower(mode, WB_GRUB_MAYBE));

	if (r >= 0 && accept(b, "do"))
		r = commands(x, b, lower(mode, WB_GRUB_MAYBE));
	accept(b, "done");
	x->status = WB_GRUB_UNKNOWN;
	return r;
}

static int for_loop(struct wb_grub_exec *x, struct wb_grub_block *b,
		    enum wb_grub_mode mode)
{
	const struct wb_grub_token *t = peek(b);
	_cleanup_free_ char *name = NULL;
	int r;

	if (!t || t->type != WB_GRUB_WORD)
		return 0;
	name = strndup(t->text, t->size);
	if (!name)
		return -ENOMEM;
	r = mode == WB_GRUB_SKIP ? 0 : wb_grub_env_set(&x->env, name, NULL, false);
	while (peek(b) && peek(b)->type == WB_GRUB_WORD)
		b->pos++;
	return r < 0 ? r : loop(x, b, mode);
}

static int function(struct wb_grub_exec *x, struct wb_grub_block *b,
		    enum wb_grub_mode mode)
{
	const struct wb_grub_token *t = peek(b);
	struct wb_grub_function *grown, fresh = { 0 };

	if (!t || t->type != WB_GRUB_WORD)
		return 0;
	b->pos++;
	skip_separators(b);
	if (!take_block(b, &fresh.block) || mode == WB_GRUB_SKIP ||
	    x->n_functions >= FUNCTIONS_MAX)
		return 0;
	grown = reallocarray(x->functions, x->n_functions + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	x->functions = grown;
	fresh.name = strndup(t->text, t->size);
	if (!fresh.name)
		return -ENOMEM;
	grown[x->n_functions++] = fresh;
	return 0;
}

static int command(struct wb_grub_exec *x, struct wb_grub_block *b,
		   enum wb_grub_mode mode)
{
	static const struct {
		const char *word;
		int (*run)(struct wb_grub_exec *x, struct wb_grub_block *b,
			   enum wb_grub_mode mode);
	} words[] = {
		{ "if", conditional }, { "for", for_loop },      { "while", loop },
		{ "until", loop },     { "function", function },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (accept(b, words[i].word))
			return words[i].run(x, b, mode);
	return simple_command(x, b, mode);
}

static int negated(struct wb_grub_exec *x, struct wb_grub_block *b,
		   enum wb_grub_mode mode)
{
	bool negate = false;
	int r;

	while (accept(b, "!"))
		negate = !negate;
	r = command(x, b, mode);
	if (negate)
		x->status = wb_grub_not(x->status);
	return r;
}

static bool ends_commands(const struct wb_grub_token *t)
{
	static const char *const words[] = { "then", "elif", "else", "fi", "do", "done" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (wb_grub_token_is(t, words[i]))
			return true;
	return false;
}

static bool is_exhausted(struct wb_grub_exec *x)
{
	if (x->depth <= DEPTH_MAX && x->n_commands <= COMMANDS_MAX)
		return false;
	/* What was not read may say anything. */
	x->script->incomplete = x->env.open = true;
	return true;
}

/* Up to a word that belongs to who called, which is left there. */
static int commands(struct wb_grub_exec *x, struct wb_grub_block *b,
		    enum wb_grub_mode mode)
{
	const struct wb_grub_token *t;
	int r = 0;

	x->depth++;
	while (r >= 0 && (t = peek(b))) {
		if (t->type == WB_GRUB_WORD && ends_commands(t))
			break;
		x->n_commands++;
		if (is_exhausted(x))
			b->pos = b->end;
		else if (t->type == WB_GRUB_WORD)
			r = negated(x, b, mode);
		else
			b->pos++;
	}
	x->depth--;
	return r;
}

int wb_grub_exec_block(struct wb_grub_exec *x, struct wb_grub_block block,
		       enum wb_grub_mode mode)
{
	int r = 0;

	/* A "fi" without its "if" is passed over. */
	for (; r >= 0 && block.pos < block.end; block.pos++)
		r = commands(x, &block, mode);
	return r;
}
