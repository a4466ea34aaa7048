/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an entry of the Boot Loader Specification means on this machine. */

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/menu.h"

/* The specification's names for machines, which are those of EFI. */
static const struct {
	const char *machine, *name;
} architectures[] = {
	{ "x86_64", "x64" }, { "i686", "ia32" },       { "aarch64", "aa64" },
	{ "armv7l", "arm" }, { "riscv64", "riscv64" }, { "loongarch64", "loongarch64" },
};

/* --- paths ------------------------------------------------------------------------ */

/*
 * The file of the root that @path means: below the top of its partition; and where /boot
 * is a folder of the root file system, from /boot on, without the name of a subvolume
 * that may stand before it.
 */
static int resolve(const struct wb_root *root, const char *top, const char *path,
		   char **ret)
{
	/* "($root)/vmlinuz": GRUB's name for the partition. */
	const char *end = *path == '(' ? strchr(path, ')') : NULL, *boot;
	int r;

	path = end ? end + 1 : path;
	boot = strcmp(top, "/boot") == 0 ? strstr(path, "/boot/") : NULL;
	r = wb_set_format(ret, "%s%s%s", top, *path == '/' ? "" : "/", path);
	if (r < 0 || !boot || wb_root_exists(root, *ret))
		return r;
	return wb_set_format(ret, "%s", boot);
}

/* --- one entry -------------------------------------------------------------------- */

/* Expand @text; a variable without a value is the problem of @k. */
static int expand(const struct wb_bls_menu *menu, const char *what, const char *text,
		  struct wb_kernel *k, char **ret)
{
	const struct wb_bls_variables variables = { menu->grubenv, menu->grubcfg,
						    menu->grub };
	_cleanup_free_ char *missing = NULL;
	int r = wb_bls_expand(&variables, text, ret, &missing);

	if (r < 0 || !missing || k->problem)
		return r;
	return wb_set_format(&k->problem,
			     "its %s need the variable %s of GRUB, which neither grubenv "
			     "nor grub.cfg sets",
			     what, missing);
}

/* One word may become several, or none. */
static int add_initrd(const struct wb_bls_menu *menu, struct wb_bls_item *item,
		      const char *word)
{
	/* The parts of GRUB's own name for a partition are no variables of ours. */
	const char *end = *word == '(' ? strchr(word, ')') : NULL;
	_cleanup_free_ char *text = NULL;
	char *rest, *path;
	int r = expand(menu, "initrd lines", end ? end + 1 : word, &item->kernel, &text);

	rest = text;
	while (r >= 0 && (path = strsep(&rest, " \t"))) {
		_cleanup_free_ char *file = NULL;

		if (*path == '\0')
			continue;
		r = resolve(menu->root, item->top, path, &file);
		if (r >= 0)
			r = wb_strv_append(&item->kernel.initrd, file);
	}
	return r;
}

static int fill_paths(const struct wb_bls_menu *menu, struct wb_bls_item *item)
{
	const struct wb_bls_entry *e = &item->entry;
	struct wb_kernel *k = &item->kernel;
	int r = 0;

	/* What an EFI program is, its image tells. */
	if (e->linux || e->efi)
		r = resolve(menu->root, item->top, e->linux ? e->linux : e->efi,
			    &k->linux);
	for (char **p = e->initrd; r >= 0 && p && *p; p++)
		r = add_initrd(menu, item, *p);
	if (r >= 0 && e->options)
		r = expand(menu, "options", e->options, k, &k->options);
	return r;
}

/* Where nobody knows which machine it is, any entry may be for it. */
static bool is_foreign(const struct wb_bls_menu *menu, const struct wb_bls_entry *e)
{
	for (size_t i = 0; e->architecture && i < ARRAY_SIZE(architectures); i++)
		if (menu->machine && strcmp(architectures[i].machine, menu->machine) == 0)
			return strcasecmp(architectures[i].name, e->architecture) != 0;
	return false;
}

static int find_problem(const struct wb_bls_menu *menu, const struct wb_bls_entry *e,
			struct wb_kernel *k)
{
	if (k->problem || !is_foreign(menu, e))
		return 0;
	return wb_set_format(&k->problem,
			     "it is for the architecture %s, and this machine is %s",
			     e->architecture, menu->machine);
}

/* systemd-boot leaves out what it could not start; GRUB has never heard of machines of
 * another kind, of EFI programs here, or of entries outside of /boot. */
static int set_offered(const struct wb_bls_menu *menu, struct wb_bls_item *item)
{
	const struct wb_bls_entry *e = &item->entry;
	const char *program = e->linux ? e->linux : e->efi;
	_cleanup_free_ char *file = NULL;
	int r;

	if (item->unified) {
		item->offered = item->offered && !menu->grub;
		return 0;
	}
	if (menu->grub) {
		item->offered = e->linux && strcmp(item->top, "/boot") == 0;
		return 0;
	}
	if (!program || is_foreign(menu, e))
		return 0;
	r = resolve(menu->root, item->top, program, &file);
	item->offered = r >= 0 && wb_root_exists(menu->root, file);
	return r;
}

int wb_bls_menu_fill(const struct wb_bls_menu *menu, struct wb_bls_item *item)
{
	struct wb_bls_entry *e = &item->entry;
	struct wb_kernel *k = &item->kernel;
	int r;

	k->source = strdup(item->unified ? "uki" : "bls");
	k->id = strdup(e->id);
	k->profile = e->profile;
	k->title = TAKE_PTR(e->title);
	k->bad = wb_bls_entry_is_bad(e);
	if (!k->source || !k->id)
		return -ENOMEM;
	r = find_problem(menu, e, k);
	if (r >= 0)
		r = fill_paths(menu, item);
	return r < 0 ? r : set_offered(menu, item);
}
