/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/newc.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define HEADER_SIZE 110
#define FILE_SIZE   54
#define NAME_SIZE   94

static uint64_t align4(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

static bool read_field(const char *header, size_t offset, uint64_t *ret)
{
	char digits[9] = { 0 };

	memcpy(digits, header + offset, 8);
	return wb_parse_u64(digits, 16, ret) >= 0;
}

static void enter(struct wb_newc *c, enum wb_newc_state state, uint64_t left)
{
	c->state = state;
	c->left = left;
	c->n = 0;
}

static int end_header(struct wb_newc *c)
{
	uint64_t name_size, file_size;

	if (memcmp(c->text, "070701", 6) != 0 && memcmp(c->text, "070702", 6) != 0)
		return -EBADMSG;
	if (!read_field(c->text, NAME_SIZE, &name_size) ||
	    !read_field(c->text, FILE_SIZE, &file_size))
		return -EBADMSG;
	c->open = true;
	c->name_size = (size_t)name_size;
	c->skip = align4(HEADER_SIZE + name_size) - (HEADER_SIZE + name_size) +
		  align4(file_size);
	/* Such an entry the kernel skips, and says nothing. */
	if (name_size == 0 || name_size > WB_NEWC_NAME_MAX)
		enter(c, WB_NEWC_SKIP, name_size + c->skip);
	else
		enter(c, WB_NEWC_NAME, name_size);
	return 0;
}

static int end_name(struct wb_newc *c, wb_newc_entry entry, void *userdata)
{
	if (c->text[c->name_size - 1] != '\0')
		return -EBADMSG;
	enter(c, WB_NEWC_SKIP, c->skip);
	if (strcmp(c->text, "TRAILER!!!") != 0)
		return entry(userdata, c->text);
	c->open = false;
	c->has_ended = true;
	return 0;
}

/* How many of @size bytes the state takes; what it collects is copied. */
static size_t take(struct wb_newc *c, const char *data, size_t size)
{
	size_t n = c->left < size ? (size_t)c->left : size;

	if (c->state == WB_NEWC_HEADER || c->state == WB_NEWC_NAME) {
		memcpy(c->text + c->n, data, n);
		c->n += n;
	}
	c->left -= n;
	c->offset += n;
	return n;
}

static int end_state(struct wb_newc *c, wb_newc_entry entry, void *userdata)
{
	if (c->state == WB_NEWC_HEADER)
		return end_header(c);
	if (c->state == WB_NEWC_NAME)
		return end_name(c, entry, userdata);
	enter(c, WB_NEWC_BETWEEN, 0);
	return 0;
}

/* False where neither a zero nor a header stands. */
static bool go_between(struct wb_newc *c, const char *data, size_t *used)
{
	if (*data == '\0') {
		c->offset++;
		(*used)++;
		return true;
	}
	/* Headers stand at multiples of four. */
	if (*data != '0' || c->offset % 4 != 0)
		return false;
	enter(c, WB_NEWC_HEADER, HEADER_SIZE);
	return true;
}

int wb_newc_feed(struct wb_newc *c, const char *data, size_t size, wb_newc_entry entry,
		 void *userdata, size_t *ret_used)
{
	size_t used = 0;
	int r = 0;

	while (r >= 0 && used < size) {
		if (c->state == WB_NEWC_BETWEEN) {
			if (!go_between(c, data + used, &used))
				break;
			continue;
		}
		used += take(c, data + used, size - used);
		/* A file may be empty: then the next state ends at once. */
		while (r >= 0 && c->left == 0 && c->state != WB_NEWC_BETWEEN)
			r = end_state(c, entry, userdata);
	}
	*ret_used = used;
	return r < 0 ? r : 0;
}

bool wb_newc_is_whole(const struct wb_newc *c)
{
	return c->state == WB_NEWC_BETWEEN && !c->open && c->has_ended;
}
