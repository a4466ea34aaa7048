/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Entries of the Boot Loader Specification, type 2: unified kernel images, as the menu of
 * systemd-boot has them. Each profile of an image is an entry; the first has the name of
 * the file as its id, the others have their own id or number behind it.
 */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/bls/menu.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/uki.h"

/* What of an os-release(5) becomes what: the precise before the vague. */
static const struct {
	size_t offset;
	const char *keys[5];
} fields[] = {
	{ offsetof(struct wb_bls_entry, title),
	  { "PRETTY_NAME", "IMAGE_ID", "NAME", "ID" } },
	{ offsetof(struct wb_bls_entry, version),
	  { "IMAGE_VERSION", "VERSION", "VERSION_ID", "BUILD_ID" } },
	{ offsetof(struct wb_bls_entry, sort_key), { "IMAGE_ID", "ID" } },
};

static int read_release(const struct wb_uki *uki, struct wb_bls_entry *entry)
{
	_cleanup_free_ char *text = NULL;
	int r = wb_uki_text(uki, entry->profile, ".osrel", &text);

	for (size_t i = 0; r >= 0 && text && i < ARRAY_SIZE(fields); i++)
		r = wb_uki_release(text, fields[i].keys,
				   (char **)((char *)entry + fields[i].offset));
	return r;
}

static int set_title(struct wb_bls_entry *entry, const char *profile_title,
		     const char *profile_id)
{
	const char *suffix = profile_title ? profile_title : profile_id;

	if (profile_title || (entry->profile > 0 && profile_id))
		return wb_set_format(&entry->title, "%s (%s)", entry->title, suffix);
	if (entry->profile > 0)
		return wb_set_format(&entry->title, "%s (Profile #%u)", entry->title,
				     entry->profile + 1);
	return 0;
}

static int read_profile(const struct wb_uki *uki, struct wb_bls_entry *entry)
{
	static const char *const id_key[] = { "ID", NULL }, *const title_key[] = {
		"TITLE", NULL
	};
	_cleanup_free_ char *text = NULL, *id = NULL, *title = NULL;
	int r = wb_uki_text(uki, entry->profile, ".profile", &text);

	if (r >= 0 && text)
		r = wb_uki_release(text, id_key, &id);
	if (r >= 0 && text)
		r = wb_uki_release(text, title_key, &title);
	if (r >= 0 && entry->title)
		r = set_title(entry, title, id);
	if (r < 0 || entry->profile == 0)
		return r;
	return id ? wb_set_format(&entry->id, "%s@%s", entry->name, id)
		  : wb_set_format(&entry->id, "%s@%u", entry->name, entry->profile);
}

/* Systemd-boot leaves out what does not say of which system it is. */
static int fill(const struct wb_uki *uki, struct wb_bls_item *item)
{
	int r = read_release(uki, &item->entry);

	if (r >= 0)
		r = read_profile(uki, &item->entry);
	item->offered = item->entry.title;
	return r;
}

static int add_profile(struct wb_bls_menu *menu, const char *top, const char *folder,
		       const char *name, const struct wb_uki *uki, unsigned int profile)
{
	struct wb_bls_item item = { .top = top, .unified = true };
	int r;

	if (!wb_bls_entry_set_image(&item.entry, name))
		return 0;
	item.entry.profile = profile;
	item.kernel.linux = wb_format("%s/%s", folder, name);
	r = item.entry.id && item.kernel.linux ? 0 : -ENOMEM;
	/* Of a file that is none, the image's reader says why. */
	if (r >= 0 && uki)
		r = fill(uki, &item);
	/* It cannot be read after all: as above. */
	if (r < 0 && r != -ENOMEM)
		r = 0;
	if (r >= 0)
		return wb_bls_menu_append(menu, &item);
	wb_bls_entry_done(&item.entry);
	wb_kernel_done(&item.kernel);
	return r;
}

int wb_bls_menu_add_image(struct wb_bls_menu *menu, const char *top, const char *folder,
			  const char *name)
{
	_cleanup_free_ char *path = wb_format("%s/%s", folder, name);
	_cleanup_(wb_uki_done) struct wb_uki uki = { .fd = -1 };
	struct stat st;
	int r;

	if (!path)
		return -ENOMEM;
	if (wb_root_stat(menu->root, path, &st) >= 0 && S_ISDIR(st.st_mode))
		return 0;
	r = wb_uki_open(menu->root, path, &uki);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return add_profile(menu, top, folder, name, NULL, 0);
	for (unsigned int i = 0; r >= 0 && i < wb_pe_profiles(&uki.pe); i++)
		r = add_profile(menu, top, folder, name, &uki, i);
	return r;
}
