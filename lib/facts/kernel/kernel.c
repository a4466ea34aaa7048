/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/kernel.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/kernel-config.h"
#include "facts/kernel/deployment.h"
#include "facts/kernel/image.h"
#include "facts/kernel/initramfs.h"
#include "facts/kernel/kernel-json.h"

static const struct wb_kernel_reader *const readers[] = {
	&wb_kernel_reader_bls,       &wb_kernel_reader_grub,  &wb_kernel_reader_uki,
	&wb_kernel_reader_bootimage, &wb_kernel_reader_token, &wb_kernel_reader_boot,
	&wb_kernel_reader_modules,
};

/* An entry that cannot be followed says nothing of the image that it may name. */
static bool has_image(const struct wb_kernel *k)
{
	return k->linux && !k->unread;
}

static bool is_known(const struct wb_kernels *list, const char *linux)
{
	for (size_t i = 0; i < list->n; i++)
		if (has_image(&list->items[i]) &&
		    strcmp(list->items[i].linux, linux) == 0)
			return true;
	return false;
}

bool wb_kernels_have(const struct wb_root *root, const struct wb_kernels *list,
		     const char *path)
{
	struct stat st, other;

	if (is_known(list, path))
		return true;
	if (wb_root_stat(root, path, &st) < 0)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (has_image(&list->items[i]) &&
		    wb_root_stat(root, list->items[i].linux, &other) >= 0 &&
		    other.st_dev == st.st_dev && other.st_ino == st.st_ino)
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
	return k->unified ? 0 : wb_initramfs_find(root, k->linux, k->version, &k->initrd);
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

/* Those of a deployment are in it, and not in the running one's /lib/modules; NULL in
 * @ret: nobody can tell. */
static int find_modules(const struct wb_root *root, struct wb_kernel *k, char **ret)
{
	_cleanup_free_ char *named = NULL, *deployment = NULL;
	int r = wb_deployment_find(root, k->options ? k->options : "", &named,
				   &deployment);

	*ret = NULL;
	if (r < 0)
		return r;
	if (!named)
		return wb_set_format(ret, "/lib/modules/%s", k->version);
	if (!deployment)
		return wb_set_format(&k->problem,
				     "its deployment %s is not there: ostree has "
				     "removed it or given it another name",
				     named);
	r = wb_set_format(ret, "%s/usr", deployment);
	/* What the initramfs mounts over an empty folder cannot be seen from here. */
	if (r < 0 || !wb_root_exists(root, *ret)) {
		free(TAKE_PTR(*ret));
		return r;
	}
	return wb_set_format(ret, "%s/usr/lib/modules/%s", deployment, k->version);
}

/* A kernel that is built without modules (CONFIG_MODULES) needs none. The running one has
 * no table of them; of others the file that most distributions put beside them tells. */
static bool knows_no_modules(const struct wb_root *root, const struct wb_state *state,
			     const struct wb_kernel *k)
{
	_cleanup_free_ char *config = NULL;

	if (wb_kernel_is_running(state, k->linux, k->version) &&
	    !wb_root_exists(root, "proc/modules"))
		return true;
	return wb_kernel_config_read(root, k->version, /* running= */ false, &config) >=
		       0 &&
	       config && wb_kernel_config_lacks(config, "CONFIG_MODULES");
}

static int check_modules(const struct wb_root *root, const struct wb_state *state,
			 struct wb_kernel *k)
{
	_cleanup_free_ char *folder = NULL;
	int r;

	if (k->problem || !k->version)
		return 0;
	r = find_modules(root, k, &folder);
	if (r < 0 || !folder || wb_root_exists(root, folder) ||
	    knows_no_modules(root, state, k))
		return r;
	return wb_set_format(&k->problem, "its modules are not installed: there is no %s",
			     folder);
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
		r = check_modules(root, list->state, &k);
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
	k->unread = k->problem;
	if (r >= 0 && !k->problem)
		r = read_image(root, state, k);
	if (r >= 0)
		r = check_initrd(root, k);
	if (r >= 0)
		r = check_modules(root, state, k);
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
	r = append(list, entry);
	list->n_entries = list->n;
	return r;
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

/* Several entries may have the image of the running kernel: a normal and a recovery one,
 * or a copy of it. The image that the boot loader has started counts more than the
 * options. 0: it is no candidate. */
static int rate_running(const struct wb_kernels *list, size_t i, const char *image,
			int *ret)
{
	const struct wb_kernel *k = &list->items[i];
	const char *line = list->state->cmdline ? list->state->cmdline : "";
	_cleanup_free_ char *diff = NULL;

	*ret = 0;
	if (k->unread || !wb_kernel_is_running(list->state, k->linux, k->version))
		return 0;
	diff = wb_cmdline_diff(line, k->options ? k->options : "");
	if (!diff)
		return -ENOMEM;
	*ret = 1 + (i < list->n_entries && *diff == '\0') +
	       2 * (image && strcmp(k->linux, image) == 0);
	return 0;
}

/* Of equals it is the first. */
static int mark_running(const struct wb_root *root, struct wb_kernels *list)
{
	_cleanup_free_ char *image = NULL;
	struct wb_kernel *found = NULL;
	int r = wb_bootimage_find(root, list->state, &image), best = 0;

	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		int rating = 0;

		r = rate_running(list, i, image, &rating);
		if (rating <= best)
			continue;
		best = rating;
		found = &list->items[i];
	}
	if (found)
		found->running = true;
	return r;
}

int wb_kernels_read(const struct wb_root *root, const struct wb_state *state,
		    const char *path, struct wb_kernels *ret)
{
	struct wb_kernels list = { .state = state };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(readers); i++)
		r = readers[i]->read(root, &list);
	if (r >= 0 && path)
		r = wb_kernels_add(root, &list, "path", path);
	if (r >= 0)
		r = mark_running(root, &list);
	if (r < 0) {
		wb_kernels_done(&list);
		return r;
	}
	*ret = list;
	return 0;
}

void wb_kernels_done(struct wb_kernels *list)
{
	wb_kernels_free(list->items, list->n);
	wb_strv_free(list->unlisted);
	*list = (struct wb_kernels){ .state = list->state };
}

void wb_kernels_free(struct wb_kernel *kernels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wb_kernel_done(&kernels[i]);
	free(kernels);
}
