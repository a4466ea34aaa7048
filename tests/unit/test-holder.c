/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/strv.h"
#include "facts/holder.h"
#include "fixture.h"
#include "unit.h"

/* "the first part that is no slice" */
static void units_of_cgroups(void **state)
{
	static const struct {
		const char *path, *unit;
	} cases[] = {
		{ "/system.slice/ollama.service", "ollama.service" },
		{ "/init.scope", "init.scope" },
		{ "/system.slice/system-getty.slice/getty@tty1.service",
		  "getty@tty1.service" },
		{ "/user.slice/user-1000.slice/session-2.scope", "session-2.scope" },
		/* Not what a user's manager made: the system manager knows its service.
		 */
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
		  "user@1000.service" },
		{ "/system.slice/docker-0123.scope", "docker-0123.scope" },
		{ "/machine.slice/machine-qemu\\x2d1.scope/libvirt/emulator",
		  "machine-qemu\\x2d1.scope" },
		{ "/system.slice/foo.service/inner/deeper", "foo.service" },
		{ "/system.slice/_cgroup.service", "cgroup.service" },
		{ "/", NULL },
		{ "", NULL },
		{ "/system.slice", NULL },
		{ "/user.slice/user-1000.slice", NULL },
		{ "/docker/0123456789", NULL },
		/* LXC's, and what a namespace cannot show: they have dots, and are no
		 * units.
		 */
		{ "/lxc.payload.web1", NULL },
		{ "/../../system.slice/x.service", NULL },
		{ "relative.service", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *unit = wb_unit_of_cgroup(cases[i].path);

		if (!cases[i].unit && unit)
			fail_msg("'%s' is in '%s'", cases[i].path, unit);
		if (cases[i].unit && (!unit || strcmp(unit, cases[i].unit) != 0))
			fail_msg("'%s' is in '%s' and not in '%s'", cases[i].path,
				 unit ? unit : "(none)", cases[i].unit);
	}
}

/* What its user's own manager made. */
static void inner_units_of_cgroups(void **state)
{
	static const struct {
		const char *path, *unit;
	} cases[] = {
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
		  "app-x.scope" },
		{ "/user.slice/user-1000.slice/user@1000.service/session.slice/"
		  "org.gnome.Shell@wayland.service",
		  "org.gnome.Shell@wayland.service" },
		{ "/user.slice/user-1000.slice/user@1000.service/init.scope",
		  "init.scope" },
		{ "/user.slice/user-1000.slice/user@1000.service", NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice", NULL },
		{ "/user.slice/user-1000.slice/session-2.scope", NULL },
		{ "/system.slice/x.service", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *unit = wb_inner_unit_of_cgroup(cases[i].path);

		if (!unit != !cases[i].unit || (unit && strcmp(unit, cases[i].unit) != 0))
			fail_msg("in '%s' it is '%s'", cases[i].path,
				 unit ? unit : "(none)");
	}
}

static void process(struct fixture *f, int pid, const char *comm, const char *cgroup)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	fixture_file(f, path, comm);
	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	fixture_file(f, path, cgroup);
	snprintf(path, sizeof(path), "proc/%d/fd", pid);
	fixture_folder(f, path);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_init(f);
	fixture_file(f, "dev/nvidia0", "c 195:0\n");
	fixture_file(f, "dev/nvidiactl", "c 195:255\n");
	fixture_file(f, "dev/dri/card0", "c 226:0\n");
	fixture_file(f, "dev/sda", "b 226:0\n");
	fixture_file(f, "dev/null", "c 1:3\n");
	fixture_file(f, "proc/version", "Linux\n");
	process(f, 1, "systemd\n", "0::/init.scope\n");
	process(f, 812, "Xorg\n", "0::/system.slice/lightdm.service\n");
	fixture_link(f, "proc/812/fd/0", "/dev/null");
	fixture_link(f, "proc/812/fd/7", "/dev/dri/card0");
	fixture_link(f, "proc/812/fd/8", "/dev/dri/card0");
	fixture_link(f, "proc/812/fd/9", "/dev/nvidia0");
	fixture_link(f, "proc/812/fd/10", "socket:[4711]");
	process(f, 900, "ollama\n",
		"12:devices:/x\n1:name=systemd:/system.slice/ollama.service\n0::/\n");
	fixture_link(f, "proc/900/map_files/7f00-7f10", "/dev/nvidiactl");
	process(f, 901, "disk\n", "0::/system.slice/disk.service\n");
	fixture_link(f, "proc/901/fd/3", "/dev/sda");
	process(f, 950, "python3\n", "0::/docker/0123\n");
	fixture_link(f, "proc/950/fd/3", "/dev/nvidia0");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_done(*state);
	free(*state);
	return 0;
}

static const struct wb_holder *find(const struct wb_holders *holders, pid_t pid,
				    unsigned int major)
{
	for (size_t i = 0; i < holders->n; i++)
		if (holders->items[i].pid == pid && holders->items[i].node.major == major)
			return &holders->items[i];
	return NULL;
}

static void scan(void **state)
{
	const struct wb_node nodes[] = { { .major = 195, .any_minor = true },
					 { .major = 226, .minor = 0 } };
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	_cleanup_strv_ char **units = NULL;
	const struct wb_holder *h;
	struct fixture *f = *state;

	assert_int_equal(wb_holders_read(&f->root, nodes, ARRAY_SIZE(nodes), &holders,
					 &units),
			 0);
	/* One entry for each process and node; a block device of that number is another.
	 */
	assert_int_equal(holders.n, 4);
	h = find(&holders, 812, 226);
	assert_non_null(h);
	assert_string_equal(h->comm, "Xorg");
	assert_string_equal(h->unit, "lightdm.service");
	assert_string_equal(h->path, "/dev/dri/card0");
	assert_int_equal(h->uid, geteuid());
	assert_non_null(find(&holders, 812, 195));
	/* A mapping, and the older hierarchy. */
	h = find(&holders, 900, 195);
	assert_non_null(h);
	assert_int_equal(h->node.minor, 255);
	assert_string_equal(h->unit, "ollama.service");
	h = find(&holders, 950, 195);
	assert_non_null(h);
	assert_null(h->unit);
	assert_int_equal(holders.n_hidden, 0);
	/* The units that have any process. */
	assert_int_equal(wb_strv_length(units), 4);
	assert_true(wb_strv_contains(units, "init.scope"));
	assert_true(wb_strv_contains(units, "disk.service"));
}

static void scan_for_nothing(void **state)
{
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	struct fixture *f = *state;

	assert_int_equal(wb_holders_read(&f->root, NULL, 0, &holders, NULL), 0);
	assert_int_equal(holders.n, 0);
}

static void processes_that_end_meanwhile(void **state)
{
	const struct wb_node node = { .major = 195, .any_minor = true };
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	struct fixture *f = *state;

	fixture_remove(f, "proc/812/comm");
	fixture_remove(f, "proc/900/cgroup");
	fixture_folder(f, "proc/999");
	assert_int_equal(wb_holders_read(&f->root, &node, 1, &holders, NULL), 0);
	assert_non_null(find(&holders, 950, 195));
	assert_null(find(&holders, 812, 195));
}

static void processes_that_are_hidden(void **state)
{
	const struct wb_node node = { .major = 195, .any_minor = true };
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	struct fixture *f = *state;

	if (geteuid() == 0)
		skip();
	fixture_mode(f, "proc/812/fd", 0);
	assert_int_equal(wb_holders_read(&f->root, &node, 1, &holders, NULL), 0);
	assert_int_equal(holders.n_hidden, 1);
	assert_non_null(find(&holders, 950, 195));
	fixture_mode(f, "proc/812/fd", 0755);
}

static void without_proc(void **state)
{
	const struct wb_node node = { .major = 195, .any_minor = true };
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(wb_holders_read(&f.root, &node, 1, &holders, NULL), 0);
	assert_int_equal(holders.n, 0);
	fixture_done(&f);
}

/* /proc itself is looked at in another way than a folder. */
static void the_machine_that_runs_us(void **state)
{
	const struct wb_node zero = { .major = 1, .minor = 5 };
	const struct wb_node full = { .major = 1, .minor = 7 };
	_cleanup_(wb_holders_done) struct wb_holders holders = { 0 };
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	struct wb_root root;
	bool found = false;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(wb_root_open(&root, "/"), 0);
	assert_int_equal(wb_holders_read(&root, &zero, 1, &holders, NULL), 0);
	for (size_t i = 0; i < holders.n; i++) {
		const struct wb_holder *h = &holders.items[i];

		if (h->pid != getpid())
			continue;
		assert_false(found);
		found = true;
		assert_string_equal(h->path, "/dev/zero");
		assert_int_equal(h->uid, geteuid());
	}
	assert_true(found);
	assert_true(wb_holds(&root, getpid(), &zero));
	assert_false(wb_holds(&root, getpid(), &full));
	close(fd);
	assert_false(wb_holds(&root, getpid(), &zero));
	wb_root_close(&root);
}

/* It holds the device as well as a descriptor does. */
static void a_mapping_on_the_machine_that_runs_us(void **state)
{
	const struct wb_node zero = { .major = 1, .minor = 5 };
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	struct wb_root root;
	void *map;

	(void)state;
	/* Who may not look into map_files sees descriptors alone. */
	if (access("/proc/self/map_files", X_OK) < 0 || geteuid() != 0)
		skip();
	assert_true(fd >= 0);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(map != MAP_FAILED);
	close(fd);
	assert_int_equal(wb_root_open(&root, "/"), 0);
	assert_true(wb_holds(&root, getpid(), &zero));
	munmap(map, 4096);
	assert_false(wb_holds(&root, getpid(), &zero));
	wb_root_close(&root);
}

static void in_words(void **state)
{
	char comm[] = "Xorg", unit[] = "lightdm.service", path[] = "/dev/nvidia0";
	struct wb_holder h = { .pid = 812, .comm = comm, .unit = unit, .path = path };
	_cleanup_free_ char *text = wb_holder_to_string(&h), *other = NULL;

	(void)state;
	assert_non_null(strstr(text, "Xorg (pid 812, lightdm.service"));
	h.unit = NULL;
	other = wb_holder_to_string(&h);
	assert_non_null(strstr(other, "812"));
}

#define scan_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_of_cgroups),
		cmocka_unit_test(inner_units_of_cgroups),
		cmocka_unit_test(the_machine_that_runs_us),
		cmocka_unit_test(a_mapping_on_the_machine_that_runs_us),
		scan_test(scan),
		scan_test(scan_for_nothing),
		scan_test(processes_that_end_meanwhile),
		scan_test(processes_that_are_hidden),
		cmocka_unit_test(without_proc),
		cmocka_unit_test(in_words),
	};

	return RUN_TESTS(tests);
}
