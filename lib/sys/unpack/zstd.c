/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <zstd.h>

#include "sys/unpack/unpack-part.h"

static int zstd_open(struct wb_unpacker *p)
{
	p->state = ZSTD_createDStream();
	return p->state ? 0 : -ENOMEM;
}

static int zstd_step(struct wb_unpacker *p)
{
	ZSTD_inBuffer in = { p->in, p->in_left, 0 };
	ZSTD_outBuffer out = { p->out, p->out_left, 0 };
	size_t r = ZSTD_decompressStream(p->state, &out, &in);

	if (ZSTD_isError(r))
		return wb_unpack_damaged(p, "its zstd data is damaged");
	wb_unpack_advance(p, in.pos, out.pos);
	return r == 0 ? WB_UNPACK_END : WB_UNPACK_ON;
}

static void zstd_close(struct wb_unpacker *p)
{
	ZSTD_freeDStream(p->state);
}

const struct wb_unpack_ops wb_unpack_zstd = {
	.magic = { 0x28, 0xb5 },
	.in_size = WB_UNPACK_IN,
	.out_size = WB_UNPACK_OUT,
	.open = zstd_open,
	.step = zstd_step,
	.close = zstd_close,
};
