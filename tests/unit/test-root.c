/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/strv.h"
#include "base/text.h"
#include "fixture.h"
#include "sys/node.h"
#include "unit.h"

/* Two folders: links in the first lead to the second, and must not. */
struct pair {
	struct fixture inside, outside;
};

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	fixture_init(&p->inside);
	fixture_init(&p->outside);
	fixture_file(&p->outside, "secret", "outside\n");
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	fixture_done(&p->inside);
	fixture_done(&p->outside);
	free(p);
	return 0;
}

static void assert_text(struct fixture *f, const char *path, const char *expected)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(wb_root_read(&f->root, path, &text, NULL), 0);
	assert_string_equal(text, expected);
}

static void opening(void **state)
{
	struct wb_root root;

	(void)state;
	assert_int_equal(wb_root_open(&root, "/"), 0);
	assert_true(root.live);
	wb_root_close(&root);
	assert_true(root.fd < 0);
	wb_root_close(&root);
	assert_int_equal(wb_root_open(&root, "/nowhere/at/all"), -ENOENT);
	assert_int_equal(wb_root_open(&root, "/etc/passwd"), -ENOTDIR);
}

static void reading(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	_cleanup_free_ char *text = NULL, *line = NULL, *bytes = NULL;
	size_t size = 7;

	assert_false(f->root.live);
	fixture_file(f, "proc/x", "one\ntwo \n\n");
	fixture_file(f, "empty", "");
	fixture_bytes(f, "bytes", "a\0b", 3);
	/* A leading slash is ignored. */
	assert_text(f, "proc/x", "one\ntwo \n\n");
	assert_text(f, "/proc/x", "one\ntwo \n\n");
	assert_text(f, "///proc/x", "one\ntwo \n\n");
	assert_int_equal(wb_root_read_line(&f->root, "proc/x", &line), 0);
	assert_string_equal(line, "one\ntwo");
	assert_int_equal(wb_root_read(&f->root, "empty", &text, &size), 0);
	assert_string_equal(text, "");
	assert_int_equal(size, 0);
	assert_int_equal(wb_root_read(&f->root, "bytes", &bytes, &size), 0);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "a\0b", 4);
	free(text);
	text = NULL;
	assert_int_equal(wb_root_read(&f->root, "none", &text, NULL), -ENOENT);
	assert_int_equal(wb_root_read(&f->root, "proc", &text, NULL), -EISDIR);
	assert_null(text);
}

static void large_files(void **state)
{
	struct pair *p = *state;
	_cleanup_free_ char *path = fixture_outside(&p->inside, "large"), *text = NULL;
	size_t size;

	fixture_file(&p->inside, "large", "");
	assert_int_equal(truncate(path, 15 << 20), 0);
	assert_int_equal(wb_root_read(&p->inside.root, "large", &text, &size), 0);
	assert_int_equal(size, 15 << 20);
	assert_int_equal(truncate(path, 17 << 20), 0);
	free(text);
	text = NULL;
	assert_true(wb_root_read(&p->inside.root, "large", &text, NULL) < 0);
	assert_null(text);
}

/* "Links are resolved inside it and cannot leave." */
static void links_stay_inside(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	_cleanup_free_ char *secret = fixture_outside(&p->outside, "secret"),
			    *text = NULL;
	struct stat st;

	fixture_file(f, "etc/passwd", "inside\n");
	fixture_link(f, "absolute", "/etc/passwd");
	fixture_link(f, "upwards", "../../../../../../etc/passwd");
	fixture_link(f, "a/b/deep", "../../../../../../etc/passwd");
	fixture_link(f, "out", secret);
	fixture_link(f, "folder", p->outside.path);
	fixture_link(f, "chain", "/absolute");
	assert_text(f, "absolute", "inside\n");
	assert_text(f, "upwards", "inside\n");
	assert_text(f, "a/b/deep", "inside\n");
	assert_text(f, "chain", "inside\n");
	assert_text(f, "../../../etc/passwd", "inside\n");
	assert_int_equal(wb_root_read(&f->root, "out", &text, NULL), -ENOENT);
	assert_int_equal(wb_root_read(&f->root, "folder/secret", &text, NULL), -ENOENT);
	assert_int_equal(wb_root_write(&f->root, "out", "x"), -ENOENT);
	assert_int_equal(wb_root_stat(&f->root, "out", &st), -ENOENT);
	assert_false(wb_root_exists(&f->root, "out"));
	assert_true(wb_root_exists(&f->root, "absolute"));
}

static void removing_and_making_stay_inside(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;

	fixture_link(f, "folder", p->outside.path);
	(void)wb_root_remove(&f->root, "folder/secret");
	assert_true(wb_root_exists(&p->outside.root, "secret"));
	(void)wb_root_remove(&f->root, "../../../../../../..");
	assert_true(wb_root_replace(&f->root, "folder/new/file", "x") < 0);
	assert_false(wb_root_exists(&p->outside.root, "new"));
	assert_true(wb_root_replace(&f->root, "folder/secret", "x") <= 0);
	assert_text(&p->outside, "secret", "outside\n");
}

static void reading_links(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	_cleanup_free_ char *target = NULL, *name = NULL, *none = NULL;

	fixture_link(f, "driver", "../../bus/pci/drivers/nvidia");
	fixture_file(f, "file", "x");
	assert_int_equal(wb_root_readlink(&f->root, "driver", &target), 0);
	assert_string_equal(target, "../../bus/pci/drivers/nvidia");
	assert_int_equal(wb_root_link_name(&f->root, "driver", &name), 0);
	assert_string_equal(name, "nvidia");
	assert_true(wb_root_readlink(&f->root, "file", &none) < 0);
	assert_int_equal(wb_root_readlink(&f->root, "nothing", &none), -ENOENT);
	assert_true(wb_root_link_name(&f->root, "file", &none) < 0);
	assert_null(none);
}

static void listing(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	_cleanup_strv_ char **names = NULL, **none = NULL;
	_cleanup_free_ char *joined = NULL;

	fixture_file(f, "d/b", "");
	fixture_file(f, "d/a", "");
	fixture_file(f, "d/B", "");
	fixture_file(f, "d/.hidden", "");
	fixture_folder(f, "d/10");
	fixture_folder(f, "d/9");
	assert_int_equal(wb_root_list(&f->root, "d", &names), 0);
	joined = wb_strv_join(names, " ");
	assert_string_equal(joined, ".hidden 10 9 B a b");
	assert_int_equal(wb_root_list(&f->root, "none", &none), -ENOENT);
	assert_int_equal(wb_root_list(&f->root, "d/a", &none), -ENOTDIR);
	assert_int_equal(wb_root_list(&f->root, "d/9", &none), 0);
	assert_int_equal(wb_strv_length(none), 0);
}

static void writing(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;

	fixture_file(f, "sys/bind", "1");
	assert_int_equal(wb_root_write(&f->root, "/sys/bind", "0"), 0);
	assert_text(f, "sys/bind", "0");
	/* An attribute that is not there is not made. */
	assert_int_equal(wb_root_write(&f->root, "sys/none", "0"), -ENOENT);
	assert_false(wb_root_exists(&f->root, "sys/none"));
}

/* Nothing but the file itself is in its folder. */
static void assert_alone(struct fixture *f, const char *folder, const char *name)
{
	_cleanup_strv_ char **names = NULL;

	assert_int_equal(wb_root_list(&f->root, folder, &names), 0);
	assert_int_equal(wb_strv_length(names), 1);
	assert_string_equal(names[0], name);
}

static void replacing(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	_cleanup_close_ int old = -1;
	char text[16] = "";

	fixture_folder(f, "var/lib");
	/* "Its folder is made if need be." */
	assert_int_equal(wb_root_replace(&f->root, "/var/lib/warmboot/x.json", "first\n"),
			 0);
	assert_text(f, "var/lib/warmboot/x.json", "first\n");
	assert_alone(f, "var/lib/warmboot", "x.json");
	/* Whoever has the old one open goes on reading it whole. */
	old = wb_root_openat(&f->root, "var/lib/warmboot/x.json", O_RDONLY);
	assert_true(old >= 0);
	assert_int_equal(wb_root_replace(&f->root, "/var/lib/warmboot/x.json", "2"), 0);
	assert_int_equal(read(old, text, sizeof(text) - 1), 6);
	assert_string_equal(text, "first\n");
	assert_text(f, "var/lib/warmboot/x.json", "2");
	assert_alone(f, "var/lib/warmboot", "x.json");
}

static void replacing_over_a_draft(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;

	/* Left behind by a power cut. */
	fixture_file(f, "d/.x.new", "a much longer text than the next one");
	assert_int_equal(wb_root_replace(&f->root, "d/x", "short"), 0);
	assert_text(f, "d/x", "short");
	assert_alone(f, "d", "x");
}

static void replacing_fails(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	struct rlimit before, small;
	int r;

	fixture_file(f, "d/x", "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ 4, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = wb_root_replace(&f->root, "d/x", "a text that does not fit on the disk");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(r < 0);
	assert_text(f, "d/x", "old");
	assert_alone(f, "d", "x");
}

static void replacing_a_folder(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;

	fixture_file(f, "d/x/y", "");
	assert_true(wb_root_replace(&f->root, "d/x", "text") < 0);
	assert_alone(f, "d", "x");
}

static void removing(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;

	fixture_file(f, "run/x", "");
	assert_int_equal(wb_root_remove(&f->root, "/run/x"), 0);
	assert_false(wb_root_exists(&f->root, "run/x"));
	assert_int_equal(wb_root_remove(&f->root, "/run/x"), -ENOENT);
}

static void node_files(void **state)
{
	struct pair *p = *state;
	struct fixture *f = &p->inside;
	struct wb_node node;

	fixture_file(f, "dev/nvidia0", "c 195:0\n");
	fixture_file(f, "dev/sda1", "b 8:1\n");
	fixture_file(f, "dev/text", "hello\n");
	fixture_link(f, "dev/disk/by-uuid/1", "../../sda1");
	fixture_folder(f, "dev/dri");
	assert_int_equal(wb_root_node(&f->root, "/dev/nvidia0", &node), 0);
	assert_false(node.block);
	assert_int_equal(node.major, 195);
	assert_int_equal(node.minor, 0);
	assert_int_equal(wb_root_node(&f->root, "dev/disk/by-uuid/1", &node), 0);
	assert_true(node.block);
	assert_int_equal(node.major, 8);
	assert_int_equal(node.minor, 1);
	assert_int_equal(wb_root_node(&f->root, "dev/text", &node), -ENODEV);
	assert_int_equal(wb_root_node(&f->root, "dev/dri", &node), -ENODEV);
	assert_int_equal(wb_root_node(&f->root, "dev/none", &node), -ENOENT);
}

static void live_nodes(void **state)
{
	_cleanup_(wb_root_close) struct wb_root root;
	struct wb_node node;

	(void)state;
	assert_int_equal(wb_root_open(&root, "/"), 0);
	assert_int_equal(wb_root_node(&root, "/dev/null", &node), 0);
	assert_false(node.block);
	assert_int_equal(node.major, 1);
	assert_int_equal(node.minor, 3);
	assert_int_equal(wb_root_node(&root, "/etc/passwd", &node), -ENODEV);
}

static void node_strings(void **state)
{
	static const char *const good[] = { "c 195:0", "b 8:1", "c 195:*",
					    "b 259:1048575" };
	static const char *const bad[] = {
		"",
		"c",
		"c 1",
		"c 1:",
		"c :1",
		"x 1:2",
		"c 1:2 3",
		"c 1:2x",
		"c 1:-2",
		"c 1:**",
		"1:2",
		"c a:b",
		"c 1:99999999999",
		"char 1:2",
	};
	struct wb_node node;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(wb_node_from_string(good[i], &node), 0);
		text = wb_node_to_string(&node);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (wb_node_from_string(bad[i], &node) != -EINVAL)
			fail_msg("'%s' is taken for a node", bad[i]);
}

static void node_strings_with_wild_majors(void **state)
{
	static const char *const bad[] = { "c -1:0", "c +1:0", "c 99999999999:0" };
	struct wb_node node;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (wb_node_from_string(bad[i], &node) != -EINVAL)
			fail_msg("'%s' is taken for a node", bad[i]);
}

static void node_patterns(void **state)
{
	const struct wb_node all = { .major = 195, .any_minor = true },
			     one = { .major = 195, .minor = 1 },
			     two = { .major = 195, .minor = 2 },
			     block = { .block = true, .major = 195, .minor = 1 };

	(void)state;
	assert_true(wb_node_matches(&one, &one));
	assert_true(wb_node_matches(&all, &two));
	assert_false(wb_node_matches(&one, &two));
	assert_false(wb_node_matches(&all, &block));
	assert_false(wb_node_matches(&one, &block));
}

#define root_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void a_fifo_is_no_text(void **state)
{
	struct pair *p = *state;
	_cleanup_free_ char *path = fixture_outside(&p->inside, "fifo"), *text = NULL;

	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(wb_root_read(&p->inside.root, "fifo", &text, NULL), -EINVAL);
	assert_int_equal(wb_root_open_file(&p->inside.root, "fifo"), -EINVAL);
}

/* Another process renames as fast as it can, as a busy machine does. */
static pid_t rename_for_ever(const struct fixture *f)
{
	_cleanup_free_ char *a = fixture_outside(f, "a"), *b = fixture_outside(f, "b");
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		if (rename(a, b) < 0 || rename(b, a) < 0)
			_exit(1);
}

/* sysfs is full of links that go up. */
static void upward_links_while_others_rename(void **state)
{
	struct pair *p = *state;
	unsigned int failed = 0;
	pid_t pid;

	fixture_folder(&p->outside, "a");
	fixture_file(&p->inside, "devices/x/name", "x\n");
	fixture_link(&p->inside, "class/y/z/device", "../../../devices/x");
	pid = rename_for_ever(&p->outside);
	for (int i = 0; i < 20000; i++)
		failed += !wb_root_exists(&p->inside.root, "class/y/z/device/name");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		root_test(reading),
		root_test(large_files),
		root_test(links_stay_inside),
		root_test(removing_and_making_stay_inside),
		root_test(reading_links),
		root_test(listing),
		root_test(writing),
		root_test(replacing),
		root_test(replacing_over_a_draft),
		root_test(replacing_fails),
		root_test(replacing_a_folder),
		root_test(removing),
		root_test(node_files),
		cmocka_unit_test_setup_teardown(a_fifo_is_no_text, setup, teardown),
		cmocka_unit_test_setup_teardown(upward_links_while_others_rename, setup,
						teardown),
		cmocka_unit_test(live_nodes),
		cmocka_unit_test(node_strings),
		cmocka_unit_test(node_strings_with_wild_majors),
		cmocka_unit_test(node_patterns),
	};

	return RUN_TESTS(tests);
}
