/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The entries of grub.cfg. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/grub/path.h"
#include "facts/grub/script.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/kernel.h"

#define SOURCE  "grub"
#define VENDORS "boot/efi/EFI"

/* Menus of snapshots are the longest. */
#define SOURCE_SIZE_MAX (1024 * 1024)

struct reader {
	const struct wb_root *root;
	struct wb_kernels *list;
	const char *folder; /* of grub.cfg */
	const struct wb_grub_entry *next,
		*chosen; /* next time, and later; NULL: not known */
	bool oneshot;    /* the next time alone */
	bool blind;      /* what decides of the default could not be read */
	bool open;       /* entries that are not here may stand between the others */
	struct wb_grub_mounts mounts;
};

/* Only where the problem has none yet: the first is the reason for the others. */
static int set_problem(struct wb_kernel *k, const char *before, const char *what,
		       const char *after)
{
	return k->problem ? 0 : wb_set_format(&k->problem, "%s%s%s", before, what, after);
}

static int map_linux(struct reader *reader, const struct wb_grub_entry *entry,
		     struct wb_kernel *k)
{
	int r = wb_grub_path_find(reader->root, &reader->mounts, entry->fs_uuid,
				  entry->linux, &k->linux);

	if (r < 0)
		return r;
	if (!k->linux)
		r = set_problem(k, "its kernel ", entry->linux, " is not there");
	return r;
}

static int map_initrd(struct reader *reader, const struct wb_grub_entry *entry,
		      struct wb_kernel *k)
{
	int r = 0;

	for (char **p = entry->initrd; r >= 0 && p && *p; p++) {
		_cleanup_free_ char *path = NULL;

		r = wb_grub_path_find(reader->root, &reader->mounts, entry->fs_uuid, *p,
				      &path);
		if (r >= 0 && !path)
			r = set_problem(k, "its initramfs ", *p, " is not there");
		if (r >= 0 && path)
			r = wb_strv_append(&k->initrd, path);
	}
	return r;
}

static int map_files(struct reader *reader, const struct wb_grub_entry *entry,
		     struct wb_kernel *k)
{
	bool here = true;
	int r = 0;

	if (entry->loader)
		return set_problem(k, "GRUB starts no Linux for it: its entry is for ",
				   entry->loader, "");
	if (!entry->linux)
		return set_problem(k, "its entry names no kernel", "", "");
	if (entry->fs_uuid)
		r = wb_grub_mounts_have(reader->root, &reader->mounts, entry->fs_uuid,
					&here);
	if (r >= 0 && !here)
		return set_problem(k, "it is on another file system, ", entry->fs_uuid,
				   "");
	if (r >= 0)
		r = map_linux(reader, entry, k);
	return r < 0 ? r : map_initrd(reader, entry, k);
}

/* @titles: those of the submenus around it, each with its '>'. */
static int add_entry(struct reader *reader, const struct wb_grub_entry *entry,
		     const char *titles, char *const *way)
{
	struct wb_kernel k = { .source = strdup(SOURCE),
			       .title = wb_format("%s%s", titles, entry->title),
			       .options = strdup(entry->options ? entry->options : ""),
			       .is_default = entry == reader->chosen,
			       .oneshot = reader->oneshot && entry == reader->next };
	int r;

	k.id = entry->id ? strdup(entry->id) : k.title ? strdup(k.title) : NULL;
	r = k.source && k.title && k.options && k.id ? 0 : -ENOMEM;
	/* What is no Linux need not be followed. */
	if (r >= 0 && entry->problem && !entry->loader)
		r = set_problem(&k, "GRUB's script cannot be followed: ", entry->problem,
				"");
	if (r >= 0)
		r = map_files(reader, entry, &k);
	if (r >= 0)
		r = wb_strv_copy(&k.way, way);
	if (r < 0) {
		wb_kernel_done(&k);
		return r;
	}
	return wb_kernels_add_entry(reader->root, reader->list, &k);
}

/* @outer, and a level more; @number -1: it is not known. */
static int make_way(char *const *outer, const struct wb_grub_entry *entry, int number,
		    char ***ret)
{
	int r = wb_strv_copy(ret, outer);

	if (r >= 0)
		r = number < 0 ? wb_strv_append(ret, "")
			       : wb_strv_appendf(ret, "%d", number);
	if (r >= 0)
		r = wb_strv_append(ret, entry->title);
	return r < 0 ? r : wb_strv_append(ret, entry->id ? entry->id : "");
}

static int add_menu(struct reader *reader, const struct wb_grub_menu *menu,
		    const char *titles, char *const *outer)
{
	int number = reader->open ? -1 : 0, r = 0;

	for (size_t i = 0; r >= 0 && i < menu->n; i++) {
		const struct wb_grub_entry *entry = &menu->entries[i];
		_cleanup_free_ char *inner = NULL;
		_cleanup_strv_ char **way = NULL;

		/* From one on that may not be there nobody can count. */
		if (entry->conditional)
			number = -1;
		r = make_way(outer, entry, entry->cut ? -1 : number, &way);
		if (number >= 0 && !entry->cut)
			number++;
		if (r >= 0 && entry->is_submenu)
			inner = wb_format("%s%s>", titles, entry->title);
		if (r < 0 || (entry->is_submenu && !inner))
			return -ENOMEM;
		r = entry->is_submenu ? add_menu(reader, &entry->submenu, inner, way)
				      : add_entry(reader, entry, titles, way);
	}
	return r;
}

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

/* A file that is not there is NULL. So is one that cannot be read: then @what of it is
 * not known is said, and the answer is 1. */
static int read_file(const struct reader *reader, const char *name, const char *what,
		     char **ret)
{
	_cleanup_free_ char *path = wb_format("%s/%s", reader->folder, name);
	int r;

	*ret = NULL;
	if (!path)
		return -ENOMEM;
	r = wb_root_read(reader->root, path, ret, NULL);
	if (r >= 0 || r == -ENOMEM || is_absent(r))
		return r == -ENOMEM ? r : 0;
	r = wb_strv_appendf(&reader->list->unlisted,
			    "GRUB's file /%s cannot be read (%s): %s", path, strerror(-r),
			    what);
	return r < 0 ? r : 1;
}

/* Another file that the script asks for: wb_grub_input.look(). */
static int look(void *userdata, const char *uuid, const char *path, char **ret)
{
	struct reader *reader = userdata;
	_cleanup_free_ char *file = NULL;
	struct stat st;
	bool here = true;
	int r = 0;

	if (!uuid)
		r = wb_set_format(&file, "%s%s", reader->folder, path);
	else if (*uuid)
		r = wb_grub_mounts_have(reader->root, &reader->mounts, uuid, &here);
	if (r >= 0 && here && uuid)
		r = wb_grub_path_find(reader->root, &reader->mounts, uuid, path, &file);
	if (r < 0 || !here)
		return r < 0 ? r : -ENODATA;
	if (!file)
		return 0;
	r = wb_root_stat(reader->root, file, &st);
	if (r < 0)
		return is_absent(r) ? 0 : -ENODATA;
	if (!S_ISREG(st.st_mode) || st.st_size > SOURCE_SIZE_MAX)
		return 1;
	r = wb_root_read(reader->root, file, ret, NULL);
	return r == -ENOMEM ? r : 1;
}

static int add_all(struct reader *reader, const struct wb_grub_input *input)
{
	_cleanup_(wb_grub_script_done) struct wb_grub_script script = { 0 };
	int r = wb_grub_script_read(input, &script);

	if (r < 0)
		return r;
	reader->oneshot = script.oneshot;
	if (!reader->blind) {
		wb_grub_script_default(&script, &reader->next);
		wb_grub_script_later(&script, &reader->chosen);
	}
	reader->open = script.uses_blscfg || script.incomplete;
	return add_menu(reader, &script.menu, "", NULL);
}

static int read_script(struct reader *reader, const char *text)
{
	_cleanup_free_ char *grubenv = NULL, *custom = NULL;
	struct wb_grub_input input = { 0 };
	int r = read_file(reader, "grubenv", "which entry is the default is not known",
			  &grubenv);

	reader->blind = r > 0;
	if (r >= 0)
		r = read_file(reader, "custom.cfg",
			      "entries in it are not listed, and which is the default is "
			      "not known",
			      &custom);
	reader->blind = reader->blind || r > 0;
	if (r < 0)
		return r;
	input = (struct wb_grub_input){
		.text = text,
		.grubenv = grubenv,
		.custom = custom,
		/* Without EFI it has many names. */
		.platform =
			wb_root_exists(reader->root, "sys/firmware/efi") ? "efi" : NULL,
		.look = look,
		.userdata = reader,
	};
	return add_all(reader, &input);
}

static int read_folder(const struct wb_root *root, struct wb_kernels *list,
		       const char *folder, bool *ret_found)
{
	struct reader reader = { .root = root, .list = list, .folder = folder };
	_cleanup_free_ char *text = NULL;
	int r = read_file(&reader, "grub.cfg", "boot entries in it are not listed",
			  &text);

	*ret_found = text;
	if (r < 0 || !text)
		return r < 0 ? r : 0;
	r = wb_grub_mounts_read(root, &reader.mounts);
	if (r >= 0)
		r = read_script(&reader, text);
	wb_grub_mounts_done(&reader.mounts);
	return r;
}

/* RHEL 8 and Fedora before 34 keep it on the ESP, in the folder of the vendor. */
static int read_vendors(const struct wb_root *root, struct wb_kernels *list, bool *found)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, VENDORS, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && !*found && name && *name; name++) {
		_cleanup_free_ char *folder = wb_format(VENDORS "/%s", *name);

		r = folder ? read_folder(root, list, folder, found) : -ENOMEM;
	}
	return r;
}

static int read_grub(const struct wb_root *root, struct wb_kernels *list)
{
	static const char *const folders[] = { "boot/grub", "boot/grub2" };
	bool found = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && !found && i < ARRAY_SIZE(folders); i++)
		r = read_folder(root, list, folders[i], &found);
	return r < 0 || found ? r : read_vendors(root, list, &found);
}

const struct wb_kernel_reader wb_kernel_reader_grub = { SOURCE, read_grub };
