/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What libarchive unpacks, and pieces of files. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "facts/kernel/piece-file.h"
#include "samples.h"
#include "sys/archive.h"
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

/* Packed bytes in the middle of a file; what is around them is nobody's business. */
static void in_the_middle(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(200000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip"), b = { 0 };
	_cleanup_close_ int fd = -1, out = memfd_create("out", MFD_CLOEXEC);
	char *why;

	(void)state;
	bytes_zeros(&b, 1000);
	bytes_add(&b, packed.data, packed.size);
	bytes_add(&b, packed.data, packed.size);
	fd = file_of(b.data, b.size);
	assert_int_equal(wb_archive_unpack(fd, 1000, packed.size, out, &why), 0);
	assert_null(why);
	assert_file(out, plain.data, plain.size);
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

/* The rest of it need not even be there. */
static void the_beginning(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(400000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");
	_cleanup_close_ int fd = file_of(packed.data, packed.size - 20);
	_cleanup_free_ char *why = NULL;
	size_t done = 0;

	(void)state;
	assert_int_equal(wb_archive_read(fd, 0, packed.size - 20, stop_soon, &done, &why),
			 0);
	assert_true(done > 100000 && done < plain.size);
	assert_null(why);
	assert_int_equal(wb_archive_read(fd, 0, packed.size - 20, refuse, NULL, &why),
			 -EXDEV);
	assert_null(why);
}

static void assert_damaged(const void *data, size_t size)
{
	_cleanup_close_ int fd = file_of(data, size), out = memfd_create("out", 0);
	_cleanup_free_ char *why = NULL;

	assert_int_equal(wb_archive_unpack(fd, 0, size, out, &why), -EBADMSG);
	assert_non_null(why);
}

static void damaged(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(5000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");
	static const char lzo[] = "\x89LZO\0\r\n\x1a\n\x10\x30\x20\xa0\x09\x40";

	(void)state;
	for (size_t n = 0; n < packed.size; n++)
		assert_damaged(packed.data, n);
	/* Nothing that it unpacks. */
	assert_damaged(plain.data, plain.size);
	assert_damaged(lzo, sizeof(lzo));
	memset(packed.data + 20, 0xff, 200);
	assert_damaged(packed.data, packed.size);
}

static void outside_of_the_file(void **state)
{
	_cleanup_(bytes_done) struct bytes plain = content(5000);
	_cleanup_(bytes_done) struct bytes packed = pack_bytes(&plain, "gzip");
	_cleanup_close_ int fd = file_of(packed.data, packed.size);
	static const uint64_t offsets[] = { 100000, INT64_MAX, UINT64_MAX };
	_cleanup_close_ int out = memfd_create("out", MFD_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		_cleanup_free_ char *why = NULL;

		assert_int_equal(wb_archive_unpack(fd, offsets[i], 1000, out, &why),
				 -EBADMSG);
	}
}

/* A few bytes may claim to be endless. */
static void endless(void **state)
{
	_cleanup_(bytes_done) struct bytes zeros = { 0 }, b = { 0 };
	_cleanup_(bytes_done) struct bytes packed = { 0 };
	_cleanup_close_ int fd = -1, out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	_cleanup_free_ char *why = NULL;
	enum { PART = 16 << 20 };

	(void)state;
	bytes_zeros(&zeros, PART);
	packed = pack_bytes(&zeros, "gzip");
	/* Parts of gzip behind each other are one. */
	for (uint64_t n = 0; n <= WB_ARCHIVE_MAX; n += PART)
		bytes_add(&b, packed.data, packed.size);
	fd = file_of(b.data, b.size);
	assert_int_equal(wb_archive_unpack(fd, 0, b.size, out, &why), -EFBIG);
}

/* --- pieces ----------------------------------------------------------------------- */

static void write_piece(struct fixture *f, struct wb_piece *piece, int expected,
			const void *data, size_t size)
{
	_cleanup_close_ int out = memfd_create("out", MFD_CLOEXEC);
	_cleanup_free_ char *why = NULL, *why_too = NULL;

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_middle), cmocka_unit_test(the_beginning),
		cmocka_unit_test(damaged),       cmocka_unit_test(outside_of_the_file),
		cmocka_unit_test(endless),       cmocka_unit_test(pieces),
	};

	return RUN_TESTS(tests);
}
