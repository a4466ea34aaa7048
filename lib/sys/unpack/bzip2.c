/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bzlib.h>
#include <errno.h>

#include "sys/unpack/unpack-part.h"

static int bzip2_open(struct wb_unpacker *p)
{
	bz_stream *s = p->state = calloc(1, sizeof(*s));

	if (s && BZ2_bzDecompressInit(s, 0, 0) == BZ_OK)
		return 0;
	free(s);
	return -ENOMEM;
}

static int bzip2_step(struct wb_unpacker *p)
{
	/* Buffers are much smaller than what counters of 32 bits can say. */
	unsigned int in = (unsigned int)p->in_left, out = (unsigned int)p->out_left;
	bz_stream *s = p->state;
	int r;

	s->next_in = (char *)(uintptr_t)p->in; /* it only reads */
	s->avail_in = in;
	s->next_out = p->out;
	s->avail_out = out;
	r = BZ2_bzDecompress(s);
	wb_unpack_advance(p, in - s->avail_in, out - s->avail_out);
	if (r == BZ_STREAM_END)
		return WB_UNPACK_END;
	if (r == BZ_MEM_ERROR)
		return -ENOMEM;
	return r == BZ_OK ? WB_UNPACK_ON
			  : wb_unpack_damaged(p, "its bzip2 data is damaged");
}

static void bzip2_close(struct wb_unpacker *p)
{
	BZ2_bzDecompressEnd(p->state);
	free(p->state);
}

const struct wb_unpack_ops wb_unpack_bzip2 = {
	.magic = { 0x42, 0x5a },
	.in_size = WB_UNPACK_IN,
	.out_size = WB_UNPACK_OUT,
	.open = bzip2_open,
	.step = bzip2_step,
	.close = bzip2_close,
};
