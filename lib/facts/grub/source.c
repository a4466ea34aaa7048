/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The texts that a script is made of: its own, and those that it takes in. All of them
 * stay until its end, since functions and menu entries point into them. */

#include <errno.h>
#include <string.h>

#include "facts/grub/exec.h"

#define SOURCES_MAX 16

static int exec_source(struct wb_grub_exec *x, const char *text,
		       struct wb_grub_source **ret, enum wb_grub_mode mode)
{
	struct wb_grub_source *source;
	int r;

	*ret = NULL;
	if (x->n_sources++ >= SOURCES_MAX) {
		x->script->incomplete = x->env.open = true;
		return 0;
	}
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->next = x->sources;
	x->sources = source;
	*ret = source;
	r = wb_grub_lex(text, &source->tokens);
	if (r < 0)
		return r;
	return wb_grub_exec_block(x,
				  (struct wb_grub_block){ &source->tokens, 0,
							  source->tokens.n, false },
				  mode);
}

int wb_grub_exec_text(struct wb_grub_exec *x, const char *text, enum wb_grub_mode mode)
{
	struct wb_grub_source *source;

	return exec_source(x, text, &source, mode);
}

int wb_grub_exec_own_text(struct wb_grub_exec *x, char *text, enum wb_grub_mode mode)
{
	struct wb_grub_source *source;
	int r = exec_source(x, text, &source, mode);

	if (source)
		source->text = text;
	else
		free(text);
	return r;
}

void wb_grub_exec_done(struct wb_grub_exec *x)
{
	wb_grub_env_done(&x->env);
	for (size_t i = 0; i < x->n_functions; i++)
		free(x->functions[i].name);
	free(x->functions);
	while (x->sources) {
		struct wb_grub_source *next = x->sources->next;

		wb_grub_tokens_done(&x->sources->tokens);
		free(x->sources->text);
		free(x->sources);
		x->sources = next;
	}
}
