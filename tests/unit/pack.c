/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Bytes through each compression, by its own library: what sys/unpack has to undo. */

#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "machine.h"
#include "unit.h"

/* Room that is enough for all of them. */
static struct bytes room_for(const struct bytes *b)
{
	struct bytes out = { 0 };

	bytes_zeros(&out, b->size + b->size / 8 + 4096);
	return out;
}

static struct bytes through_gzip(const struct bytes *b)
{
	struct bytes out = room_for(b);
	z_stream s = { .next_in = b->data,
		       .avail_in = (unsigned int)b->size,
		       .next_out = out.data,
		       .avail_out = (unsigned int)out.size };

	assert_int_equal(deflateInit2(&s, 6, Z_DEFLATED, 16 + MAX_WBITS, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	out.size = s.total_out;
	deflateEnd(&s);
	return out;
}

static struct bytes through_bzip2(const struct bytes *b)
{
	struct bytes out = room_for(b);
	unsigned int size = (unsigned int)out.size;

	assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out.data, &size,
						  (char *)b->data, (unsigned int)b->size,
						  9, 0, 0),
			 BZ_OK);
	out.size = size;
	return out;
}

static struct bytes through_zstd(const struct bytes *b)
{
	struct bytes out = room_for(b);

	out.size = ZSTD_compress(out.data, out.size, b->data, b->size, 3);
	assert_false(ZSTD_isError(out.size));
	return out;
}

static struct bytes through_lzma(const struct bytes *b)
{
	struct bytes out = room_for(b);
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	assert_false(lzma_lzma_preset(&options, 6));
	assert_int_equal(lzma_alone_encoder(&s, &options), LZMA_OK);
	s.next_in = b->data;
	s.avail_in = b->size;
	s.next_out = out.data;
	s.avail_out = out.size;
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	out.size = s.total_out;
	lzma_end(&s);
	return out;
}

static struct bytes xz_with(const struct bytes *b, lzma_check sum)
{
	struct bytes out = room_for(b);
	size_t used = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, sum, NULL, b->data, b->size, out.data,
						 &used, out.size),
			 LZMA_OK);
	out.size = used;
	return out;
}

static struct bytes through_xz(const struct bytes *b)
{
	return xz_with(b, LZMA_CHECK_CRC32);
}

static struct bytes through_xz_crc64(const struct bytes *b)
{
	return xz_with(b, LZMA_CHECK_CRC64);
}

static struct bytes through_lz4_frame(const struct bytes *b)
{
	struct bytes out = room_for(b);

	out.size = LZ4F_compressFrame(out.data, out.size, b->data, b->size, NULL);
	assert_false(LZ4F_isError(out.size));
	return out;
}

/* What "lz4 -l" writes: the magic, then chunks with their sizes. */
static struct bytes through_lz4(const struct bytes *b)
{
	struct bytes out = { 0 };
	int size;

	bytes_zeros(&out, 8 + (size_t)LZ4_compressBound((int)b->size));
	memcpy(out.data, "\x02\x21\x4c\x18", 4);
	size = LZ4_compress_default((const char *)b->data, (char *)out.data + 8,
				    (int)b->size, (int)out.size - 8);
	assert_true(size > 0);
	for (int i = 0; i < 4; i++)
		out.data[4 + i] = (unsigned char)(size >> 8 * i);
	out.size = 8 + (size_t)size;
	return out;
}

static void add_be32(struct bytes *b, uint32_t n)
{
	const unsigned char bytes[] = { (unsigned char)(n >> 24),
					(unsigned char)(n >> 16), (unsigned char)(n >> 8),
					(unsigned char)n };

	bytes_add(b, bytes, sizeof(bytes));
}

/* As the program lzop writes it: version 1.03, one block, no name. */
static struct bytes through_lzo(const struct bytes *b)
{
	static const char head[] = "\x89LZO\0\r\n\x1a\n"
				   "\x10\x30\x20\xa0\x09\x40\x01\x05"
				   "\0\0\0\1\0\0\x81\xa4\0\0\0\0\0\0\0\0\0\1\2\3\4";
	struct bytes out = { 0 }, packed = { 0 };
	_cleanup_free_ void *memory = malloc(LZO1X_1_MEM_COMPRESS);
	lzo_uint size;

	bytes_zeros(&packed, b->size + b->size / 16 + 64 + 3);
	assert_int_equal(lzo_init(), LZO_E_OK);
	assert_int_equal(lzo1x_1_compress(b->data, b->size, packed.data, &size, memory),
			 LZO_E_OK);
	bytes_add(&out, head, sizeof(head) - 1);
	add_be32(&out, (uint32_t)b->size);
	add_be32(&out, (uint32_t)size);
	add_be32(&out, 0x12345678); /* a checksum, which the kernel skips */
	bytes_add(&out, packed.data, size);
	add_be32(&out, 0);
	bytes_done(&packed);
	return out;
}

struct bytes pack_bytes(const struct bytes *b, const char *how)
{
	static const struct {
		const char *name;
		struct bytes (*through)(const struct bytes *b);
	} ways[] = {
		{ "gzip", through_gzip },
		{ "bzip2", through_bzip2 },
		{ "lzma", through_lzma },
		{ "xz", through_xz },
		{ "zstd", through_zstd },
		{ "lz4", through_lz4 },
		{ "lzo", through_lzo },
		{ "xz-crc64", through_xz_crc64 },
		{ "lz4-frame", through_lz4_frame },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (strcmp(ways[i].name, how) == 0)
			return ways[i].through(b);
	fail_msg("there is no way to pack called %s", how);
	return (struct bytes){ 0 };
}
