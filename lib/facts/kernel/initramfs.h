/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Initramfs files: which belongs to a kernel, is it whole, and what is in it? */

#include "facts/facts.h"

/* The initramfs files of the image at @linux with @version (NULL: not known), by the
 * names that distributions give them, in the order in which they are to be loaded. 0 and
 * the paths, or NULL where there are none; the caller's. */
_must_check_ int wb_initramfs_find(const struct wb_root *root, const char *linux,
				   const char *version, char ***ret);

/* What the files of one entry hold together, in their order. All zeros: none yet. */
struct wb_initramfs {
	char *problem;       /* what is wrong with the first bad one; NULL: nothing */
	char *problem_path;  /* and which that is */
	bool unreadable;     /* for lack of rights: nothing is known to be wrong */
	bool packed;         /* a compressed part came */
	bool late_microcode; /* microcode came after it: the kernel does not look there */
	size_t n_files;      /* files, folders and links */
	char **releases;     /* the folders in lib/modules, the first 64 */
	char **modules;      /* names, as the kernel spells them, of the wanted release */
	size_t n_modules;
};

/*
 * Walk one more file, or a part of one, to its end, as the kernel's init/initramfs.c does
 * (Documentation/driver-api/early-userspace/buffer-format.rst): archives one after
 * another, each compressed or not, zeros between them. @release: whose modules to note;
 * NULL: nobody's. 0 or -ENOMEM; what is wrong with the file is in @io. After a problem
 * nothing more is walked. wb_initramfs_done() frees @io.
 */
_must_check_ int wb_initramfs_walk(const struct wb_root *root,
				   const struct wb_piece *piece, const char *release,
				   struct wb_initramfs *io);
bool wb_initramfs_has_module(const struct wb_initramfs *initramfs, const char *name);
void wb_initramfs_done(struct wb_initramfs *initramfs);
