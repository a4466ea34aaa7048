/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <lz4.h>

#include "sys/unpack/unpack-part.h"

/* The kernel's lib/decompress_unlz4.c: LZ4_DEFAULT_UNCOMPRESSED_CHUNK_SIZE */
#define LZ4_CHUNK_SIZE ((size_t)8 << 20)
#define LZ4_MAGIC      0x184c2102u

static uint32_t lz4_word(const struct wb_unpacker *p)
{
	uint32_t word = 0;

	for (int i = 3; i >= 0; i--)
		word = word << 8 | (unsigned char)p->in[i];
	return word;
}

static int lz4_open(struct wb_unpacker *p)
{
	if (p->in_left < 4 || lz4_word(p) != LZ4_MAGIC)
		return wb_unpack_damaged(p, "its lz4 data is damaged");
	wb_unpack_advance(p, 4, 0);
	return 0;
}

/*
 * The legacy format is chunks, each with its size, and has no mark for its end. The
 * kernel (lib/decompress_unlz4.c, since 5.14 and its stable siblings) ends it where fewer
 * than four bytes are left or a size is zero, and takes the magic in place of a size for
 * more of the same. Anything else behind it is read as a size: who puts a part behind an
 * lz4 part must put at least four zeros between them. Those zeros are not used up here.
 */
static int lz4_step(struct wb_unpacker *p)
{
	uint32_t size = p->in_left < 4 ? 0 : lz4_word(p);
	int made;

	if (size == 0)
		return WB_UNPACK_END;
	wb_unpack_advance(p, 4, 0);
	if (size == LZ4_MAGIC)
		return WB_UNPACK_ON;
	if (size > LZ4_COMPRESSBOUND(LZ4_CHUNK_SIZE))
		return wb_unpack_damaged(
			p, "its lz4 data is damaged, or something follows it "
			   "without four zeros between");
	if (size > p->in_left)
		return wb_unpack_damaged(p, "its lz4 data is cut short");
	made = LZ4_decompress_safe(p->in, p->out, (int)size, (int)p->out_left);
	if (made < 0)
		return wb_unpack_damaged(p, "its lz4 data is damaged");
	wb_unpack_advance(p, size, (size_t)made);
	return p->in_left == 0 ? WB_UNPACK_END : WB_UNPACK_ON;
}

const struct wb_unpack_ops wb_unpack_lz4 = {
	.magic = { 0x02, 0x21 },
	.in_size = 4 + LZ4_COMPRESSBOUND(LZ4_CHUNK_SIZE),
	.out_size = LZ4_CHUNK_SIZE,
	.open = lz4_open,
	.step = lz4_step,
};
