/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Plain images in /boot, and the links to them that Debian keeps. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/image.h"
#include "facts/kernel/kernel.h"

#define SOURCE "boot"

/* As path_resolution(7) has it. */
#define LINKS_MAX 40

/* @sure: nothing else is called so, and a broken one is listed as such. */
static const struct pattern {
	const char *prefix;
	bool sure;
} patterns[] = {
	{ "vmlinuz-", true },  { "Image-", true }, /* SUSE on arm64 */
	{ "kernel-", false },                      /* Gentoo */
	{ "vmlinux-", false }, { "linux-", false }, { "bzImage-", false },
};

static const char *const single_names[] = {
	"/boot/vmlinuz", "/boot/vmlinuz.old", "/boot/Image",
	"/boot/bzImage", "/vmlinuz",          "/vmlinuz.old",
};

/* Beside an image, or on its way to be one. */
static const char *const other_endings[] = {
	".sig",      ".hmac",    ".asc",    ".dpkg-new", ".dpkg-tmp",
	".dpkg-bak", ".rpmsave", ".rpmnew", "~",
};

static const struct pattern *find_pattern(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_endings); i++)
		if (wb_endswith(name, other_endings[i]))
			return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (wb_startswith(name, patterns[i].prefix))
			return &patterns[i];
	return NULL;
}

/* --- the real name ---------------------------------------------------------------- */

static int join_link(char **path, const char *target)
{
	int folder = (int)(wb_basename(*path) - *path);

	if (*target == '/')
		return wb_set_format(path, "%s", target);
	return wb_set_format(path, "%.*s%s", folder, *path, target);
}

/* What the link at @path leads to; @path itself where it is none, or goes astray. */
static int follow(const struct wb_root *root, const char *path, char **ret)
{
	_cleanup_free_ char *now = strdup(path);
	int r = now ? 0 : -ENOMEM;

	for (int i = 0; r >= 0 && i < LINKS_MAX; i++) {
		_cleanup_free_ char *target = NULL;

		r = wb_root_readlink(root, now, &target);
		if (r < 0)
			break;
		r = join_link(&now, target);
	}
	if (r == -ENOMEM)
		return r;
	/* Only the kernel knows where ".." leads behind a link to a folder. */
	if (r == -EINVAL && !strstr(now, "/../"))
		*ret = TAKE_PTR(now);
	else
		*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

/* --- images ----------------------------------------------------------------------- */

static int is_kernel(const struct wb_root *root, const char *path, bool *ret)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	int r = wb_image_read(root, path, /* machine= */ NULL, /* profile= */ 0, &image);

	*ret = r >= 0 && (!image.problem || image.unreadable);
	return r;
}

static int add(const struct wb_root *root, struct wb_kernels *list, const char *path,
	       bool sure)
{
	_cleanup_free_ char *real = NULL;
	int r = follow(root, path, &real);

	if (r < 0 || wb_kernels_have(root, list, real))
		return r;
	if (!sure)
		r = is_kernel(root, real, &sure);
	return r < 0 || !sure ? r : wb_kernels_add(root, list, SOURCE, real);
}

static int add_folder(const struct wb_root *root, struct wb_kernels *list)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "boot", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++) {
		const struct pattern *pattern = find_pattern(*name);
		_cleanup_free_ char *path = wb_format("/boot/%s", *name);

		if (!path)
			return -ENOMEM;
		if (pattern)
			r = add(root, list, path, pattern->sure);
	}
	return r;
}

static int read_boot(const struct wb_root *root, struct wb_kernels *list)
{
	int r = add_folder(root, list);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(single_names); i++) {
		struct stat st;
		int found = wb_root_stat(root, single_names[i], &st);

		/* Debian leaves a link behind when the last older kernel goes. */
		if (found != -ENOENT && found != -ENOTDIR)
			r = add(root, list, single_names[i], /* sure= */ true);
	}
	return r;
}

const struct wb_kernel_reader wb_kernel_reader_boot = { SOURCE, read_boot };
