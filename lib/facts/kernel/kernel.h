/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Everything bootable. Each source has a reader of its own behind one interface, called
 * in the order of the table in kernel.c; what an earlier one found is not added twice.
 */

#include "facts/facts.h"

struct wb_kernels {
	struct wb_kernel *items;
	size_t n;
	size_t n_entries; /* the first of them, with options of their own */
	char **unlisted;  /* a sentence for each menu that could not be read */
	const struct wb_state *state;
};

struct wb_kernel_reader {
	const char *source;
	/* Append what the source knows, with wb_kernels_add(). */
	int (*read)(const struct wb_root *root, struct wb_kernels *list);
};

/* Add the image at @linux, unless an entry has it already; finds its initramfs by name
 * and takes the running command line. */
_must_check_ int wb_kernels_add(const struct wb_root *root, struct wb_kernels *list,
				const char *source, const char *linux);
/*
 * Add a boot loader's entry: @entry has its source and id, and of title, linux, profile,
 * initrd, options, is_default, oneshot, bad and problem what the loader's file says;
 * paths are absolute in the root. What is missing is filled in: the version, and of a
 * unified kernel image the options and the title, from the image, and the problem where
 * an image or an initramfs is not there or is none. An entry whose problem is set is
 * listed as it is. Takes ownership of @entry's contents, also where it fails. Entries of
 * one id may stand side by side; the choice between them is refused.
 */
_must_check_ int wb_kernels_add_entry(const struct wb_root *root, struct wb_kernels *list,
				      struct wb_kernel *entry);

/* Is the file at @path the image of an entry in the list, by whatever name? */
bool wb_kernels_have(const struct wb_root *root, const struct wb_kernels *list,
		     const char *path);

/* Is it the image of the running kernel? By its version; one that cannot be read, or is
 * damaged, by its name. */
bool wb_kernel_is_running(const struct wb_state *state, const char *linux,
			  const char *version);
/* The image that BOOT_IMAGE= in the running command line means; NULL in @ret: there is no
 * such word, or no such image. 0 or -ENOMEM; the caller's. */
_must_check_ int wb_bootimage_find(const struct wb_root *root,
				   const struct wb_state *state, char **ret);

extern const struct wb_kernel_reader wb_kernel_reader_bls;
extern const struct wb_kernel_reader wb_kernel_reader_grub;
extern const struct wb_kernel_reader wb_kernel_reader_uki;
extern const struct wb_kernel_reader wb_kernel_reader_bootimage;
extern const struct wb_kernel_reader wb_kernel_reader_boot;
extern const struct wb_kernel_reader wb_kernel_reader_modules;
extern const struct wb_kernel_reader wb_kernel_reader_token;

/* @path: an image that the operator named, added as it is; or NULL. @ret is the caller's,
 * and ends with wb_kernels_done(). */
_must_check_ int wb_kernels_read(const struct wb_root *root, const struct wb_state *state,
				 const char *path, struct wb_kernels *ret);
void wb_kernels_done(struct wb_kernels *list);
void wb_kernels_free(struct wb_kernel *kernels, size_t n);
