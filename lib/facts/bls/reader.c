/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Entries of the Boot Loader Specification. */

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/menu.h"
#include "facts/kernel/kernel-json.h"

#define ENTRY_SIZE_MAX (1024 * 1024)

/* The specification's names for machines, which are those of EFI. */
static const struct {
	const char *machine, *name;
} architectures[] = {
	{ "x86_64", "x64" }, { "i686", "ia32" },       { "aarch64", "aa64" },
	{ "armv7l", "arm" }, { "riscv64", "riscv64" }, { "loongarch64", "loongarch64" },
};

/* --- the files -------------------------------------------------------------------- */

static int read_entry(const struct wb_root *root, const char *path,
		      struct wb_bls_item *item)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = wb_root_read(root, path, &text, &size);

	if (r >= 0 && size > ENTRY_SIZE_MAX)
		r = -EFBIG;
	if (r >= 0)
		return wb_bls_entry_parse(&item->entry, text);
	if (r == -ENOMEM)
		return r;
	item->kernel.unreadable = r == -EACCES;
	return wb_set_format(&item->kernel.problem, "its entry %s cannot be read: %s",
			     path, strerror(-r));
}

static void item_done(struct wb_bls_item *item)
{
	wb_bls_entry_done(&item->entry);
	wb_kernel_done(&item->kernel);
}

int wb_bls_menu_append(struct wb_bls_menu *menu, struct wb_bls_item *item)
{
	struct wb_bls_item *grown =
		reallocarray(menu->items, menu->n + 1, sizeof(*grown));

	if (!grown) {
		item_done(item);
		return -ENOMEM;
	}
	menu->items = grown;
	grown[menu->n++] = *item;
	return 0;
}

static int add_item(struct wb_bls_menu *menu, const char *top, const char *folder,
		    const char *name)
{
	struct wb_bls_item item = { .top = top };
	_cleanup_free_ char *path = NULL;
	int r;

	if (!wb_bls_entry_set_name(&item.entry, name))
		return 0;
	path = wb_format("%s/%s", folder, name);
	r = path && item.entry.id ? read_entry(menu->root, path, &item) : -ENOMEM;
	if (r < 0) {
		item_done(&item);
		return r;
	}
	return wb_bls_menu_append(menu, &item);
}

/* The folders of a partition that hold entries. */
static const struct kind {
	const char *folder;
	int (*add)(struct wb_bls_menu *menu, const char *top, const char *folder,
		   const char *name);
} kinds[] = {
	{ "loader/entries", add_item },
	{ "EFI/Linux", wb_bls_menu_add_image },
};

/* A partition that is mounted in two places, or a link to the other place. */
static bool was_read(const struct wb_bls_menu *menu, char *const *top,
		     const struct kind *kind, const struct stat *st)
{
	for (char *const *p = menu->places.tops; p != top; p++) {
		_cleanup_free_ char *folder = wb_format("%s/%s", *p, kind->folder);
		struct stat other;

		if (folder && wb_root_stat(menu->root, folder, &other) >= 0 &&
		    other.st_dev == st->st_dev && other.st_ino == st->st_ino)
			return true;
	}
	return false;
}

static int read_folder(struct wb_bls_menu *menu, char *const *top,
		       const struct kind *kind)
{
	_cleanup_free_ char *folder = wb_format("%s/%s", *top, kind->folder);
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	int r;

	if (!folder)
		return -ENOMEM;
	if (wb_root_stat(menu->root, folder, &st) < 0 || was_read(menu, top, kind, &st))
		return 0;
	r = wb_root_list(menu->root, folder, &names);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++)
		r = kind->add(menu, *top, folder, *name);
	return r;
}

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

static int fill(const struct wb_bls_menu *menu, struct wb_bls_item *item)
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

/* --- all of them ------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	const struct wb_bls_item *x = a, *y = b;

	return wb_bls_entry_compare(&x->entry, &y->entry);
}

static int compare_grub(const void *a, const void *b)
{
	const struct wb_bls_item *x = a, *y = b;

	return wb_bls_entry_compare_grub(&x->entry, &y->entry);
}

static int read_menu(struct wb_bls_menu *menu)
{
	int r = wb_boot_places_read(menu->root, &menu->places);

	for (char **top = menu->places.tops; r >= 0 && top && *top; top++)
		for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kinds); i++)
			r = read_folder(menu, top, &kinds[i]);
	if (r < 0 || menu->n == 0)
		return r;
	r = wb_bls_menu_read_loader(menu);
	qsort(menu->items, menu->n, sizeof(*menu->items),
	      menu->grub ? compare_grub : compare);
	for (size_t i = 0; r >= 0 && i < menu->n; i++)
		r = fill(menu, &menu->items[i]);
	return r < 0 ? r : wb_bls_menu_mark(menu);
}

static void menu_done(struct wb_bls_menu *menu)
{
	for (size_t i = 0; i < menu->n; i++)
		item_done(&menu->items[i]);
	free(menu->items);
	wb_boot_places_done(&menu->places);
	free(menu->grubenv);
	free(menu->grubcfg);
}

int wb_bls_read(const struct wb_root *root, struct wb_kernels *list, bool unified)
{
	_cleanup_(menu_done) struct wb_bls_menu menu = { .root = root,
							 .machine =
								 list->state->machine };
	int r = read_menu(&menu);

	for (size_t i = 0; r >= 0 && i < menu.n; i++) {
		struct wb_kernel kernel = menu.items[i].kernel;

		if (menu.items[i].unified != unified)
			continue;
		menu.items[i].kernel = (struct wb_kernel){ 0 };
		r = wb_kernels_add_entry(root, list, &kernel);
	}
	return r;
}

static int read_bls(const struct wb_root *root, struct wb_kernels *list)
{
	return wb_bls_read(root, list, /* unified= */ false);
}

const struct wb_kernel_reader wb_kernel_reader_bls = { "bls", read_bls };
