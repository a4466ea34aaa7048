/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/grub/script.h"

#include <errno.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/grub/boot.h"
#include "facts/grub/exec.h"

static int run_menu(struct wb_grub_exec *x, struct wb_grub_menu *menu);

/* The file system in which its paths are looked for. */
static int take_fs_uuid(struct wb_grub_exec *x, struct wb_grub_entry *entry)
{
	const char *uuid = wb_grub_env_get(&x->env, WB_GRUB_FS_UUID);

	return uuid && *uuid ? wb_set_format(&entry->fs_uuid, "%s", uuid) : 0;
}

static int run_submenu(struct wb_grub_exec *x, struct wb_grub_entry *entry,
		       struct wb_grub_block block)
{
	struct wb_grub_menu *outer = x->menu;
	int r;

	x->menu = &entry->submenu;
	r = wb_grub_exec_block(x, block,
			       entry->conditional ? WB_GRUB_MAYBE : WB_GRUB_RUN);
	x->menu = outer;
	return r < 0 ? r : run_menu(x, &entry->submenu);
}

static int run_block(struct wb_grub_exec *x, struct wb_grub_entry *entry,
		     struct wb_grub_block block)
{
	int r;

	x->entry = entry;
	r = wb_grub_exec_block(x, block, WB_GRUB_RUN);
	x->entry = NULL;
	if (r >= 0)
		r = take_fs_uuid(x, entry);
	if (r >= 0 && entry->cut)
		r = wb_grub_entry_problem(entry, "%s ends before its entry does",
					  "the text");
	if (r >= 0 && entry->conditional)
		r = wb_grub_entry_problem(entry,
					  "a condition that only GRUB can decide %s",
					  "says whether it is in the menu");
	return r;
}

/* Each entry starts from what the menu left, and a submenu from what that exported. */
static int run_entry(struct wb_grub_exec *x, struct wb_grub_entry *entry)
{
	struct wb_grub_block block = { entry->tokens, entry->begin, entry->end,
				       entry->cut };
	struct wb_grub_env outer = x->env;
	int r = wb_grub_env_copy(&outer, entry->is_submenu, &x->env);

	if (r < 0) {
		x->env = outer;
		return r;
	}
	r = entry->is_submenu ? run_submenu(x, entry, block) : run_block(x, entry, block);
	entry->tokens = NULL;
	wb_grub_env_done(&x->env);
	x->env = outer;
	return r;
}

static int run_menu(struct wb_grub_exec *x, struct wb_grub_menu *menu)
{
	int r = 0;

	x->depth++;
	for (size_t i = 0; r >= 0 && i < menu->n; i++)
		r = run_entry(x, &menu->entries[i]);
	x->depth--;
	return r;
}

static int take_default(const struct wb_grub_exec *x, struct wb_grub_script *script)
{
	const char *value = wb_grub_env_get(&x->env, "default");

	script->oneshot = wb_grub_env_is_oneshot(&x->env, "default");
	return value ? wb_set_format(&script->default_value, "%s", value) : 0;
}

static int prepare(struct wb_grub_exec *x)
{
	int r = wb_grub_env_set(&x->env, WB_GRUB_FS_UUID, "", false);

	if (r >= 0)
		r = wb_grub_env_export(&x->env, WB_GRUB_FS_UUID);
	if (r >= 0 && x->input->platform)
		r = wb_grub_env_set(&x->env, "grub_platform", x->input->platform, false);
	if (r >= 0 && x->input->platform)
		r = wb_grub_env_export(&x->env, "grub_platform");
	return r;
}

static int read_once(const struct wb_grub_input *input, struct wb_grub_script *ret)
{
	struct wb_grub_script script = { 0 };
	struct wb_grub_exec x = { .input = input,
				  .script = &script,
				  .menu = &script.menu };
	int r = prepare(&x);

	if (r >= 0)
		r = wb_grub_exec_text(&x, input->text, WB_GRUB_RUN);
	if (r >= 0)
		r = take_default(&x, &script);
	if (r >= 0)
		r = run_menu(&x, &script.menu);
	wb_grub_exec_done(&x);
	if (r < 0)
		wb_grub_script_done(&script);
	else
		*ret = script;
	return r;
}

int wb_grub_script_read(const struct wb_grub_input *input, struct wb_grub_script *ret)
{
	_cleanup_(wb_grub_script_done) struct wb_grub_script after = { 0 };
	struct wb_grub_input later = *input;
	int r = read_once(input, ret);

	if (r < 0 || !ret->oneshot)
		return r;
	later.later = true;
	r = read_once(&later, &after);
	if (r < 0)
		wb_grub_script_done(ret);
	else
		ret->later_value = TAKE_PTR(after.default_value);
	return r;
}

static void menu_done(struct wb_grub_menu *menu)
{
	for (size_t i = 0; i < menu->n; i++) {
		struct wb_grub_entry *e = &menu->entries[i];

		menu_done(&e->submenu);
		free(e->id);
		free(e->title);
		free(e->linux);
		wb_strv_free(e->initrd);
		free(e->options);
		free(e->fs_uuid);
		free(e->loader);
		free(e->problem);
	}
	free(menu->entries);
}

void wb_grub_script_done(struct wb_grub_script *script)
{
	menu_done(&script->menu);
	free(script->default_value);
	free(script->later_value);
	*script = (struct wb_grub_script){ 0 };
}
