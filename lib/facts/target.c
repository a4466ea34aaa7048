/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/target.h"

#include "base/strv.h"
#include "base/text.h"
#include "facts/dtb.h"
#include "facts/kernel/image.h"
#include "facts/kernel/piece.h"
#include "facts/kernel/stamp-file.h"
#include "facts/kernel/stamp.h"
#include "facts/target-part.h"

/* All that was only looked at for the list is unpacked here. */
static int read_image(const struct wb_root *root, const struct wb_kernel *kernel,
		      const char *machine, struct wb_target *target)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };
	int r = wb_image_read(root, kernel->linux, machine, kernel->profile, &image);

	if (r >= 0)
		r = wb_image_check(root, &image);
	if (r < 0)
		return r;
	target->cmdline_max = image.cmdline_max;
	target->image_problem = TAKE_PTR(image.problem);
	target->linux = image.linux;
	image.linux.path = NULL;
	target->initrd = TAKE_PTR(image.initrd);
	target->n_initrd = image.n_initrd;
	image.n_initrd = 0;
	target->lost = TAKE_PTR(image.lost);
	return 0;
}

/* What is unpacked first has left its signature behind. */
static int read_signature(const struct wb_root *root, const struct wb_kernel *kernel,
			  struct wb_target *target)
{
	const struct wb_piece *linux = &target->linux;

	if (linux->path && linux->compressed) {
		target->signature.looked = true;
		return 0;
	}
	return wb_signature_read(root, linux->path ? linux->path : kernel->linux,
				 linux->path ? linux->offset : 0, &target->signature);
}

static int add_files(char *const *initrd, struct wb_target *target)
{
	int r = 0;

	for (char *const *path = initrd; r >= 0 && path && *path; path++)
		r = wb_pieces_add(&target->initrd, &target->n_initrd,
				  &(struct wb_piece){ .path = *path });
	return r;
}

/* An empty archive beside others does no harm. */
static int refuse_empty(struct wb_target *target)
{
	struct wb_initramfs *initramfs = &target->initramfs;
	int r;

	if (target->n_initrd == 0 || initramfs->problem || initramfs->n_files > 0)
		return 0;
	r = wb_set_format(&initramfs->problem, "it holds no file");
	return r < 0 ? r
		     : wb_set_format(&initramfs->problem_path, "%s",
				     target->initrd[0].path);
}

static int read_initramfs(const struct wb_root *root, const struct wb_target_spec *spec,
			  struct wb_target *target)
{
	int r;

	if (spec->without_own) {
		wb_pieces_free(TAKE_PTR(target->initrd), target->n_initrd);
		target->n_initrd = 0;
	}
	r = add_files(spec->initrd, target);
	for (size_t i = 0; r >= 0 && i < target->n_initrd; i++)
		r = wb_initramfs_walk(root, &target->initrd[i], spec->kernel->version,
				      &target->initramfs);
	return r < 0 ? r : refuse_empty(target);
}

static int read_dtb(const struct wb_root *root, const char *dtb, struct wb_target *target)
{
	return dtb ? wb_dtb_check(root, dtb, &target->dtb_problem,
				  &target->dtb_unreadable)
		   : 0;
}

/* Before they are read: who changes one from here on is noticed when it is loaded. */
static int look_at_files(const struct wb_root *root, const struct wb_target_spec *spec,
			 struct wb_target *target)
{
	int r = wb_stamps_look(root, spec->kernel->linux, &target->files,
			       &target->n_files);

	for (char *const *path = spec->initrd; r >= 0 && path && *path; path++)
		r = wb_stamps_look(root, *path, &target->files, &target->n_files);
	if (r >= 0 && spec->dtb)
		r = wb_stamps_look(root, spec->dtb, &target->files, &target->n_files);
	return r;
}

int wb_target_read(const struct wb_root *root, const struct wb_facts *facts,
		   const struct wb_target_spec *spec, struct wb_target *ret)
{
	struct wb_target target = { 0 };
	int r = look_at_files(root, spec, &target);

	if (r >= 0)
		r = read_image(root, spec->kernel, facts->state.machine, &target);
	if (r >= 0)
		r = read_signature(root, spec->kernel, &target);
	if (r >= 0)
		r = read_initramfs(root, spec, &target);
	if (r >= 0)
		r = read_dtb(root, spec->dtb, &target);
	if (r >= 0)
		r = wb_target_find_root(root, spec->options, &target.root);
	if (r >= 0)
		r = wb_target_find_modules(root, facts, spec, &target);
	if (r >= 0)
		r = wb_target_find_early(root, facts, spec, &target);
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
	free(target->image_problem);
	wb_signature_done(&target->signature);
	free(target->linux.path);
	wb_strv_free(target->lost);
	wb_pieces_free(target->initrd, target->n_initrd);
	wb_stamps_free(target->files, target->n_files);
	free(target->dtb_problem);
	wb_initramfs_done(&target->initramfs);
	root_done(&target->root);
	wb_strv_free(target->modules.missing);
	wb_strv_free(target->modules.unbuilt);
	wb_strv_free(target->modules.unbuilt_root);
	wb_strv_free(target->modules.dkms);
	wb_strv_free(target->early.modules);
	*target = (struct wb_target){ 0 };
}
