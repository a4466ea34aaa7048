/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Bytes of a file, read one after another. It is never mapped: one that becomes shorter
 * while it is read would end the program (SIGBUS); here its bytes end.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct wb_source {
	const char *data; /* what wb_source_fill() has read, and nobody took */
	size_t size;
	uint64_t taken; /* bytes before @data */

	int fd; /* of whoever made it */
	uint64_t offset;
	uint64_t left; /* not read yet */
	char *buffer;
	size_t capacity;
};

/* @size bytes of @fd from @offset on; its position stays. */
static inline struct wb_source wb_source_of(int fd, uint64_t offset, uint64_t size)
{
	return (struct wb_source){ .fd = fd, .offset = offset, .left = size };
}

/* Read until @want bytes lie side by side in @data, or all that are left. 0 or negative
 * errno. */
_must_check_ int wb_source_fill(struct wb_source *s, size_t want);
/* Go on behind the first @n bytes of @data. */
void wb_source_take(struct wb_source *s, size_t n);
void wb_source_done(struct wb_source *s);
