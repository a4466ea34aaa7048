/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Kernels, initramfs files and a whole desktop with an NVIDIA GPU, as files. */

#include "fixture.h"

#define MACHINE_RELEASE "6.1.0-56-amd64"
#define MACHINE_OLDER   "6.1.0-55-amd64"

/* Memory that grows. */
struct bytes {
	unsigned char *data;
	size_t size;
};

void bytes_add(struct bytes *b, const void *data, size_t size);
void bytes_zeros(struct bytes *b, size_t size);
void bytes_done(struct bytes *b);

/* A bzImage for x86_64 of 128 KiB whose version string is @version and a comment. */
struct bytes image_bytes(const char *version);
#define IMAGE_CMDLINE_MAX 2047

/* One entry of a newc archive; the trailer ends it. */
void newc_add(struct bytes *b, const char *name, const char *content);
void newc_trailer(struct bytes *b);
/* @b through gzip, bzip2, lzma, zstd, xz (with the check that the kernel knows), lz4 (the
 * legacy format), lzo; and, refused by the kernel: xz-crc64, lz4-frame. */
struct bytes pack_bytes(const struct bytes *b, const char *how);

/* /boot/vmlinuz-VERSION, its initrd.img- and its modules. */
void machine_kernel(struct fixture *f, const char *version);
/* The desktop: two kernels, nvidia modules, Xorg on the GPU, the hooks. */
void machine_desktop(struct fixture *f);
