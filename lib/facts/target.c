/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/target.h"

#include "base/strv.h"
#include "base/text.h"
#include "facts/kernel/image.h"
#include "facts/target-part.h"

static int read_image(const struct wb_root *root, const char *linux,
		      struct wb_target *target)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	int r = wb_image_read(root, linux, &image);

	target->cmdline_max = image.cmdline_max;
	return r;
}

/* An empty archive beside others does no harm. */
static int refuse_empty(const struct wb_target_spec *spec, struct wb_initramfs *initramfs)
{
	const char *path = spec->n_pieces > 0 ? spec->pieces[0].path
			   : spec->initrds    ? *spec->initrds
					      : NULL;
	int r;

	if (!path || initramfs->problem || initramfs->opaque || initramfs->n_files > 0)
		return 0;
	r = wb_set_format(&initramfs->problem, "it holds no file");
	return r < 0 ? r : wb_set_format(&initramfs->problem_path, "%s", path);
}

static int read_initramfs(const struct wb_root *root, const struct wb_target_spec *spec,
			  struct wb_initramfs *initramfs)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->n_pieces; i++)
		r = wb_initramfs_walk(root, &spec->pieces[i], spec->version, initramfs);
	for (char *const *p = spec->initrds; r >= 0 && p && *p; p++)
		r = wb_initramfs_walk(root, &(struct wb_piece){ .path = *p },
				      spec->version, initramfs);
	return r < 0 ? r : refuse_empty(spec, initramfs);
}

int wb_target_read(const struct wb_root *root, const struct wb_facts *facts,
		   const struct wb_target_spec *spec, struct wb_target *ret)
{
	struct wb_target target = { 0 };
	int r = read_image(root, spec->linux, &target);

	if (r >= 0)
		r = read_initramfs(root, spec, &target.initramfs);
	if (r >= 0)
		r = wb_target_find_root(root, spec->options, &target.root);
	if (r >= 0)
		r = wb_target_find_modules(root, facts, spec, &target);
	if (r < 0) {
		wb_target_done(&target);
		return r;
	}
	*ret = target;
	return 0;
}

static void root_done(struct wb_target_root *root)
{
	free(root->word);
	free(root->device);
	free(root->problem);
	free(root->unchecked);
	wb_strv_free(root->absent);
	free(root->type);
}

void wb_target_done(struct wb_target *target)
{
	wb_initramfs_done(&target->initramfs);
	root_done(&target->root);
	wb_strv_free(target->modules.missing);
	wb_strv_free(target->modules.unbuilt);
	wb_strv_free(target->modules.unbuilt_root);
	*target = (struct wb_target){ 0 };
}
