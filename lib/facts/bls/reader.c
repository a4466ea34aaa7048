/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The menu of the Boot Loader Specification: which files are entries, in which order. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/menu.h"
#include "facts/kernel/kernel-json.h"

#define ENTRY_SIZE_MAX (1024 * 1024)

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

/* What cannot be read is not absent: somebody has to be told, and the default may be in
 * there. */
static int pass_over(struct wb_bls_menu *menu, const char *top, const char *folder,
		     int error)
{
	_cleanup_free_ char *text = NULL;

	if (error == -ENOENT || error == -ENOTDIR || error == -ENOMEM)
		return error == -ENOMEM ? error : 0;
	menu->hidden = true;
	menu->hidden_boot = menu->hidden_boot || strcmp(top, "/boot") == 0;
	text = wb_format("the folder %s cannot be read (%s): boot entries in it are not "
			 "listed",
			 folder, strerror(-error));
	/* Both types of entries ask for all folders. */
	return text ? wb_strv_add(menu->unlisted, text) : -ENOMEM;
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
	r = wb_root_stat(menu->root, folder, &st);
	if (r < 0)
		return pass_over(menu, *top, folder, r);
	if (was_read(menu, top, kind, &st))
		return 0;
	r = wb_root_list(menu->root, folder, &names);
	if (r < 0)
		return pass_over(menu, *top, folder, r);
	for (char **name = names; r >= 0 && name && *name; name++)
		r = kind->add(menu, *top, folder, *name);
	return r;
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
		r = wb_bls_menu_fill(menu, &menu->items[i]);
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
							 .machine = list->state->machine,
							 .unlisted = &list->unlisted };
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
