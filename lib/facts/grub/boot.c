/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/grub/boot.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

#define ENTRIES_MAX 500

int wb_grub_entry_problem(struct wb_grub_entry *entry, const char *format,
			  const char *word)
{
	const char *place = strstr(format, "%s");

	if (entry->problem)
		return 0;
	return wb_set_format(&entry->problem, "%.*s%s%s", (int)(place - format), format,
			     word, place + strlen("%s"));
}

static int check_known(struct wb_grub_entry *entry, const struct wb_grub_arg *arg)
{
	if (arg->n_unknown == 0)
		return 0;
	return wb_grub_entry_problem(entry, "it needs $%s, which only GRUB knows",
				     arg->unknown);
}

static int check_mode(struct wb_grub_entry *entry, const char *command,
		      enum wb_grub_mode mode)
{
	if (mode == WB_GRUB_RUN)
		return 0;
	return wb_grub_entry_problem(
		entry, "its %s depends on a condition that only GRUB can decide",
		command);
}

/* Is it "($root)", which is where paths begin anyway? */
static const char *skip_root(const struct wb_grub_exec *x, const struct wb_grub_arg *arg)
{
	const char *root = wb_grub_env_get(&x->env, "root");
	const char *p = wb_startswith(arg->text, "(");

	if (!p)
		return NULL;
	if (!root)
		return arg->n_unknown == 1 && strcmp(arg->unknown, "root") == 0 &&
				       *p == ')'
			       ? p + 1
			       : NULL;
	p = arg->n_unknown == 0 ? wb_startswith(p, root) : NULL;
	return p && *p == ')' ? p + 1 : NULL;
}

static int take_path(struct wb_grub_exec *x, const struct wb_grub_arg *arg, char **ret)
{
	const char *path = skip_root(x, arg);
	int r = path ? 0 : check_known(x->entry, arg);

	if (r < 0)
		return r;
	free(*ret);
	*ret = strdup(path ? path : arg->text);
	return *ret ? 0 : -ENOMEM;
}

/* grub-core/lib/cmdline.c: quotes where there is a space, a backslash before the rest;
 * but \x20 is left alone, as systemd writes it. */
static void put_option(FILE *f, const char *word)
{
	bool quotes = strchr(word, ' ');

	if (quotes)
		fputc('"', f);
	for (; *word; word++) {
		bool is_hex = *word == '\\' && word[1] == 'x' &&
			      isxdigit((unsigned char)word[2]) &&
			      isxdigit((unsigned char)word[3]);

		if (strchr("\\'\"", *word) && !is_hex)
			fputc('\\', f);
		fputc(*word, f);
	}
	if (quotes)
		fputc('"', f);
}

/* Ubuntu's word for a screen that the firmware has set up already. It has no value that
 * would hold for a start without firmware. */
static bool is_hint(const struct wb_grub_arg *arg)
{
	return arg->size == 0 && arg->n_unknown == 1 &&
	       strcmp(arg->unknown, "vt_handoff") == 0;
}

static int take_options(struct wb_grub_entry *entry, const struct wb_grub_arg *args,
			size_t n)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int r = 0;

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (is_hint(&args[i]))
			continue;
		r = check_known(entry, &args[i]);
		if (ftell(f) > 0)
			fputc(' ', f);
		put_option(f, args[i].text);
	}
	if (fclose(f) != 0)
		r = -ENOMEM;
	free(entry->options);
	entry->options = text;
	return r;
}

/* linux PATH OPTION... */
static int run_linux(struct wb_grub_exec *x, const struct wb_grub_args *args,
		     const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	int r;

	(void)block;
	if (!x->entry || args->n < 2)
		return 0;
	r = take_path(x, &args->items[1], &x->entry->linux);
	if (r >= 0)
		r = take_options(x->entry, args->items + 2, args->n - 2);
	if (r >= 0)
		r = check_mode(x->entry, "kernel", mode);
	/* It forgets what was loaded before. */
	wb_strv_free(TAKE_PTR(x->entry->initrd));
	return r;
}

/* initrd PATH... */
static int run_initrd(struct wb_grub_exec *x, const struct wb_grub_args *args,
		      const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	int r;

	(void)block;
	if (!x->entry)
		return 0;
	wb_strv_free(TAKE_PTR(x->entry->initrd));
	r = check_mode(x->entry, "initramfs", mode);
	for (size_t i = 1; r >= 0 && i < args->n; i++) {
		_cleanup_free_ char *path = NULL;

		r = take_path(x, &args->items[i], &path);
		if (r >= 0 && wb_startswith(path, "newc:"))
			r = wb_grub_entry_problem(x->entry, "GRUB makes %s for it itself",
						  path);
		if (r >= 0 && !wb_startswith(path, "--"))
			r = wb_strv_append(&x->entry->initrd, path);
	}
	return r;
}

/* What hands over to something else than a kernel of Linux. */
static int run_loader(struct wb_grub_exec *x, const struct wb_grub_args *args,
		      const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	const char *name = args->items[0].text;

	(void)block;
	(void)mode;
	if (!x->entry) {
		/* "fwsetup --is-supported" starts nothing; another menu is another. */
		x->script->incomplete =
			x->script->incomplete || wb_endswith(name, "configfile");
		return 0;
	}
	return x->entry->loader ? 0 : wb_set_format(&x->entry->loader, "%s", name);
}

static int set_name(struct wb_grub_entry *entry, char **name,
		    const struct wb_grub_arg *arg)
{
	free(*name);
	*name = strdup(arg->text);
	return *name ? check_known(entry, arg) : -ENOMEM;
}

/* The options of "menuentry" that have a value behind them. */
static bool has_value(const char *option)
{
	static const char *const options[] = { "--class", "--users", "--hotkey",
					       "--source" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcmp(option, options[i]) == 0)
			return true;
	return false;
}

static int name_entry(struct wb_grub_entry *entry, const struct wb_grub_args *args)
{
	int r = 0;

	for (size_t i = 1; r >= 0 && i < args->n; i++) {
		const struct wb_grub_arg *arg = &args->items[i];

		if (strcmp(arg->text, "--id") == 0 && i + 1 < args->n)
			r = set_name(entry, &entry->id, &args->items[++i]);
		else if (has_value(arg->text))
			i++;
		else if (!wb_startswith(arg->text, "--") && !entry->title)
			r = set_name(entry, &entry->title, arg);
		else if (wb_startswith(arg->text, "--id="))
			r = wb_set_format(&entry->id, "%s", arg->text + strlen("--id="));
	}
	if (r >= 0 && !entry->title)
		r = wb_set_format(&entry->title, "%s", "");
	return r;
}

static int add_entry(struct wb_grub_exec *x, const struct wb_grub_args *args,
		     const struct wb_grub_block *block, enum wb_grub_mode mode)
{
	struct wb_grub_menu *menu = x->menu;
	struct wb_grub_entry *entry, *grown;

	/* In GRUB an entry of an entry is for nobody to see. */
	if (x->entry || !block->tokens)
		return 0;
	if (x->n_entries++ >= ENTRIES_MAX) {
		x->script->incomplete = true;
		return 0;
	}
	grown = reallocarray(menu->entries, menu->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	menu->entries = grown;
	entry = &grown[menu->n++];
	*entry = (struct wb_grub_entry){ .tokens = block->tokens,
					 .begin = block->pos,
					 .end = block->end,
					 .conditional = mode != WB_GRUB_RUN,
					 .cut = block->cut };
	entry->is_submenu = strcmp(args->items[0].text, "submenu") == 0;
	return name_entry(entry, args);
}

static const struct wb_grub_command commands[] = {
	{ "menuentry", add_entry },       { "submenu", add_entry },
	{ "linux", run_linux },           { "linux16", run_linux },
	{ "linuxefi", run_linux },        { "initrd", run_initrd },
	{ "initrd16", run_initrd },       { "initrdefi", run_initrd },
	{ "appleloader", run_loader },    { "chainloader", run_loader },
	{ "configfile", run_loader },     { "exit", run_loader },
	{ "fwsetup", run_loader },        { "halt", run_loader },
	{ "kfreebsd", run_loader },       { "legacy_configfile", run_loader },
	{ "multiboot", run_loader },      { "multiboot2", run_loader },
	{ "ntldr", run_loader },          { "reboot", run_loader },
	{ "xen_hypervisor", run_loader },
};

const struct wb_grub_command *wb_grub_boot_command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}
