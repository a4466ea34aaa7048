/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/dtb.h"

#include <string.h>

#include "fixture.h"
#include "unit.h"

#define TREE 64 /* bytes that the header speaks of */

static void put32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> 8 * (3 - i));
}

/* A file of @size bytes with a header that says @total. */
static void put_tree(struct fixture *f, size_t size, uint32_t total)
{
	unsigned char *bytes = calloc(size + 8, 1);

	put32(bytes, 0xd00dfeed);
	put32(bytes + 4, total);
	fixture_bytes(f, "x.dtb", bytes, size);
	free(bytes);
}

/* NULL: nothing is wrong. */
static void assert_problem(struct fixture *f, const char *path, const char *part)
{
	_cleanup_free_ char *problem = NULL;
	bool unreadable;

	assert_int_equal(wb_dtb_check(&f->root, path, &problem, &unreadable), 0);
	assert_false(unreadable);
	if (!part)
		assert_null(problem);
	else if (!problem || !strstr(problem, part))
		fail_msg("'%s' does not say '%s'", problem ? problem : "", part);
}

static void whole(struct fixture *f)
{
	put_tree(f, TREE, TREE);
	assert_problem(f, "/x.dtb", NULL);
	/* Some are filled up, for a boot loader to add to. */
	put_tree(f, 4096, TREE);
	assert_problem(f, "/x.dtb", NULL);
	put_tree(f, 2 << 20, 2 << 20);
	assert_problem(f, "/x.dtb", NULL);
}

static void cut(struct fixture *f)
{
	for (size_t size = 0; size < TREE; size++) {
		put_tree(f, size, TREE);
		assert_problem(f, "/x.dtb",
			       size == 0  ? "empty"
			       : size < 4 ? "no device tree"
					  : "cut short");
	}
}

static void damaged(struct fixture *f)
{
	put_tree(f, TREE, 0);
	assert_problem(f, "/x.dtb", "damaged");
	put_tree(f, TREE, 39);
	assert_problem(f, "/x.dtb", "damaged");
	put_tree(f, TREE, UINT32_MAX);
	assert_problem(f, "/x.dtb", "cut short");
	put_tree(f, 3 << 20, (2 << 20) + 1);
	assert_problem(f, "/x.dtb", "2 MiB");
	/* The other byte order. */
	fixture_bytes(f, "x.dtb", "\xed\xfe\x0d\xd0\0\0\0\0", 8);
	assert_problem(f, "/x.dtb", "no device tree");
	fixture_file(f, "x.dtb", "/dts-v1/;\n");
	assert_problem(f, "/x.dtb", "no device tree");
}

static void no_file(struct fixture *f)
{
	assert_problem(f, "/nowhere.dtb", "No such file");
	fixture_folder(f, "folder.dtb");
	assert_problem(f, "/folder.dtb", "Is a directory");
	fixture_link(f, "circle.dtb", "circle.dtb");
	assert_problem(f, "/circle.dtb", "cannot be read");
	/* Inside the folder, and nothing is there. */
	fixture_link(f, "out.dtb", "../../../../../../../../etc/passwd");
	assert_problem(f, "/out.dtb", "No such file");
}

static void all(void **state)
{
	static void (*const parts[])(struct fixture *) = { whole, cut, damaged, no_file };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct fixture f;

		fixture_init(&f);
		parts[i](&f);
		fixture_done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all) };

	return RUN_TESTS(tests);
}
