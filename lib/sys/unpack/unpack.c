/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/unpack/unpack.h"

#include <errno.h>
#include <string.h>

#include "sys/unpack/unpack-part.h"

/* A few bytes can stand for any number of zeros; no initramfs is larger than this. */
#define UNPACKED_MAX ((uint64_t)16 << 30)

static const struct wb_unpack_ops *const methods[] = {
	&wb_unpack_gzip, &wb_unpack_bzip2, &wb_unpack_lzma, &wb_unpack_xz,
	&wb_unpack_lzo,  &wb_unpack_lz4,   &wb_unpack_zstd,
};

int wb_unpack_damaged(struct wb_unpacker *p, const char *why)
{
	p->why = why;
	return -EBADMSG;
}

void wb_unpack_advance(struct wb_unpacker *p, size_t used, size_t made)
{
	p->in += used;
	p->in_left -= used;
	/* While it opens there is no place for output yet. */
	if (made > 0)
		p->out += made;
	p->out_left -= made;
}

static const struct wb_unpack_ops *find_method(const struct wb_source *source)
{
	for (size_t i = 0; source->size >= 2 && i < ARRAY_SIZE(methods); i++)
		if (memcmp(source->data, methods[i]->magic, 2) == 0)
			return methods[i];
	return NULL;
}

/* Let @act have what is there, and take what it used. */
static int call(const struct wb_unpack_ops *ops, struct wb_unpacker *p,
		struct wb_source *source, int (*act)(struct wb_unpacker *p))
{
	int r = wb_source_fill(source, ops->in_size);

	if (r < 0)
		return r;
	p->in = source->data;
	p->in_left = source->size;
	r = act(p);
	wb_source_take(source, source->size - p->in_left);
	return r;
}

/* One step, and what came of it into the sink. */
static int step(const struct wb_unpack_ops *ops, struct wb_unpacker *p,
		struct wb_source *source, char *buffer, wb_unpack_sink sink,
		void *userdata)
{
	uint64_t taken = source->taken;
	size_t made;
	int r, q;

	p->out = buffer;
	p->out_left = ops->out_size;
	r = call(ops, p, source, ops->step);
	made = ops->out_size - p->out_left;
	if (r == WB_UNPACK_ON && made == 0 && source->taken == taken)
		r = wb_unpack_damaged(p, "its compressed data is cut short");
	q = r >= 0 && made > 0 ? sink(userdata, buffer, made) : 0;
	if (q < 0)
		return q;
	return q > 0 ? WB_UNPACK_END : r;
}

static int run(const struct wb_unpack_ops *ops, struct wb_unpacker *p,
	       struct wb_source *source, wb_unpack_sink sink, void *userdata)
{
	_cleanup_free_ char *buffer = malloc(ops->out_size);
	uint64_t total = 0;
	int r = buffer ? WB_UNPACK_ON : -ENOMEM;

	while (r == WB_UNPACK_ON) {
		r = step(ops, p, source, buffer, sink, userdata);
		total += ops->out_size - p->out_left;
		if (r >= 0 && total > UNPACKED_MAX)
			r = wb_unpack_damaged(p, "it unpacks to more than 16 GiB");
	}
	return r;
}

int wb_unpack(struct wb_source *source, wb_unpack_sink sink, void *userdata,
	      const char **ret_why)
{
	const struct wb_unpack_ops *ops = NULL;
	struct wb_unpacker p = { 0 };
	int r = wb_source_fill(source, sizeof(ops->magic));

	if (r >= 0) {
		ops = find_method(source);
		r = ops ? call(ops, &p, source, ops->open)
			: wb_unpack_damaged(&p, "it is no archive that the kernel knows");
	}
	if (r >= 0) {
		r = run(ops, &p, source, sink, userdata);
		if (ops->close)
			ops->close(&p);
	}
	*ret_why = p.why;
	return r < 0 ? r : 0;
}
