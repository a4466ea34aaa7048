/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/source.h"

#include <errno.h>
#include <string.h>

#define CAPACITY_MIN ((size_t)128 << 10)

/* To the front, with room for twice as much as is wanted: moved bytes stay few. */
static int make_room(struct wb_source *s, size_t want)
{
	size_t capacity = want > CAPACITY_MIN / 2 ? 2 * want : CAPACITY_MIN;
	char *grown;

	if (s->size > 0)
		memmove(s->buffer, s->data, s->size);
	if (capacity > s->capacity) {
		grown = realloc(s->buffer, capacity);
		if (!grown) {
			s->data = s->buffer;
			return -ENOMEM;
		}
		s->buffer = grown;
		s->capacity = capacity;
	}
	s->data = s->buffer;
	return 0;
}

static int read_more(struct wb_source *s)
{
	size_t space = s->capacity - s->size;
	ssize_t n;

	if (space > s->left)
		space = (size_t)s->left;
	do
		n = pread(s->fd, s->buffer + s->size, space, (off_t)s->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	s->size += (size_t)n;
	s->offset += (uint64_t)n;
	s->left = n == 0 ? 0 : s->left - (uint64_t)n;
	return 0;
}

int wb_source_fill(struct wb_source *s, size_t want)
{
	int r = 0;

	if (s->size >= want || s->left == 0)
		return 0;
	r = make_room(s, want);
	while (r >= 0 && s->size < want && s->left > 0)
		r = read_more(s);
	return r;
}

void wb_source_take(struct wb_source *s, size_t n)
{
	s->data += n;
	s->size -= n;
	s->taken += n;
}

void wb_source_done(struct wb_source *s)
{
	free(s->buffer);
	*s = (struct wb_source){ .fd = -1 };
}
