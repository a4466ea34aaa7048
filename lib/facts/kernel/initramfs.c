/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/initramfs.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
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

/* Beside an initramfs without microcode of its own: Arch, Gentoo. The kernel takes what
 * is for its processor. The names are those that grub-mkconfig looks for. */
static const char *const microcodes[] = {
	"intel-uc.img",  "intel-ucode.img",  "amd-uc.img",
	"amd-ucode.img", "early_ucode.cpio", "microcode.cpio",
};

/* In a folder of one kernel alone: kernel-install's, which may be several, and what SUSE
 * and ostree put beside an image in /usr/lib/modules. The first of them that is there. */
static const char *const own_names[] = { "initrd", "initramfs" };

static int try_name(const struct wb_root *root, const char *folder, size_t folder_size,
		    const struct naming *naming, const char *middle, char **ret)
{
	/* Gentoo: "kernel-6.1.old" and "initramfs-6.1.img.old". */
	const char *old = wb_endswith(middle, ".old") ? ".old" : "";
	int size = (int)(strlen(middle) - strlen(old));
	_cleanup_free_ char *path = NULL;

	path = wb_format("%.*s/%s%.*s%s%s", (int)folder_size, folder, naming->before,
			 size, middle, naming->after, old);
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

/* By the name of the image or by its version. */
static int find_named(const struct wb_root *root, const char *linux, size_t folder_size,
		      const char *version, char **ret)
{
	const char *suffix = strchr(wb_basename(linux), '-');
	int r = 0;

	if (suffix)
		r = find_in(root, linux, folder_size, suffix + 1, ret);
	if (r >= 0 && !*ret && version)
		r = find_in(root, linux, folder_size, version, ret);
	if (r >= 0 && !*ret && version)
		r = find_in(root, "/boot", strlen("/boot"), version, ret);
	return r;
}

static int add_microcode(const struct wb_root *root, const char *initramfs, char ***ret)
{
	int folder_size = (int)(wb_basename(initramfs) - initramfs), r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(microcodes); i++) {
		_cleanup_free_ char *path =
			wb_format("%.*s%s", folder_size, initramfs, microcodes[i]);

		if (!path)
			return -ENOMEM;
		if (wb_root_exists(root, path))
			r = wb_strv_append(ret, path);
	}
	return r;
}

/* Signatures and leftovers have other endings: "initrd.img.sig". */
static bool is_own_name(const char *name, const char *beginning)
{
	const char *rest = wb_startswith(name, beginning);

	return rest && !wb_endswith(rest, ".sig") && !wb_endswith(rest, ".hmac") &&
	       !wb_endswith(rest, ".tmp") && !wb_endswith(rest, "~");
}

static int add_own(const char *folder, char *const *names, const char *beginning,
		   char ***ret)
{
	int r = 0;

	for (char *const *name = names; r >= 0 && name && *name; name++)
		if (is_own_name(*name, beginning))
			r = wb_strv_appendf(ret, "%s/%s", folder, *name);
	return r;
}

/* Of a folder that is named after this very kernel; @ret_found: more than microcode. */
static int find_own(const struct wb_root *root, const char *folder, const char *version,
		    char ***ret, bool *ret_found)
{
	_cleanup_strv_ char **names = NULL;
	size_t n;
	int r;

	*ret_found = false;
	if (!version || strcmp(wb_basename(folder), version) != 0)
		return 0;
	r = wb_root_list(root, folder, &names);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = add_own(folder, names, "microcode", ret);
	n = wb_strv_length(*ret);
	for (size_t i = 0; r >= 0 && !*ret_found && i < ARRAY_SIZE(own_names); i++) {
		r = add_own(folder, names, own_names[i], ret);
		*ret_found = wb_strv_length(*ret) > n;
	}
	return r;
}

static int add_named(const struct wb_root *root, const char *linux, size_t folder_size,
		     const char *version, char ***ret)
{
	_cleanup_free_ char *path = NULL;
	int r = find_named(root, linux, folder_size, version, &path);

	if (r < 0 || !path)
		return r;
	r = add_microcode(root, path, ret);
	return r < 0 ? r : wb_strv_append(ret, path);
}

int wb_initramfs_find(const struct wb_root *root, const char *linux, const char *version,
		      char ***ret)
{
	size_t size = (size_t)(wb_basename(linux) - linux);
	_cleanup_free_ char *folder = NULL;
	_cleanup_strv_ char **paths = NULL;
	bool found;
	int r;

	*ret = NULL;
	if (size > 0)
		size--; /* the slash */
	folder = strndup(linux, size);
	r = folder ? find_own(root, folder, version, &paths, &found) : -ENOMEM;
	if (r >= 0 && !found)
		r = add_named(root, linux, size, version, &paths);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(paths);
	return 0;
}
