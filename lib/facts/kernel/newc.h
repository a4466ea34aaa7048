/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The names in a cpio archive of the "New ASCII Format" (cpio(5)), fed in pieces, by the
 * rules of the kernel's init/initramfs.c. No I/O here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

#define WB_NEWC_NAME_MAX 4096 /* PATH_MAX, with its NUL */

enum wb_newc_state {
	WB_NEWC_BETWEEN, /* zeros, or the next header */
	WB_NEWC_HEADER,
	WB_NEWC_NAME,
	WB_NEWC_SKIP, /* padding and contents */
};

/* A negative errno ends the walk. */
typedef int (*wb_newc_entry)(void *userdata, const char *name);

/* All zeros is one that has read nothing. */
struct wb_newc {
	enum wb_newc_state state;
	uint64_t offset; /* of the next byte, from where the archive's part begins */
	uint64_t left;   /* bytes until the state ends */
	size_t name_size;
	uint64_t skip;  /* behind the name */
	bool open;      /* entries came, and no trailer after them */
	bool has_ended; /* a trailer came */
	size_t n;       /* bytes in @text */
	char text[WB_NEWC_NAME_MAX];
};

/*
 * Read on. 0 with the bytes that were taken in @ret_used: all, or those before the first
 * that can begin no header. -EBADMSG for a header that is none, or what @entry said.
 */
_must_check_ int wb_newc_feed(struct wb_newc *c, const char *data, size_t size,
			      wb_newc_entry entry, void *userdata, size_t *ret_used);
/* Has every archive up to here got its trailer, and was there one? */
bool wb_newc_is_whole(const struct wb_newc *c);
