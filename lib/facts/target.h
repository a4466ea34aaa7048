/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A closer look at what is about to be started: its files, the root it will mount, and
 * the modules that it needs for that. */

#include "facts/kernel/initramfs.h"
#include "facts/kernel/signature.h"

/* What is looked at; nothing is owned. */
struct wb_target_spec {
	const struct wb_kernel *kernel;
	char *const
		*initrd;  /* paths in the order in which they are joined; may be NULL */
	bool without_own; /* what the image has inside is not used */
	const char *options;
	const char *dtb; /* NULL: none is given */
};

struct wb_target_root {
	char *word;    /* of the command line, "root=UUID=...", or the one that stands in
			  its way; NULL: there is none */
	char *device;  /* the device it names */
	char *problem; /* why it leads nowhere */
	char *unchecked; /* why nobody can tell here whether it leads somewhere */
	char **absent; /* words that name LUKS containers and volumes that are not here */
	bool mounted;  /* it is what is mounted on / now */
	char *type;    /* its file system; NULL: not known */
};

/* Of a kernel that is not the running one. */
struct wb_target_modules {
	bool foreign;        /* its initramfs has modules, and none of this kernel */
	char **missing;      /* what the root needs and the initramfs lacks */
	char **unbuilt;      /* out-of-tree ones, loaded now, that it does not have */
	char **unbuilt_root; /* those of them that the root needs */
	char **dkms;         /* those that dkms built for the running kernel */
};

/* Of the modules that hooks ask for: what there is before the root is mounted. */
struct wb_target_early {
	bool known; /* else one that is not in the list may be there as well */
	char **modules;
};

struct wb_target {
	unsigned int cmdline_max;
	char *image_problem; /* a sentence; NULL: the kernel is whole */
	char **lost;         /* what of a unified kernel image kexec does not carry
				over, a part of a sentence each */
	struct wb_signature signature; /* of what kexec gets */
	struct wb_piece linux;         /* path NULL: the image as it stands */
	struct wb_piece *initrd;       /* what the kernel gets, in order */
	size_t n_initrd;
	struct wb_stamp *files; /* all that is read of it, as it was before that */
	size_t n_files;
	char *dtb_problem; /* NULL: it is whole, or there is none */
	bool dtb_unreadable;
	struct wb_initramfs initramfs; /* of all its files together */
	struct wb_target_root root;
	struct wb_target_modules modules;
	struct wb_target_early early;
};

/* 0 or negative errno; wb_target_done() frees @ret. */
_must_check_ int wb_target_read(const struct wb_root *root, const struct wb_facts *facts,
				const struct wb_target_spec *spec, struct wb_target *ret);
void wb_target_done(struct wb_target *target);
