/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is compressed, the bytes that it is read from, and pieces of files. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "facts/kernel/piece-file.h"
#include "samples.h"
#include "sys/unpack/unpack.h"
#include "unit.h"

static struct bytes content(size_t size)
{
	struct bytes b = { 0 };

	bytes_zeros(&b, size);
	for (size_t i = 0; i < size; i++)
		b.data[i] = (unsigned char)(i * 2654435761u >> 11);
	return b;
}

static int file_of(const void *data, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	return fd;
}

static void assert_file(int fd, const void *data, size_t size)
{
	struct bytes b = { malloc(size + 1), size };

	assert_int_equal(pread(fd, b.data, size + 1, 0), size);
	assert_memory_equal(b.data, data, size);
	bytes_done(&b);
}

static const char *const methods[] = {
	"gzip", "bzip2", "lzma", "xz", "zstd", "lz4", "lzo"
};

static int collect(void *userdata, const void *data, size_t size)
{
	bytes_add(userdata, data, size);
	return 0;
}

/* Unpack @size bytes at @offset; what comes of it is the caller's. */
static int unpack(int fd, uint64_t offset, uint64_t size, struct bytes *ret,
		  uint64_t *ret_taken, const char **ret_why)
{
	struct wb_source source = wb_source_of(fd, offset, size);
	int r = wb_unpack(&source, collect, ret, ret_why);

	*ret_taken = source.taken;
	wb_source_done(&source);
	return r;
}

/* Packed bytes in the middle of a file, and of the same a second time behind them. */
static void in_the_middle(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(700000);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		_cleanup_(bytes_done) struct bytes b = { 0 }, out = { 0 };
		struct bytes packed = { 0 }, part = plain;
		_cleanup_close_ int fd = -1;
		const char *why;
		uint64_t taken;

		/* In our lzop files there is one block. */
		if (strcmp(methods[i], "lzo") == 0)
			part.size = 200000;
		packed = pack_bytes(&part, methods[i]);
		bytes_zeros(&b, 1000);
		bytes_add(&b, packed.data, packed.size);
		bytes_zeros(&b, 4);
		bytes_add(&b, packed.data, packed.size);
		fd = file_of(b.data, b.size);
		assert_int_equal(unpack(fd, 1000, b.size, &out, &taken, &why), 0);
		assert_null(why);
		assert_int_equal(taken, packed.size);
		assert_int_equal(out.size, part.size);
		assert_memory_equal(out.data, part.data, part.size);
		bytes_done(&packed);
	}
}

static int stop_soon(void *userdata, const void *data, size_t size)
{
	size_t *done = userdata;

	(void)data;
	*done += size;
	return *done > 100000;
}

static int refuse(void *userdata, const void *data, size_t size)
{
	(void)userdata;
	(void)data;
	(void)size;
	return -EXDEV;
}

static int read_with(int fd, uint64_t size, wb_unpack_sink sink, void *userdata,
		     const char **ret_why)
{
	struct wb_source source = wb_source_of(fd, 0, size);
	int r = wb_unpack(&source, sink, userdata, ret_why);

	wb_source_done(&source);
	return r;
}

/* The rest of it need not even be there. */
static void the_beginning(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(4000000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");
	_cleanup_close_ int fd = file_of(packed.data, packed.size - 20);
	const char *why = NULL;
	size_t done = 0;

	(void)state;
	assert_int_equal(read_with(fd, packed.size - 20, stop_soon, &done, &why), 0);
	assert_true(done > 100000 && done < plain.size);
	assert_null(why);
	assert_int_equal(read_with(fd, packed.size - 20, refuse, NULL, &why), -EXDEV);
	assert_null(why);
}

static void assert_damaged(const void *data, size_t size)
{
	_cleanup_close_ int fd = file_of(data, size);
	_cleanup_(bytes_done) struct bytes out = { 0 };
	const char *why = NULL;
	uint64_t taken;

	assert_int_equal(unpack(fd, 0, size, &out, &taken, &why), -EBADMSG);
	assert_non_null(why);
}

static void damaged(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(5000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");

	(void)state;
	for (size_t n = 0; n < packed.size; n++)
		assert_damaged(packed.data, n);
	/* Nothing that it unpacks. */
	assert_damaged(plain.data, plain.size);
	memset(packed.data + 20, 0xff, 200);
	assert_damaged(packed.data, packed.size);
}

/* All is there, and unpacks; the sum behind it says that it is not what was packed. */
static void wrong_sum(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(5000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");

	(void)state;
	packed.data[packed.size - 8] ^= 1;
	assert_damaged(packed.data, packed.size);
}

static void outside_of_the_file(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(5000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");
	_cleanup_close_ int fd = file_of(packed.data, packed.size);
	static const uint64_t offsets[] = { 100000, INT64_MAX, UINT64_MAX };
	_cleanup_(bytes_done) struct bytes out = { 0 };
	const char *why;
	uint64_t taken;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		assert_true(unpack(fd, offsets[i], 1000, &out, &taken, &why) < 0);
	assert_int_equal(out.size, 0);
}

/* Somebody makes the file shorter while it is read: its bytes end, and the program does
 * not. */
static void cut_while_read(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(200000);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct bytes packed = pack_bytes(&plain, methods[i]), out = { 0 };
		_cleanup_close_ int fd = file_of(packed.data, packed.size);
		struct wb_source source = wb_source_of(fd, 0, packed.size);
		const char *why = NULL;

		assert_int_equal(ftruncate(fd, 100), 0);
		assert_int_equal(wb_unpack(&source, collect, &out, &why), -EBADMSG);
		assert_non_null(why);
		wb_source_done(&source);
		bytes_done(&packed);
		bytes_done(&out);
	}
}

/* --- bytes one after another ------------------------------------------------------ */

static void side_by_side(void **state)
{
	_cleanup_(bytes_done) struct bytes b = content(1000000);
	_cleanup_close_ int fd = file_of(b.data, b.size);
	struct wb_source source = wb_source_of(fd, 10, b.size);
	static const size_t wants[] = { 1, 7, 300000, 5, 600000, 100000, 4000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wants); i++) {
		uint64_t left = b.size - 10 - source.taken;

		assert_int_equal(wb_source_fill(&source, wants[i]), 0);
		assert_true(source.size >= wants[i] || source.size == left);
		assert_memory_equal(source.data, b.data + 10 + source.taken, source.size);
		wb_source_take(&source, source.size > 3 ? source.size - 3 : source.size);
	}
	assert_int_equal(wb_source_fill(&source, 1), 0);
	assert_int_equal(source.taken + source.size, b.size - 10);
	wb_source_done(&source);
}

static void unreadable(void **state)
{
	_cleanup_close_ int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct wb_source source = wb_source_of(fd, 0, 100);
	struct bytes out = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(wb_source_fill(&source, 1), -EBADF);
	assert_int_equal(wb_unpack(&source, collect, &out, &why), -EBADF);
	wb_source_done(&source);
}

/* --- pieces ----------------------------------------------------------------------- */

static void write_piece(struct fixture *f, struct wb_piece *piece, int expected,
			const void *data, size_t size)
{
	_cleanup_close_ int out = memfd_create("out", MFD_CLOEXEC);
	const char *why = NULL, *why_too = NULL;

	assert_int_equal(wb_piece_write(&f->root, piece, out, &why), expected);
	assert_int_equal(wb_piece_check(&f->root, piece, &why_too), expected);
	if (expected == 0)
		assert_file(out, data, size);
	else
		assert_int_equal(why != NULL, expected == -EBADMSG);
}

static void pieces(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(100000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");
	static char plain_path[] = "/plain", packed_path[] = "/packed", none[] = "/none";
	struct wb_piece piece = { plain_path, 0, 0, false };
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_bytes(&f, "plain", plain.data, plain.size);
	fixture_bytes(&f, "packed", packed.data, packed.size);
	write_piece(&f, &piece, 0, plain.data, plain.size);
	piece.offset = 70000;
	write_piece(&f, &piece, 0, plain.data + 70000, 30000);
	piece.size = 30000;
	write_piece(&f, &piece, 0, plain.data + 70000, 30000);
	piece.size = 30001;
	write_piece(&f, &piece, -ENODATA, NULL, 0);
	piece.size = UINT64_MAX;
	write_piece(&f, &piece, -ENODATA, NULL, 0);
	piece = (struct wb_piece){ packed_path, 0, 0, true };
	write_piece(&f, &piece, 0, plain.data, plain.size);
	piece.size = packed.size - 1;
	write_piece(&f, &piece, -EBADMSG, NULL, 0);
	piece.path = plain_path;
	write_piece(&f, &piece, -EBADMSG, NULL, 0);
	piece.path = none;
	write_piece(&f, &piece, -ENOENT, NULL, 0);
	fixture_done(&f);
}

/* A few bytes may claim to be endless. */
static void endless(void **state)
{
	_cleanup_(bytes_done) struct bytes zeros = { 0 }, packed = { 0 };
	static char path[] = "/packed";
	const struct wb_piece piece = { path, 0, 0, true };
	const char *why = NULL;
	struct fixture f;

	(void)state;
	bytes_zeros(&zeros, ((size_t)512 << 20) + 1);
	packed = pack_bytes(&zeros, "zstd");
	fixture_init(&f);
	fixture_bytes(&f, "packed", packed.data, packed.size);
	assert_int_equal(wb_piece_check(&f.root, &piece, &why), -EFBIG);
	assert_null(why);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_middle),
		cmocka_unit_test(the_beginning),
		cmocka_unit_test(damaged),
		cmocka_unit_test(wrong_sum),
		cmocka_unit_test(outside_of_the_file),
		cmocka_unit_test(cut_while_read),
		cmocka_unit_test(side_by_side),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(pieces),
		cmocka_unit_test(endless),
	};

	return RUN_TESTS(tests);
}
