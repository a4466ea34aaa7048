/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Pieces of files put together in memory. */

#include "run/input.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"
#include "unit.h"

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_init(f);
	fixture_file(f, "boot/ucode", "MICRO");
	fixture_file(f, "boot/main", "12345678");
	fixture_file(f, "efi/unified.efi", "....INSIDE....");
	fixture_file(f, "empty", "");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_done(*state);
	free(*state);
	return 0;
}

static char ucode[] = "/boot/ucode", whole[] = "/boot/main", efi[] = "/efi/unified.efi",
	    nothing[] = "/empty", missing[] = "/boot/none";

static int open_pieces(struct fixture *f, struct wb_piece *pieces, size_t n, char **why)
{
	const struct wb_input input = { pieces, n };

	return wb_input_open(&f->root, &input, why);
}

static void assert_content(int fd, const void *expected, size_t size)
{
	char data[256];

	assert_int_equal(pread(fd, data, sizeof(data), 0), size);
	assert_memory_equal(data, expected, size);
}

/* Each part begins at a multiple of four, behind four zeros and more. */
static void joined(void **state)
{
	struct wb_piece pieces[] = { { .path = ucode },
				     { .path = whole },
				     { .path = efi, .offset = 4, .size = 6 } };
	static const char expected[] = "MICRO\0\0\0\0\0\0\0"
				       "12345678\0\0\0\0"
				       "INSIDE";
	_cleanup_free_ char *why = NULL;
	_cleanup_close_ int fd = -1;

	fd = open_pieces(*state, pieces, ARRAY_SIZE(pieces), &why);
	assert_true(fd >= 0);
	assert_null(why);
	assert_content(fd, expected, sizeof(expected) - 1);
}

static void to_the_end_of_the_file(void **state)
{
	struct wb_piece pieces[] = { { .path = efi, .offset = 4 } };
	_cleanup_free_ char *why = NULL;
	_cleanup_close_ int fd = open_pieces(*state, pieces, 1, &why);

	assert_true(fd >= 0);
	assert_content(fd, "INSIDE....", 10);
}

/* An image that is open for writing is refused by the kernel. */
static void nobody_can_change_it(void **state)
{
	struct wb_piece pieces[] = { { .path = whole } };
	_cleanup_free_ char *why = NULL;
	_cleanup_close_ int fd = open_pieces(*state, pieces, 1, &why);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE);
}

static void bad_pieces(void **state)
{
	struct {
		struct wb_piece piece;
		const char *why;
	} cases[] = {
		{ { .path = missing }, "/boot/none cannot be used: No such file" },
		{ { .path = whole, .size = 9 }, "it is shorter than it was" },
		{ { .path = whole, .offset = 9, .size = 1 },
		  "it is shorter than it was" },
		{ { .path = nothing, .size = 1 }, "it is shorter than it was" },
		{ { .path = whole, .offset = UINT64_MAX, .size = 1 }, "/boot/main" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct wb_piece pieces[] = { { .path = ucode }, cases[i].piece };
		_cleanup_free_ char *why = NULL;

		assert_true(open_pieces(*state, pieces, 2, &why) < 0);
		assert_non_null(why);
		if (!strstr(why, cases[i].why))
			fail_msg("'%s' is not in: %s", cases[i].why, why);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joined),
		TEST(to_the_end_of_the_file),
		TEST(nobody_can_change_it),
		TEST(bad_pieces),
	};

	return RUN_TESTS(tests);
}
