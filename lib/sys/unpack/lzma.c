/* SPDX-License-Identifier: GPL-2.0-or-later */

/* xz, and the bare lzma before it. */

#include <errno.h>
#include <lzma.h>

#include "sys/unpack/unpack-part.h"

/* liblzma takes what the header asks for; xz -9 needs 65 MiB. */
#define LZMA_MEMORY_MAX ((uint64_t)1 << 30)

static lzma_stream *new_stream(struct wb_unpacker *p)
{
	lzma_stream *s = p->state = malloc(sizeof(*s));

	if (s)
		*s = (lzma_stream)LZMA_STREAM_INIT;
	return s;
}

static void lzma_close(struct wb_unpacker *p)
{
	lzma_end(p->state);
	free(p->state);
}

static int end_open(struct wb_unpacker *p, lzma_ret r)
{
	if (r == LZMA_OK)
		return 0;
	lzma_close(p);
	return -ENOMEM;
}

static int xz_open(struct wb_unpacker *p)
{
	lzma_stream *s = new_stream(p);

	return s ? end_open(p,
			    lzma_stream_decoder(s, LZMA_MEMORY_MAX, LZMA_TELL_ANY_CHECK))
		 : -ENOMEM;
}

static int lzma_open(struct wb_unpacker *p)
{
	lzma_stream *s = new_stream(p);

	return s ? end_open(p, lzma_alone_decoder(s, LZMA_MEMORY_MAX)) : -ENOMEM;
}

/* The kernel has no other checks, and refuses (Documentation/staging/xz.rst). */
static int xz_check(struct wb_unpacker *p)
{
	return lzma_get_check(p->state) <= LZMA_CHECK_CRC32
		       ? WB_UNPACK_ON
		       : wb_unpack_damaged(
				 p, "the kernel cannot unpack its xz data, which must be "
				    "made with --check=crc32");
}

static int lzma_step(struct wb_unpacker *p)
{
	size_t in = p->in_left, out = p->out_left;
	lzma_stream *s = p->state;
	lzma_ret r;

	s->next_in = (const uint8_t *)p->in;
	s->avail_in = in;
	s->next_out = (uint8_t *)p->out;
	s->avail_out = out;
	r = lzma_code(s, LZMA_RUN);
	wb_unpack_advance(p, in - s->avail_in, out - s->avail_out);
	if (r == LZMA_STREAM_END)
		return WB_UNPACK_END;
	if (r == LZMA_GET_CHECK)
		return xz_check(p);
	if (r == LZMA_MEM_ERROR)
		return -ENOMEM;
	return r == LZMA_OK || r == LZMA_BUF_ERROR
		       ? WB_UNPACK_ON
		       : wb_unpack_damaged(p, "its xz or lzma data is damaged");
}

const struct wb_unpack_ops wb_unpack_xz = {
	.magic = { 0xfd, 0x37 },
	.in_size = WB_UNPACK_IN,
	.out_size = WB_UNPACK_OUT,
	.open = xz_open,
	.step = lzma_step,
	.close = lzma_close,
};

const struct wb_unpack_ops wb_unpack_lzma = {
	.magic = { 0x5d, 0x00 },
	.in_size = WB_UNPACK_IN,
	.out_size = WB_UNPACK_OUT,
	.open = lzma_open,
	.step = lzma_step,
	.close = lzma_close,
};
