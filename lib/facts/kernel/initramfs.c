/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/initramfs.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

/* Each: how the name is made; %s is the version, or the image's name after "vmlinuz-",
 * which on Arch is not one ("linux"). */
static const struct naming {
	const char *before, *after;
} namings[] = {
	{ "initrd.img-", "" },    /* Debian, Ubuntu */
	{ "initramfs-", ".img" }, /* Fedora, RHEL, Arch */
	{ "initrd-", "" },        /* SUSE */
	{ "initramfs-", "" },     /* Gentoo, Alpine */
	{ "initrd-", ".img" },    /* older Fedora */
};

static int try_name(const struct wb_root *root, const char *folder, size_t folder_size,
		    const struct naming *naming, const char *middle, char **ret)
{
	_cleanup_free_ char *path = NULL;

	path = wb_format("%.*s/%s%s%s", (int)folder_size, folder, naming->before, middle,
			 naming->after);
	if (!path)
		return -ENOMEM;
	if (wb_root_exists(root, path))
		*ret = TAKE_PTR(path);
	return 0;
}

static int find_in(const struct wb_root *root, const char *folder, size_t folder_size,
		   const char *middle, char **ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && !*ret && i < ARRAY_SIZE(namings); i++)
		r = try_name(root, folder, folder_size, &namings[i], middle, ret);
	return r;
}

int wb_initramfs_find(const struct wb_root *root, const char *linux, const char *version,
		      char **ret)
{
	const char *name = wb_basename(linux);
	const char *suffix = strchr(name, '-');
	size_t folder_size = (size_t)(name - linux);
	int r = 0;

	*ret = NULL;
	if (folder_size > 0)
		folder_size--; /* the slash */
	if (suffix)
		r = find_in(root, linux, folder_size, suffix + 1, ret);
	if (r >= 0 && !*ret && version)
		r = find_in(root, linux, folder_size, version, ret);
	if (r >= 0 && !*ret && version)
		r = find_in(root, "/boot", strlen("/boot"), version, ret);
	return r;
}
