/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which of the entries the boot loader would start. LoaderEntrySelected is not asked: it
 * says what the firmware's boot chose, and stays so through every kexec.
 */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/efivar.h"
#include "facts/bls/menu.h"
#include "facts/grub/script.h"

/* --- which boot loader ------------------------------------------------------------ */

#define GRUBENV_SIZE_MAX 65536

static const char *const grub_folders[] = { "boot/grub2", "boot/grub" };

/* NULL in @ret: it is not there, or cannot be read, which is 1. */
static int read_text(const struct wb_root *root, const char *folder, const char *name,
		     char **ret)
{
	_cleanup_free_ char *path = wb_format("%s/%s", folder, name);
	int r;

	*ret = NULL;
	r = path ? wb_root_read(root, path, ret, NULL) : -ENOMEM;
	if (r >= 0 || r == -ENOENT || r == -ENOTDIR)
		return 0;
	return r == -ENOMEM ? r : 1;
}

/* GRUB writes 1024 bytes; each variable is looked for in all of it. */
static int read_grubenv(struct wb_bls_menu *menu, const char *folder)
{
	int r = read_text(menu->root, folder, "grubenv", &menu->grubenv);

	menu->blind = menu->blind || r > 0;
	if (menu->grubenv && strlen(menu->grubenv) > GRUBENV_SIZE_MAX)
		menu->grubenv[GRUBENV_SIZE_MAX] = '\0';
	return r;
}

/* Take GRUB's files in @folder, unless there are some already that read entries. */
static int try_grub(struct wb_bls_menu *menu, const char *folder)
{
	_cleanup_free_ char *grubcfg = NULL;
	int r;

	if (menu->grub)
		return 0;
	r = read_text(menu->root, folder, "grub.cfg", &grubcfg);
	/* A file of "configfile" alone leads to another one, which is met here too. Of
	 * one that cannot be read nobody knows; its own reader says so. */
	if (r > 0 || (grubcfg && strstr(grubcfg, "menuentry")))
		menu->other = true;
	if (r >= 0 && !menu->grubenv)
		r = read_grubenv(menu, folder);
	if (r < 0 || !grubcfg || !strstr(grubcfg, "blscfg"))
		return r;
	menu->grub = true;
	menu->grubcfg = TAKE_PTR(grubcfg);
	return 0;
}

/* RHEL 8 and Fedora before 34 keep both files in the folder of the vendor. */
static int try_vendors(struct wb_bls_menu *menu)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(menu->root, "boot/efi/EFI", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *folder = wb_format("boot/efi/EFI/%s", *name);

		r = folder ? try_grub(menu, folder) : -ENOMEM;
	}
	return r;
}

int wb_bls_menu_read_loader(struct wb_bls_menu *menu)
{
	_cleanup_free_ char *info = NULL;
	int r = wb_efivar_get(menu->root, "LoaderInfo", &info);

	if (r < 0)
		return r;
	/* GRUB 2.12 says what it is as well. */
	menu->systemd_boot = info && wb_startswith(info, "systemd-boot");
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(grub_folders); i++)
		r = try_grub(menu, grub_folders[i]);
	if (r >= 0)
		r = try_vendors(menu);
	if (menu->systemd_boot)
		menu->grub = menu->other = false;
	return r;
}

/* --- marks ------------------------------------------------------------------------ */

static struct wb_kernel *first(struct wb_bls_menu *menu)
{
	for (size_t i = 0; i < menu->n; i++)
		if (menu->items[i].offered)
			return &menu->items[i].kernel;
	return NULL;
}

static void mark_default(struct wb_kernel *k)
{
	if (k)
		k->is_default = true;
}

static void mark_oneshot(struct wb_kernel *k)
{
	if (k)
		k->oneshot = true;
}

/* --- GRUB ------------------------------------------------------------------------- */

static struct wb_kernel *find_number(struct wb_bls_menu *menu, uint64_t number)
{
	for (size_t i = 0; i < menu->n; i++)
		if (menu->items[i].offered && number-- == 0)
			return &menu->items[i].kernel;
	return NULL;
}

/* By number, title or id. */
static struct wb_kernel *find_grub(struct wb_bls_menu *menu, const char *name)
{
	uint64_t number;

	if (wb_parse_u64(name, 10, &number) >= 0)
		return find_number(menu, number);
	for (size_t i = 0; i < menu->n; i++) {
		const struct wb_bls_item *item = &menu->items[i];
		const char *rest = wb_startswith(name, item->entry.id);

		if (item->offered &&
		    ((rest && (!*rest || strcmp(rest, ".conf") == 0)) ||
		     (item->kernel.title && strcmp(name, item->kernel.title) == 0)))
			return &menu->items[i].kernel;
	}
	return NULL;
}

static int run_grubcfg(const struct wb_bls_menu *menu, struct wb_grub_script *ret)
{
	const struct wb_grub_input input = {
		.text = menu->grubcfg,
		.grubenv = menu->grubenv,
		.platform = wb_root_exists(menu->root, "sys/firmware/efi") ? "efi" : NULL,
	};

	return wb_grub_script_read(&input, ret);
}

static int mark_grub(struct wb_bls_menu *menu)
{
	_cleanup_(wb_grub_script_done) struct wb_grub_script script = { 0 };
	const struct wb_grub_entry *own;
	struct wb_kernel *found;
	const char *name;
	int r = run_grubcfg(menu, &script);

	if (r < 0)
		return r;
	if (script.oneshot)
		mark_oneshot(find_grub(menu, script.default_value));
	name = script.oneshot ? script.later_value : script.default_value;
	/* Only GRUB knows; or it is an entry of grub.cfg's own. */
	if (!name || (wb_grub_script_later(&script, &own) == WB_GRUB_NAMED && own))
		return 0;
	found = *name ? find_grub(menu, name) : NULL;
	mark_default(found ? found : first(menu));
	return 0;
}

/* --- systemd-boot ----------------------------------------------------------------- */

static struct wb_kernel *find_pattern(struct wb_bls_menu *menu, const char *pattern)
{
	for (size_t i = 0; i < menu->n; i++)
		if (menu->items[i].offered &&
		    wb_bls_entry_matches(&menu->items[i].entry, pattern))
			return &menu->items[i].kernel;
	return NULL;
}

/* loader.conf is on the ESP. */
static int read_loader_conf(const struct wb_bls_menu *menu, char **ret)
{
	_cleanup_free_ char *text = NULL;
	int r = 0;

	*ret = NULL;
	for (char **top = menu->places.esps; r >= 0 && !text && top && *top; top++)
		r = read_text(menu->root, *top, "loader/loader.conf", &text);
	return r < 0 || !text ? r : wb_bls_loader_default(text, ret);
}

/* Mark what @pattern means; @ret_done: something has it. "@saved" stands for what was
 * chosen in the menu last. */
static int try_default(struct wb_bls_menu *menu, const char *pattern, bool *ret_done)
{
	_cleanup_free_ char *last = NULL;
	struct wb_kernel *found;
	int r;

	*ret_done = false;
	if (pattern && strcmp(pattern, "@saved") == 0) {
		r = wb_efivar_get(menu->root, "LoaderEntryLastBooted", &last);
		if (r < 0)
			return r;
		pattern = last;
	}
	if (!pattern)
		return 0;
	found = find_pattern(menu, pattern);
	mark_default(found);
	/* What systemd-boot finds by itself (another system, a shell) is none of these.
	 */
	*ret_done = found || wb_startswith(pattern, "auto-");
	return 0;
}

static int mark_systemd_boot(struct wb_bls_menu *menu)
{
	_cleanup_free_ char *next = NULL, *chosen = NULL, *configured = NULL;
	bool done = false;
	int r = wb_efivar_get(menu->root, "LoaderEntryOneShot", &next);

	if (r >= 0)
		r = wb_efivar_get(menu->root, "LoaderEntryDefault", &chosen);
	if (r >= 0)
		r = read_loader_conf(menu, &configured);
	if (r < 0)
		return r;
	/* The kernel's own word for what it is about to do is no entry's name. */
	if (next && strcmp(next, "kexec reboot") != 0)
		mark_oneshot(find_pattern(menu, next));
	r = try_default(menu, chosen, &done);
	if (r >= 0 && !done)
		r = try_default(menu, configured, &done);
	if (r >= 0 && !done)
		mark_default(first(menu));
	return r;
}

int wb_bls_menu_mark(struct wb_bls_menu *menu)
{
	if (menu->grub)
		return menu->blind || menu->hidden_boot ? 0 : mark_grub(menu);
	/* With a grub.cfg that does not read them, entries are what a kernel's package
	 * left: its own reader knows the default. */
	return menu->other || menu->hidden ? 0 : mark_systemd_boot(menu);
}
