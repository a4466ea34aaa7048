/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The commands of GRUB that decide about variables. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/grub/boot.h"
#include "facts/grub/exec.h"
#include "facts/grub/grubenv.h"

/* An environment block has 1024 bytes. */
#define ENV_VARIABLES_MAX 200

/* Is @value what grub-reboot(8) left? It did so in saved_entry before GRUB 2.00. */
static bool is_oneshot(const struct wb_grub_exec *x, const char *value)
{
	const char *next = wb_grub_env_get(&x->env, "next_entry");
	const char *saved = wb_grub_env_get(&x->env, "saved_entry");
	const char *previous = wb_grub_env_get(&x->env, "prev_saved_entry");

	if (!value || !*value)
		return false;
	return (next && strcmp(next, value) == 0) ||
	       (previous && *previous && saved && strcmp(saved, value) == 0);
}

int wb_grub_assign(struct wb_grub_exec *x, const char *name,
		   const struct wb_grub_arg *arg, const char *value,
		   enum wb_grub_mode mode)
{
	const char *old = wb_grub_env_get(&x->env, name);
	bool oneshot;

	if (arg && arg->n_unknown > 0)
		value = NULL;
	if (mode == WB_GRUB_MAYBE && (!old || !value || strcmp(old, value) != 0))
		value = NULL;
	oneshot = strcmp(name, "default") == 0 && is_oneshot(x, value);
	return wb_grub_env_set(&x->env, name, value, oneshot);
}

static int set(struct wb_grub_exec *x, const struct wb_grub_args *args,
	       const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	const struct wb_grub_arg *arg = args->n > 1 ? &args->items[1] : NULL;
	const char *equal = arg ? strchr(arg->text, '=') : NULL;
	_cleanup_free_ char *name = NULL;
	int r = 0;

	(void)block;
	x->status = WB_GRUB_TRUE;
	if (!equal)
		return 0;
	name = strndup(arg->text, (size_t)(equal - arg->text));
	if (!name)
		return -ENOMEM;
	/* A device of the firmware: no search has found it. */
	if (strcmp(name, "root") == 0)
		r = wb_grub_assign(x, WB_GRUB_FS_UUID, NULL, "", mode);
	return r < 0 ? r : wb_grub_assign(x, name, arg, equal + 1, mode);
}

static int unset(struct wb_grub_exec *x, const struct wb_grub_args *args,
		 const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	int r = 0;

	(void)block;
	for (size_t i = 1; r >= 0 && i < args->n; i++)
		r = wb_grub_assign(x, args->items[i].text, NULL, "", mode);
	x->status = WB_GRUB_TRUE;
	return r;
}

static int export(struct wb_grub_exec *x, const struct wb_grub_args *args,
		  const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	int r = 0;

	(void)block;
	(void)mode;
	for (size_t i = 1; r >= 0 && i < args->n; i++)
		r = wb_grub_env_export(&x->env, args->items[i].text);
	x->status = WB_GRUB_TRUE;
	return r;
}

static int test(struct wb_grub_exec *x, const struct wb_grub_args *args,
		const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	size_t n = args->n - 1;

	(void)block;
	(void)mode;
	if (n > 0 && strcmp(args->items[n].text, "]") == 0)
		n--;
	return wb_grub_test(x, args->items + 1, n, &x->status);
}

/* An environment block that is not here: on btrfs it stands in the boot area. */
static int load_unknown(struct wb_grub_exec *x, char *const *names)
{
	static const char *const usual[] = { "next_entry", "saved_entry",
					     "prev_saved_entry" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(usual); i++)
		r = wb_grub_env_set(&x->env, usual[i], NULL, false);
	for (; r >= 0 && names && *names; names++)
		r = wb_grub_env_set(&x->env, *names, NULL, false);
	return r;
}

/* What GRUB writes back when it has read it: nothing is left of the one-shot entry. */
static int read_later(const struct wb_grub_exec *x, const char *name, char **ret)
{
	_cleanup_free_ char *previous = NULL;
	int r = wb_grubenv_get(x->input->grubenv, "prev_saved_entry", &previous);

	if (r < 0)
		return r;
	if (previous && *previous && strcmp(name, "saved_entry") == 0)
		*ret = TAKE_PTR(previous);
	else if (strcmp(name, "next_entry") == 0 || strcmp(name, "prev_saved_entry") == 0)
		r = wb_set_format(ret, "%s", "");
	else
		r = wb_grubenv_get(x->input->grubenv, name, ret);
	return r;
}

static int load_variable(struct wb_grub_exec *x, const char *line, char *const *names,
			 enum wb_grub_mode mode)
{
	size_t n = strcspn(line, "=\n");
	_cleanup_free_ char *name = NULL, *value = NULL;
	int r;

	if (*line == '#' || line[n] != '=' || n == 0)
		return 0;
	name = strndup(line, n);
	if (!name)
		return -ENOMEM;
	if (names && !wb_strv_contains(names, name))
		return 0;
	r = x->input->later ? read_later(x, name, &value)
			    : wb_grubenv_get(x->input->grubenv, name, &value);
	if (r < 0 || !value)
		return r;
	return wb_grub_assign(x, name, NULL, value, mode);
}

static int load_known(struct wb_grub_exec *x, char *const *names, enum wb_grub_mode mode)
{
	const char *line = x->input->grubenv;
	int r = 0;

	x->status = line ? WB_GRUB_TRUE : WB_GRUB_FALSE;
	for (int i = 0; r >= 0 && line && *line && i < ENV_VARIABLES_MAX; i++) {
		r = load_variable(x, line, names, mode);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return r;
}

/* load_env [-f FILE] [--skip-sig] [NAME...] */
static int load_env(struct wb_grub_exec *x, const struct wb_grub_args *args,
		    const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	_cleanup_strv_ char **names = NULL;
	const char *file = "/grubenv";
	int r = 0;

	(void)block;
	for (size_t i = 1; r >= 0 && i < args->n; i++) {
		const char *word = args->items[i].text;

		if (strcmp(word, "-f") == 0 || strcmp(word, "--file") == 0)
			file = i + 1 < args->n ? args->items[++i].text : "";
		else if (wb_startswith(word, "--file="))
			file = word;
		else if (*word != '-')
			r = wb_strv_append(&names, word);
	}
	if (r < 0)
		return r;
	return wb_endswith(file, "/grubenv") ? load_known(x, names, mode)
					     : load_unknown(x, names);
}

/* source FILE */
static int source(struct wb_grub_exec *x, const struct wb_grub_args *args,
		  const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	_cleanup_free_ char *text = NULL;
	int r;

	(void)block;
	if (args->n > 1 && x->input->custom &&
	    wb_endswith(args->items[1].text, "/custom.cfg"))
		return wb_grub_exec_text(x, x->input->custom, mode);
	r = args->n > 1 ? wb_grub_look(x, &args->items[1], &text) : -ENODATA;
	if (r == -ENOMEM)
		return r;
	if (text)
		return wb_grub_exec_own_text(x, TAKE_PTR(text), mode);
	/* One that is not there is an error to GRUB, and the script goes on. */
	if (r != 0)
		x->script->incomplete = x->env.open = true;
	return 0;
}

/* search [--fs-uuid] [--set[=NAME]] [--hint=DEVICE...] UUID */
static int search(struct wb_grub_exec *x, const struct wb_grub_args *args,
		  const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	const struct wb_grub_arg *found = NULL;
	const char *variable = "root";
	bool by_uuid = false;
	int r;

	(void)block;
	for (size_t i = 1; i < args->n; i++) {
		const char *word = args->items[i].text;

		if (*word != '-')
			found = &args->items[i];
		else if (strcmp(word, "--fs-uuid") == 0 || strcmp(word, "-u") == 0)
			by_uuid = true;
		else if (wb_startswith(word, "--set="))
			variable = wb_startswith(word, "--set=");
	}
	x->status = WB_GRUB_UNKNOWN;
	r = wb_grub_env_set(&x->env, variable, NULL, false);
	if (r < 0 || strcmp(variable, "root") != 0)
		return r;
	return wb_grub_assign(x, WB_GRUB_FS_UUID, found,
			      by_uuid && found ? found->text : "", mode);
}

static int succeed(struct wb_grub_exec *x, const struct wb_grub_args *args,
		   const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	(void)args;
	(void)block;
	(void)mode;
	x->status = WB_GRUB_TRUE;
	return 0;
}

static int fail(struct wb_grub_exec *x, const struct wb_grub_args *args,
		const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	(void)args;
	(void)block;
	(void)mode;
	x->status = WB_GRUB_FALSE;
	return 0;
}

static int blscfg(struct wb_grub_exec *x, const struct wb_grub_args *args,
		  const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	(void)args;
	(void)block;
	(void)mode;
	x->script->uses_blscfg = true;
	return 0;
}

/* Commands that make commands, or end them early. */
static int obscure(struct wb_grub_exec *x, const struct wb_grub_args *args,
		   const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	(void)block;
	(void)mode;
	x->env.open = true;
	if (!x->entry) {
		x->script->incomplete = true;
		return 0;
	}
	return wb_grub_entry_problem(x->entry, "it uses %s, which only GRUB can follow",
				     args->items[0].text);
}

static const struct wb_grub_command commands[] = {
	{ "[", test },
	{ "test", test },
	{ "set", set },
	{ "unset", unset },
	{ "export", export },
	{ "load_env", load_env },
	{ "save_env", succeed },
	{ "source", source },
	{ ".", source },
	{ "search", search },
	{ "true", succeed },
	{ "false", fail },
	{ "echo", succeed },
	{ "blscfg", blscfg },
	{ "eval", obscure },
	{ "return", obscure },
	{ "break", obscure },
	{ "continue", obscure },
	{ "setparams", obscure },
	{ "shift", obscure },
};

const struct wb_grub_command *wb_grub_command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return wb_grub_boot_command_find(name);
}

/* "probe --set=NAME", "regexp -s 1:NAME", "read NAME", and "hwmatch" its own. */
int wb_grub_command_unknown(struct wb_grub_exec *x, const struct wb_grub_args *args)
{
	bool is_name = strcmp(args->items[0].text, "read") == 0;
	int r = 0;

	if (strcmp(args->items[0].text, "hwmatch") == 0)
		r = wb_grub_env_set(&x->env, "match", NULL, false);
	for (size_t i = 1; r >= 0 && i < args->n; i++) {
		const char *word = args->items[i].text;
		const char *name = wb_startswith(word, "--set=");

		if (name || is_name) {
			const char *colon = strchr(name ? name : word, ':');

			name = colon ? colon + 1 : name ? name : word;
			r = wb_grub_env_set(&x->env, name, NULL, false);
		}
		is_name = strcmp(word, "-s") == 0 || strcmp(word, "--set") == 0;
	}
	return r;
}
