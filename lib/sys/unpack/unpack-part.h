/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files that know one compression each share. */

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct wb_unpacker {
	const char *in;
	size_t in_left;
	char *out;
	size_t out_left;
	const char *why; /* a sentence, where something is wrong */
	void *state;     /* the library's */
};

enum { WB_UNPACK_ON, WB_UNPACK_END };

struct wb_unpack_ops {
	unsigned char
		magic[2]; /* two bytes decide, as in the kernel's lib/decompress.c */
	size_t in_size;   /* at least so much is there for each call, or all */
	size_t out_size;  /* room that each step has */
	int (*open)(struct wb_unpacker *p);
	/* WB_UNPACK_ON, WB_UNPACK_END or negative errno. */
	int (*step)(struct wb_unpacker *p);
	void (*close)(struct wb_unpacker *p); /* NULL: nothing is open */
};

/* For those that take their input in any pieces. */
#define WB_UNPACK_IN  ((size_t)1)
#define WB_UNPACK_OUT ((size_t)256 << 10)

/* -EBADMSG, with the reason. */
int wb_unpack_damaged(struct wb_unpacker *p, const char *why);
void wb_unpack_advance(struct wb_unpacker *p, size_t used, size_t made);

extern const struct wb_unpack_ops wb_unpack_gzip;
extern const struct wb_unpack_ops wb_unpack_bzip2;
extern const struct wb_unpack_ops wb_unpack_lzma;
extern const struct wb_unpack_ops wb_unpack_xz;
extern const struct wb_unpack_ops wb_unpack_lzo;
extern const struct wb_unpack_ops wb_unpack_lz4;
extern const struct wb_unpack_ops wb_unpack_zstd;
