/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files of hooks: folders, masks, rights, device nodes. */

#include <string.h>

#include "facts/hook.h"
#include "fixture.h"
#include "unit.h"

#define ETC   "etc/warmboot/hooks.d/"
#define RUN   "run/warmboot/hooks.d/"
#define LOCAL "usr/local/lib/warmboot/hooks.d/"
#define USR   "usr/lib/warmboot/hooks.d/"

struct hooks {
	struct fixture f;
	struct wb_hook *items;
	size_t n;
};

static int setup(void **state)
{
	struct hooks *h = calloc(1, sizeof(*h));

	fixture_init(&h->f);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct hooks *h = *state;

	wb_hooks_free(h->items, h->n);
	fixture_done(&h->f);
	free(h);
	return 0;
}

static void put(struct hooks *h, const char *path, const char *description)
{
	char text[200];

	snprintf(text, sizeof(text), "# Warmboot-Hook: 1\n# Description: %s\n",
		 description);
	fixture_file(&h->f, path, text);
}

static void read_all(struct hooks *h)
{
	wb_hooks_free(h->items, h->n);
	h->items = NULL;
	h->n = 0;
	assert_int_equal(wb_hooks_read(&h->f.root, &h->items, &h->n), 0);
}

static void none(void **state)
{
	struct hooks *h = *state;

	read_all(h);
	assert_int_equal(h->n, 0);
}

/* "same name, the later directory wins": /usr/lib, /run, /etc */
static void precedence(void **state)
{
	static const struct {
		const char *folder;
		const char *path;
	} steps[] = {
		{ USR "x", "/" USR "x" },
		{ LOCAL "x", "/" LOCAL "x" },
		{ RUN "x", "/" RUN "x" },
		{ ETC "x", "/" ETC "x" },
	};
	struct hooks *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		put(h, steps[i].folder, steps[i].folder);
		read_all(h);
		assert_int_equal(h->n, 1);
		assert_string_equal(h->items[0].name, "x");
		assert_string_equal(h->items[0].path, steps[i].path);
		assert_string_equal(h->items[0].description, steps[i].folder);
	}
}

static void order_by_name(void **state)
{
	struct hooks *h = *state;

	put(h, ETC "b", "b");
	put(h, USR "c", "c");
	put(h, USR "a", "a");
	put(h, RUN "B", "B");
	read_all(h);
	assert_int_equal(h->n, 4);
	assert_string_equal(h->items[0].name, "B");
	assert_string_equal(h->items[1].name, "a");
	assert_string_equal(h->items[2].name, "b");
	assert_string_equal(h->items[3].name, "c");
}

static void masks(void **state)
{
	struct hooks *h = *state;

	put(h, USR "gone", "x");
	fixture_link(&h->f, ETC "gone", "/dev/null");
	put(h, ETC "stays", "x");
	fixture_link(&h->f, USR "stays", "/dev/null");
	read_all(h);
	assert_int_equal(h->n, 1);
	assert_string_equal(h->items[0].name, "stays");
}

static void leftovers(void **state)
{
	static const char *const names[] = { ETC ".hidden",   ETC "x~",
					     ETC "x.bak",     ETC "x.dpkg-old",
					     ETC "x.rpmsave", ETC "x.swp" };
	struct hooks *h = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fixture_file(&h->f, names[i], "nonsense");
	read_all(h);
	assert_int_equal(h->n, 0);
}

/* In the list with its problem, so that nobody wonders. */
static void assert_refused(struct hooks *h, const char *part)
{
	read_all(h);
	assert_int_equal(h->n, 1);
	assert_non_null(h->items[0].problem);
	if (!strstr(h->items[0].problem, part))
		fail_msg("'%s' does not say '%s'", h->items[0].problem, part);
}

static void writable_by_others(void **state)
{
	struct hooks *h = *state;

	put(h, ETC "x", "x");
	fixture_mode(&h->f, ETC "x", 0664);
	assert_refused(h, "write");
	fixture_mode(&h->f, ETC "x", 0646);
	assert_refused(h, "write");
	fixture_mode(&h->f, ETC "x", 0755);
	read_all(h);
	assert_null(h->items[0].problem);
}

static void owned_by_another(void **state)
{
	struct hooks *h = *state;
	char *full;

	if (geteuid() != 0)
		skip();
	put(h, ETC "x", "x");
	full = fixture_outside(&h->f, ETC "x");
	assert_int_equal(chown(full, 1234, (gid_t)-1), 0);
	free(full);
	assert_refused(h, "1234");
}

static void not_a_file(void **state)
{
	struct hooks *h = *state;

	fixture_folder(&h->f, ETC "x");
	assert_refused(h, "regular file");
}

static void a_link_to_nowhere(void **state)
{
	struct hooks *h = *state;

	put(h, USR "x", "x");
	fixture_link(&h->f, ETC "x", "/srv/gone");
	assert_refused(h, "cannot be read");
	assert_string_equal(h->items[0].path, "/" ETC "x");
}

/* One that is refused does not let a lower one take its place in silence. */
static void a_wrong_header(void **state)
{
	struct hooks *h = *state;

	put(h, USR "x", "x");
	fixture_file(&h->f, ETC "x", "nonsense\n");
	assert_refused(h, "Warmboot-Hook: 1");
}

static void code(void **state)
{
	struct hooks *h = *state;

	put(h, ETC "code", "x");
	fixture_mode(&h->f, ETC "code", 0755);
	put(h, ETC "header", "x");
	read_all(h);
	assert_int_equal(h->n, 2);
	assert_true(h->items[0].has_code);
	assert_false(h->items[1].has_code);
}

static bool has_node(const struct wb_hook *hook, const char *text)
{
	for (size_t i = 0; i < hook->n_nodes; i++) {
		_cleanup_free_ char *node = wb_node_to_string(&hook->nodes[i]);

		if (strcmp(node, text) == 0)
			return true;
	}
	return false;
}

static void nodes(void **state)
{
	struct hooks *h = *state;

	fixture_file(&h->f, ETC "x",
		     "# Warmboot-Hook: 1\n# Devices: /dev/dri/* /dev/nvidia* /dev/kfd\n");
	fixture_file(&h->f, "dev/dri/card0", "c 226:0\n");
	fixture_file(&h->f, "dev/dri/renderD128", "c 226:128\n");
	fixture_link(&h->f, "dev/dri/by-path", "/dev/dri/card0");
	fixture_file(&h->f, "dev/nvidia0", "c 195:0\n");
	fixture_file(&h->f, "dev/null", "c 1:3\n");
	fixture_file(&h->f, "dev/nvidia-notes", "not a node\n");
	fixture_file(&h->f, "proc/devices",
		     "Character devices:\n  1 mem\n195 nvidia\n234 nvidia-caps\n\n"
		     "Block devices:\n  8 sd\n259 nvidiablk\n");
	read_all(h);
	assert_int_equal(h->n, 1);
	assert_true(has_node(&h->items[0], "c 226:0"));
	assert_true(has_node(&h->items[0], "c 226:128"));
	/* Majors by their names: a container may have nodes that /dev does not show. */
	assert_true(has_node(&h->items[0], "c 195:*"));
	assert_true(has_node(&h->items[0], "c 234:*"));
	assert_true(has_node(&h->items[0], "b 259:*"));
	assert_false(has_node(&h->items[0], "c 1:3"));
	assert_false(has_node(&h->items[0], "c 1:*"));
	assert_false(has_node(&h->items[0], "b 8:*"));
}

#define hook_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		hook_test(none),
		hook_test(precedence),
		hook_test(order_by_name),
		hook_test(masks),
		hook_test(leftovers),
		hook_test(writable_by_others),
		hook_test(owned_by_another),
		hook_test(not_a_file),
		hook_test(a_link_to_nowhere),
		hook_test(a_wrong_header),
		hook_test(code),
		hook_test(nodes),
	};

	return RUN_TESTS(tests);
}
