/* SPDX-License-Identifier: GPL-2.0-or-later */
#define ZLIB_CONST
#include <errno.h>
#include <zlib.h>

#include "sys/unpack/unpack-part.h"

static int gzip_open(struct wb_unpacker *p)
{
	z_stream *s = p->state = calloc(1, sizeof(*s));

	/* 16: a gzip header, and no other. */
	if (s && inflateInit2(s, 16 + MAX_WBITS) == Z_OK)
		return 0;
	free(s);
	return -ENOMEM;
}

static int gzip_step(struct wb_unpacker *p)
{
	/* Buffers are much smaller than what counters of 32 bits can say. */
	unsigned int in = (unsigned int)p->in_left, out = (unsigned int)p->out_left;
	z_stream *s = p->state;
	int r;

	s->next_in = (const Bytef *)p->in;
	s->avail_in = in;
	s->next_out = (Bytef *)p->out;
	s->avail_out = out;
	r = inflate(s, Z_NO_FLUSH);
	wb_unpack_advance(p, in - s->avail_in, out - s->avail_out);
	if (r == Z_STREAM_END)
		return WB_UNPACK_END;
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	return r == Z_OK || r == Z_BUF_ERROR
		       ? WB_UNPACK_ON
		       : wb_unpack_damaged(p, "its gzip data is damaged");
}

static void gzip_close(struct wb_unpacker *p)
{
	inflateEnd(p->state);
	free(p->state);
}

const struct wb_unpack_ops wb_unpack_gzip = {
	.magic = { 0x1f, 0x8b },
	.in_size = WB_UNPACK_IN,
	.out_size = WB_UNPACK_OUT,
	.open = gzip_open,
	.step = gzip_step,
	.close = gzip_close,
};
