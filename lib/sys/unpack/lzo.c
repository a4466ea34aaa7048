/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <lzo/lzo1x.h>
#include <stdbool.h>
#include <string.h>

#include "sys/unpack/unpack-part.h"

/* What the program lzop writes, as the kernel's lib/decompress_unlzo.c reads it: a
 * header, and blocks behind their sizes and a checksum. All numbers are big-endian. */
#define LZOP_MAGIC      "\x89LZO\0\r\n\x1a\n"
#define LZOP_MAGIC_SIZE 9
#define LZOP_BLOCK_SIZE ((size_t)256 << 10)
#define LZOP_HAS_LEVEL  0x940 /* from this version on */
#define LZOP_HAS_FILTER 0x800 /* a flag */
#define LZOP_VERSION    9
/* Of the header, with the longest name; of a block, its sizes and checksum. */
#define LZOP_HEAD_MAX 512
#define LZOP_REST     7 /* the library's version, and what is needed; then the method */

static uint32_t lzop_number(const struct wb_unpacker *p, size_t at, size_t bytes)
{
	uint32_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | (unsigned char)p->in[at + i];
	return number;
}

/* Where the name stands, whose size is before it; 0: there is not that much. */
static size_t lzop_name(const struct wb_unpacker *p)
{
	bool level = lzop_number(p, LZOP_VERSION, 2) >= LZOP_HAS_LEVEL;
	size_t flags = LZOP_VERSION + 4 + (level ? 2 : 0) + 1 + (level ? 1 : 0);
	size_t name = flags + 4 + 4 + 4 + (level ? 4 : 0);

	if (p->in_left < name + 5)
		return 0;
	if (lzop_number(p, flags, 4) & LZOP_HAS_FILTER)
		name += 4;
	return p->in_left < name + 5 ? 0 : name;
}

static int lzo_open(struct wb_unpacker *p)
{
	size_t name, size;

	if (lzo_init() != LZO_E_OK)
		return -ENOMEM;
	if (p->in_left < LZOP_MAGIC_SIZE + LZOP_REST ||
	    memcmp(p->in, LZOP_MAGIC, LZOP_MAGIC_SIZE) != 0)
		return wb_unpack_damaged(p, "its lzo data is damaged");
	name = lzop_name(p);
	/* Behind the name stands the header's own checksum. */
	size = name ? name + 1 + lzop_number(p, name, 1) + 4 : 0;
	if (size == 0 || size > p->in_left)
		return wb_unpack_damaged(p, "its lzo data is cut short");
	wb_unpack_advance(p, size, 0);
	return 0;
}

static int lzo_block(struct wb_unpacker *p, size_t packed, size_t size)
{
	lzo_uint made = p->out_left;

	/* What would not become smaller is left as it is. */
	if (packed == size)
		memcpy(p->out, p->in, size);
	else if (lzo1x_decompress_safe((const unsigned char *)p->in, packed,
				       (unsigned char *)p->out, &made,
				       NULL) != LZO_E_OK ||
		 made != size)
		return wb_unpack_damaged(p, "its lzo data is damaged");
	wb_unpack_advance(p, packed, size);
	return WB_UNPACK_ON;
}

static int lzo_step(struct wb_unpacker *p)
{
	size_t size, packed;

	if (p->in_left < 4)
		return wb_unpack_damaged(p, "its lzo data is cut short");
	size = lzop_number(p, 0, 4);
	wb_unpack_advance(p, 4, 0);
	if (size == 0)
		return WB_UNPACK_END;
	if (p->in_left < 8)
		return wb_unpack_damaged(p, "its lzo data is cut short");
	packed = lzop_number(p, 0, 4);
	wb_unpack_advance(p, 8, 0);
	if (size > LZOP_BLOCK_SIZE || packed == 0 || packed > size)
		return wb_unpack_damaged(p, "its lzo data is damaged");
	return packed > p->in_left ? wb_unpack_damaged(p, "its lzo data is cut short")
				   : lzo_block(p, packed, size);
}

const struct wb_unpack_ops wb_unpack_lzo = {
	.magic = { 0x89, 0x4c },
	.in_size = LZOP_HEAD_MAX + LZOP_BLOCK_SIZE,
	.out_size = LZOP_BLOCK_SIZE,
	.open = lzo_open,
	.step = lzo_step,
};
