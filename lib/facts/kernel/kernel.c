/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/kernel.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/image.h"
#include "facts/kernel/initramfs.h"
#include "facts/kernel/kernel-json.h"

static const struct wb_kernel_reader *const readers[] = {
	&wb_kernel_reader_bls,       &wb_kernel_reader_grub, &wb_kernel_reader_uki,
	&wb_kernel_reader_bootimage, &wb_kernel_reader_boot, &wb_kernel_reader_modules,
};

static bool is_known(const struct wb_kernels *list, const char *linux)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].linux && strcmp(list->items[i].linux, linux) == 0)
			return true;
	return false;
}

/* What the loader's own file says goes before what the image says. */
static void take_texts(struct wb_kernel *k, struct wb_image *image)
{
	k->unified = true;
	if (!k->options)
		k->options = TAKE_PTR(image->cmdline);
	if (!k->title)
		k->title = TAKE_PTR(image->title);
}

static int read_image(const struct wb_root *root, const struct wb_state *state,
		      struct wb_kernel *k)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	int r = wb_image_read(root, k->linux, state->machine, k->profile, &image);

	if (r < 0)
		return r;
	k->version = TAKE_PTR(image.version);
	k->problem = TAKE_PTR(image.problem);
	k->unreadable = image.unreadable;
	if (image.unified)
		take_texts(k, &image);
	return 0;
}

/* A unified kernel image has its own inside. */
static int find_initrd(const struct wb_root *root, struct wb_kernel *k)
{
	_cleanup_free_ char *path = NULL;
	int r = 0;

	if (!k->unified)
		r = wb_initramfs_find(root, k->linux, k->version, &path);
	return r < 0 || !path ? r : wb_strv_append(&k->initrd, path);
}

/* For an image that no boot loader's entry speaks of. */
static int set_titles(const struct wb_state *state, struct wb_kernel *k)
{
	/* In /usr/lib/modules all images have the same name. */
	const char *name = wb_basename(k->linux);
	const char *version = k->version ? k->version : name;

	k->id = strdup(strchr(name, '-') ? name : version);
	if (!k->title)
		k->title = state->os_name ? wb_format("%s, %s", state->os_name, version)
					  : strdup(version);
	if (!k->options)
		k->options = strdup(!k->unified && state->cmdline ? state->cmdline : "");
	return k->id && k->title && k->options ? 0 : -ENOMEM;
}

static int check_initrd(const struct wb_root *root, struct wb_kernel *k)
{
	for (char **p = k->initrd; !k->problem && p && *p; p++)
		if (!wb_root_exists(root, *p))
			return wb_set_format(&k->problem, "its initramfs %s is not there",
					     *p);
	return 0;
}

static int check_modules(const struct wb_root *root, struct wb_kernel *k)
{
	_cleanup_free_ char *folder = NULL;

	if (k->problem || !k->version)
		return 0;
	folder = wb_format("lib/modules/%s", k->version);
	if (!folder)
		return -ENOMEM;
	if (wb_root_exists(root, folder))
		return 0;
	return wb_set_format(&k->problem,
			     "its modules are not installed: there is no /%s", folder);
}

static int append(struct wb_kernels *list, struct wb_kernel *k)
{
	struct wb_kernel *grown = reallocarray(list->items, list->n + 1, sizeof(*grown));

	if (!grown) {
		wb_kernel_done(k);
		return -ENOMEM;
	}
	list->items = grown;
	grown[list->n++] = *k;
	return 0;
}

int wb_kernels_add(const struct wb_root *root, struct wb_kernels *list,
		   const char *source, const char *linux)
{
	struct wb_kernel k = { 0 };
	int r;

	if (is_known(list, linux))
		return 0;
	k = (struct wb_kernel){ .source = strdup(source), .linux = strdup(linux) };
	r = k.source && k.linux ? read_image(root, list->state, &k) : -ENOMEM;
	if (r >= 0)
		r = find_initrd(root, &k);
	if (r >= 0)
		r = set_titles(list->state, &k);
	if (r >= 0)
		r = check_modules(root, &k);
	if (r < 0) {
		wb_kernel_done(&k);
		return r;
	}
	return append(list, &k);
}

/* Fill in what a boot loader's file does not say. */
static int complete(const struct wb_root *root, const struct wb_state *state,
		    struct wb_kernel *k)
{
	int r = 0;

	if (!k->problem && !k->linux)
		r = wb_set_format(&k->problem, "its entry names no kernel");
	if (r >= 0 && !k->problem)
		r = read_image(root, state, k);
	if (r >= 0)
		r = check_initrd(root, k);
	if (r >= 0)
		r = check_modules(root, k);
	if (r >= 0 && !k->title)
		r = wb_set_format(&k->title, "%s", k->version ? k->version : k->id);
	if (r >= 0 && !k->options)
		r = wb_set_format(&k->options, "%s", "");
	return r;
}

int wb_kernels_add_entry(const struct wb_root *root, struct wb_kernels *list,
			 struct wb_kernel *entry)
{
	int r = complete(root, list->state, entry);

	if (r < 0) {
		wb_kernel_done(entry);
		return r;
	}
	return append(list, entry);
}

bool wb_kernel_is_running(const struct wb_state *state, const char *linux,
			  const char *version)
{
	const char *suffix = linux ? strchr(wb_basename(linux), '-') : NULL;

	if (!state->release || !linux)
		return false;
	if (version)
		return strcmp(version, state->release) == 0;
	return suffix && strcmp(suffix + 1, state->release) == 0;
}

/* The first that fits: the reader of BOOT_IMAGE= comes before the rest. */
static void mark_running(struct wb_kernels *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct wb_kernel *k = &list->items[i];

		if (wb_kernel_is_running(list->state, k->linux, k->version)) {
			k->running = true;
			return;
		}
	}
}

int wb_kernels_read(const struct wb_root *root, const struct wb_state *state,
		    const char *path, struct wb_kernel **ret, size_t *ret_n)
{
	struct wb_kernels list = { .state = state };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(readers); i++)
		r = readers[i]->read(root, &list);
	if (r >= 0 && path)
		r = wb_kernels_add(root, &list, "path", path);
	if (r < 0) {
		wb_kernels_free(list.items, list.n);
		return r;
	}
	mark_running(&list);
	*ret = list.items;
	*ret_n = list.n;
	return 0;
}

void wb_kernels_free(struct wb_kernel *kernels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wb_kernel_done(&kernels[i]);
	free(kernels);
}
