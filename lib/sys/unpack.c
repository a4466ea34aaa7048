/* SPDX-License-Identifier: GPL-2.0-or-later */
#define ZLIB_CONST
#include "sys/unpack.h"

#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <lzma.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* A few bytes can stand for any number of zeros; no initramfs is larger than this. */
#define UNPACKED_MAX ((uint64_t)16 << 30)
#define BUFFER_SIZE  ((size_t)256 << 10)
/* liblzma takes what the header asks for; xz -9 needs 65 MiB. */
#define LZMA_MEMORY_MAX ((uint64_t)1 << 30)
/* The kernel's lib/decompress_unlz4.c: LZ4_DEFAULT_UNCOMPRESSED_CHUNK_SIZE */
#define LZ4_CHUNK_SIZE ((size_t)8 << 20)
#define LZ4_MAGIC      0x184c2102u

enum { STEP_ON, STEP_END };

struct unpacker {
	const char *in;
	size_t in_left;
	char *out;
	size_t out_left;
	const char *why;
	union {
		z_stream gzip;
		bz_stream bzip2;
		lzma_stream lzma;
		ZSTD_DStream *zstd;
	} u;
};

static int damaged(struct unpacker *p, const char *why)
{
	p->why = why;
	return -EBADMSG;
}

/* Their counters have 32 bits. */
static unsigned int at_most_int(size_t n)
{
	return n > INT_MAX ? INT_MAX : (unsigned int)n;
}

static void advance(struct unpacker *p, size_t used, size_t made)
{
	p->in += used;
	p->in_left -= used;
	p->out += made;
	p->out_left -= made;
}

/* --- gzip ------------------------------------------------------------------------- */

static int gzip_open(struct unpacker *p)
{
	/* 16: a gzip header, and no other. */
	return inflateInit2(&p->u.gzip, 16 + MAX_WBITS) == Z_OK ? 0 : -ENOMEM;
}

static int gzip_step(struct unpacker *p)
{
	unsigned int in = at_most_int(p->in_left), out = at_most_int(p->out_left);
	int r;

	p->u.gzip.next_in = (const Bytef *)p->in;
	p->u.gzip.avail_in = in;
	p->u.gzip.next_out = (Bytef *)p->out;
	p->u.gzip.avail_out = out;
	r = inflate(&p->u.gzip, Z_NO_FLUSH);
	advance(p, in - p->u.gzip.avail_in, out - p->u.gzip.avail_out);
	if (r == Z_STREAM_END)
		return STEP_END;
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	return r == Z_OK || r == Z_BUF_ERROR ? STEP_ON
					     : damaged(p, "its gzip data is damaged");
}

static void gzip_close(struct unpacker *p)
{
	inflateEnd(&p->u.gzip);
}

/* --- bzip2 ------------------------------------------------------------------------ */

static int bzip2_open(struct unpacker *p)
{
	return BZ2_bzDecompressInit(&p->u.bzip2, 0, 0) == BZ_OK ? 0 : -ENOMEM;
}

static int bzip2_step(struct unpacker *p)
{
	unsigned int in = at_most_int(p->in_left), out = at_most_int(p->out_left);
	int r;

	p->u.bzip2.next_in = (char *)(uintptr_t)p->in; /* it only reads */
	p->u.bzip2.avail_in = in;
	p->u.bzip2.next_out = p->out;
	p->u.bzip2.avail_out = out;
	r = BZ2_bzDecompress(&p->u.bzip2);
	advance(p, in - p->u.bzip2.avail_in, out - p->u.bzip2.avail_out);
	if (r == BZ_STREAM_END)
		return STEP_END;
	if (r == BZ_MEM_ERROR)
		return -ENOMEM;
	return r == BZ_OK ? STEP_ON : damaged(p, "its bzip2 data is damaged");
}

static void bzip2_close(struct unpacker *p)
{
	BZ2_bzDecompressEnd(&p->u.bzip2);
}

/* --- xz and lzma ------------------------------------------------------------------ */

static int xz_open(struct unpacker *p)
{
	p->u.lzma = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&p->u.lzma, LZMA_MEMORY_MAX, LZMA_TELL_ANY_CHECK) ==
			       LZMA_OK
		       ? 0
		       : -ENOMEM;
}

static int lzma_open(struct unpacker *p)
{
	p->u.lzma = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_alone_decoder(&p->u.lzma, LZMA_MEMORY_MAX) == LZMA_OK ? 0 : -ENOMEM;
}

/* The kernel has no other checks, and refuses (Documentation/staging/xz.rst). */
static int xz_check(struct unpacker *p)
{
	return lzma_get_check(&p->u.lzma) <= LZMA_CHECK_CRC32
		       ? STEP_ON
		       : damaged(p, "the kernel cannot unpack its xz data, which must be "
				    "made with --check=crc32");
}

static int lzma_step(struct unpacker *p)
{
	size_t in = p->in_left, out = p->out_left;
	lzma_ret r;

	p->u.lzma.next_in = (const uint8_t *)p->in;
	p->u.lzma.avail_in = in;
	p->u.lzma.next_out = (uint8_t *)p->out;
	p->u.lzma.avail_out = out;
	r = lzma_code(&p->u.lzma, LZMA_RUN);
	advance(p, in - p->u.lzma.avail_in, out - p->u.lzma.avail_out);
	if (r == LZMA_STREAM_END)
		return STEP_END;
	if (r == LZMA_GET_CHECK)
		return xz_check(p);
	if (r == LZMA_MEM_ERROR)
		return -ENOMEM;
	return r == LZMA_OK || r == LZMA_BUF_ERROR
		       ? STEP_ON
		       : damaged(p, "its xz or lzma data is damaged");
}

static void lzma_close(struct unpacker *p)
{
	lzma_end(&p->u.lzma);
}

/* --- zstd ------------------------------------------------------------------------- */

static int zstd_open(struct unpacker *p)
{
	p->u.zstd = ZSTD_createDStream();
	return p->u.zstd ? 0 : -ENOMEM;
}

static int zstd_step(struct unpacker *p)
{
	ZSTD_inBuffer in = { p->in, p->in_left, 0 };
	ZSTD_outBuffer out = { p->out, p->out_left, 0 };
	size_t r = ZSTD_decompressStream(p->u.zstd, &out, &in);

	if (ZSTD_isError(r))
		return damaged(p, "its zstd data is damaged");
	advance(p, in.pos, out.pos);
	return r == 0 ? STEP_END : STEP_ON;
}

static void zstd_close(struct unpacker *p)
{
	ZSTD_freeDStream(p->u.zstd);
}

/* --- lz4 -------------------------------------------------------------------------- */

static uint32_t lz4_word(const struct unpacker *p)
{
	uint32_t word = 0;

	for (int i = 3; i >= 0; i--)
		word = word << 8 | (unsigned char)p->in[i];
	return word;
}

static int lz4_open(struct unpacker *p)
{
	if (p->in_left < 4 || lz4_word(p) != LZ4_MAGIC)
		return damaged(p, "its lz4 data is damaged");
	/* There is no place for output yet. */
	p->in += 4;
	p->in_left -= 4;
	return 0;
}

/*
 * The legacy format is chunks, each with its size, and has no mark for its end. The
 * kernel (lib/decompress_unlz4.c, since 5.14 and its stable siblings) ends it where fewer
 * than four bytes are left or a size is zero, and takes the magic in place of a size for
 * more of the same. Anything else behind it is read as a size: who puts a part behind an
 * lz4 part must put at least four zeros between them. Those zeros are not used up here.
 */
static int lz4_step(struct unpacker *p)
{
	uint32_t size = p->in_left < 4 ? 0 : lz4_word(p);
	int made;

	if (size == 0)
		return STEP_END;
	advance(p, 4, 0);
	if (size == LZ4_MAGIC)
		return STEP_ON;
	if (size > LZ4_COMPRESSBOUND(LZ4_CHUNK_SIZE))
		return damaged(p, "its lz4 data is damaged, or something follows it "
				  "without four zeros between");
	if (size > p->in_left)
		return damaged(p, "its lz4 data is cut short");
	made = LZ4_decompress_safe(p->in, p->out, (int)size, (int)p->out_left);
	if (made < 0)
		return damaged(p, "its lz4 data is damaged");
	advance(p, size, (size_t)made);
	return p->in_left == 0 ? STEP_END : STEP_ON;
}

static void lz4_close(struct unpacker *p)
{
	(void)p;
}

/* --- lzo -------------------------------------------------------------------------- */

/* What the program lzop writes, as the kernel's lib/decompress_unlzo.c reads it: a
 * header, and blocks behind their sizes and a checksum. All numbers are big-endian. */
#define LZOP_MAGIC      "\x89LZO\0\r\n\x1a\n"
#define LZOP_MAGIC_SIZE 9
#define LZOP_BLOCK_SIZE ((size_t)256 << 10)
#define LZOP_HAS_LEVEL  0x940 /* from this version on */
#define LZOP_HAS_FILTER 0x800 /* a flag */
#define LZOP_VERSION    9
#define LZOP_REST       7 /* the library's version, and what is needed; then the method */

static uint32_t lzop_number(const struct unpacker *p, size_t at, size_t bytes)
{
	uint32_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | (unsigned char)p->in[at + i];
	return number;
}

/* Where the name stands, whose size is before it; 0: there is not that much. */
static size_t lzop_name(const struct unpacker *p)
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

static int lzo_open(struct unpacker *p)
{
	size_t name, size;

	if (lzo_init() != LZO_E_OK)
		return -ENOMEM;
	if (p->in_left < LZOP_MAGIC_SIZE + LZOP_REST ||
	    memcmp(p->in, LZOP_MAGIC, LZOP_MAGIC_SIZE) != 0)
		return damaged(p, "its lzo data is damaged");
	name = lzop_name(p);
	/* Behind the name stands the header's own checksum. */
	size = name ? name + 1 + lzop_number(p, name, 1) + 4 : 0;
	if (size == 0 || size > p->in_left)
		return damaged(p, "its lzo data is cut short");
	advance(p, size, 0);
	return 0;
}

static int lzo_block(struct unpacker *p, size_t packed, size_t size)
{
	lzo_uint made = p->out_left;

	/* What would not become smaller is left as it is. */
	if (packed == size)
		memcpy(p->out, p->in, size);
	else if (lzo1x_decompress_safe((const unsigned char *)p->in, packed,
				       (unsigned char *)p->out, &made,
				       NULL) != LZO_E_OK ||
		 made != size)
		return damaged(p, "its lzo data is damaged");
	advance(p, packed, size);
	return STEP_ON;
}

static int lzo_step(struct unpacker *p)
{
	size_t size, packed;

	if (p->in_left < 4)
		return damaged(p, "its lzo data is cut short");
	size = lzop_number(p, 0, 4);
	advance(p, 4, 0);
	if (size == 0)
		return STEP_END;
	if (p->in_left < 8)
		return damaged(p, "its lzo data is cut short");
	packed = lzop_number(p, 0, 4);
	advance(p, 8, 0);
	if (size > LZOP_BLOCK_SIZE || packed == 0 || packed > size)
		return damaged(p, "its lzo data is damaged");
	return packed > p->in_left ? damaged(p, "its lzo data is cut short")
				   : lzo_block(p, packed, size);
}

static void lzo_close(struct unpacker *p)
{
	(void)p;
}

/* --- all of them ------------------------------------------------------------------ */

/* As in the kernel's lib/decompress.c, where two bytes decide. */
static const struct method {
	unsigned char magic[2];
	size_t buffer_size;
	int (*open)(struct unpacker *p);
	int (*step)(struct unpacker *p);
	void (*close)(struct unpacker *p);
} methods[] = {
	{ { 0x1f, 0x8b }, BUFFER_SIZE, gzip_open, gzip_step, gzip_close },
	{ { 0x42, 0x5a }, BUFFER_SIZE, bzip2_open, bzip2_step, bzip2_close },
	{ { 0x5d, 0x00 }, BUFFER_SIZE, lzma_open, lzma_step, lzma_close },
	{ { 0xfd, 0x37 }, BUFFER_SIZE, xz_open, lzma_step, lzma_close },
	{ { 0x89, 0x4c }, LZOP_BLOCK_SIZE, lzo_open, lzo_step, lzo_close },
	{ { 0x02, 0x21 }, LZ4_CHUNK_SIZE, lz4_open, lz4_step, lz4_close },
	{ { 0x28, 0xb5 }, BUFFER_SIZE, zstd_open, zstd_step, zstd_close },
};

static const struct method *find_method(const char *data, size_t size)
{
	for (size_t i = 0; size >= 2 && i < ARRAY_SIZE(methods); i++)
		if (memcmp(data, methods[i].magic, 2) == 0)
			return &methods[i];
	return NULL;
}

/* One step, and what came of it into the sink. */
static int step(const struct method *m, struct unpacker *p, char *buffer,
		wb_unpack_sink sink, void *userdata)
{
	size_t in_left = p->in_left, made;
	int r, q;

	p->out = buffer;
	p->out_left = m->buffer_size;
	r = m->step(p);
	made = m->buffer_size - p->out_left;
	if (r == STEP_ON && made == 0 && p->in_left == in_left)
		r = damaged(p, "its compressed data is cut short");
	q = r >= 0 && made > 0 ? sink(userdata, buffer, made) : 0;
	return q < 0 ? q : r;
}

static int unpack(const struct method *m, struct unpacker *p, wb_unpack_sink sink,
		  void *userdata)
{
	_cleanup_free_ char *buffer = malloc(m->buffer_size);
	uint64_t total = 0;
	int r = buffer ? STEP_ON : -ENOMEM;

	while (r == STEP_ON) {
		r = step(m, p, buffer, sink, userdata);
		total += m->buffer_size - p->out_left;
		if (r >= 0 && total > UNPACKED_MAX)
			r = damaged(p, "it unpacks to more than 16 GiB");
	}
	return r;
}

int wb_unpack(const char *data, size_t size, wb_unpack_sink sink, void *userdata,
	      size_t *ret_used, const char **ret_why)
{
	const struct method *m = find_method(data, size);
	struct unpacker p = { .in = data, .in_left = size };
	int r;

	r = m ? m->open(&p) : damaged(&p, "it is no archive that the kernel knows");
	if (r >= 0) {
		r = unpack(m, &p, sink, userdata);
		m->close(&p);
	}
	*ret_why = p.why;
	*ret_used = size - p.in_left;
	return r < 0 ? r : 0;
}
