/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "facts/module.h"
#include "machine.h"
#include "unit.h"

struct modules {
	struct fixture f;
	struct wb_module *items;
	size_t n;
};

static int setup(void **state)
{
	struct modules *m = calloc(1, sizeof(*m));

	fixture_init(&m->f);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct modules *m = *state;

	wb_modules_free(m->items, m->n);
	fixture_done(&m->f);
	free(m);
	return 0;
}

static const struct wb_module *find(const struct modules *m, const char *name)
{
	return wb_module_find(m->items, m->n, name);
}

static void graph(void **state)
{
	struct modules *m = *state;

	fixture_file(&m->f, "proc/modules",
		     "nvidia_drm 98304 4 - Live 0x0000000000000000 (POE)\n"
		     "nvidia_modeset 1 2 nvidia_drm, Live 0x0\n"
		     "nvidia 1 30 nvidia_uvm,nvidia_modeset, Live 0x0\n"
		     "efivarfs 1 1 [permanent], Live 0x0\n"
		     "both 1 1 user,[permanent], Unloading 0x0\n"
		     "livepatch_cve 1 1 - Live 0x0 (OEK)\n"
		     "stap_1234 1 1 - Live 0x0 (OE)\n"
		     "unsigned 1 1 - Live 0x0 (E)\n");
	assert_int_equal(wb_modules_read(&m->f.root, &m->items, &m->n), 0);
	assert_int_equal(m->n, 8);
	for (size_t i = 5; i < m->n; i++)
		assert_false(m->items[i].out_of_tree);
	assert_string_equal(m->items[0].name, "nvidia_drm");
	assert_int_equal(m->items[0].refcnt, 4);
	assert_true(m->items[0].out_of_tree);
	assert_false(m->items[1].out_of_tree);
	assert_null(m->items[0].holders);
	assert_int_equal(wb_strv_length(find(m, "nvidia")->holders), 2);
	assert_string_equal(find(m, "nvidia")->holders[0], "nvidia_uvm");
	assert_false(find(m, "nvidia")->permanent);
	assert_true(find(m, "efivarfs")->permanent);
	assert_int_equal(wb_strv_length(find(m, "efivarfs")->holders), 0);
	assert_true(find(m, "both")->permanent);
	assert_string_equal(find(m, "both")->holders[0], "user");
	assert_null(find(m, "nvidi"));
	assert_null(find(m, "nvidia_uvm"));
}

/* "Parts that a machine does not have are empty" */
static void without_modules(void **state)
{
	struct modules *m = *state;

	assert_int_equal(wb_modules_read(&m->f.root, &m->items, &m->n), 0);
	assert_int_equal(m->n, 0);
	fixture_file(&m->f, "proc/modules", "");
	assert_int_equal(wb_modules_read(&m->f.root, &m->items, &m->n), 0);
	assert_int_equal(m->n, 0);
}

/* kernel/module/procfs.c, print_unload_info() without CONFIG_MODULE_UNLOAD */
static void of_a_kernel_that_cannot_unload(void **state)
{
	struct modules *m = *state;

	fixture_file(&m->f, "proc/modules",
		     "ext4 1015808 - - Live 0x0\nnvme 1 - - Live 0x0\n");
	assert_int_equal(wb_modules_read(&m->f.root, &m->items, &m->n), 0);
	assert_int_equal(m->n, 2);
}

static void known_and_builtin(void **state)
{
	_cleanup_strv_ char **known = NULL, **builtin = NULL, **names = NULL;
	struct modules *m = *state;

	machine_kernel(&m->f, "6.1.0");
	assert_int_equal(wb_strv_split(&names,
				       "nvidia_drm nvidia ext4 8250 nvme_core nothing"),
			 0);
	assert_int_equal(wb_module_index_read(&m->f.root, "6.1.0", names, &known,
					      &builtin),
			 0);
	/* Only what stands before the colon is a module of its own line. */
	assert_int_equal(wb_strv_length(known), 2);
	assert_true(wb_strv_contains(known, "nvidia_drm"));
	assert_true(wb_strv_contains(known, "nvidia"));
	assert_int_equal(wb_strv_length(builtin), 2);
	assert_true(wb_strv_contains(builtin, "ext4"));
	assert_true(wb_strv_contains(builtin, "8250"));
}

/* Parts of the kernel that have parameters are in sysfs, and not all are in the index. */
static void builtin_by_sysfs(void **state)
{
	_cleanup_strv_ char **known = NULL, **builtin = NULL, **names = NULL;
	struct modules *m = *state;

	fixture_file(&m->f, "sys/module/nvidia/initstate", "live\n");
	fixture_folder(&m->f, "sys/module/printk/parameters");
	assert_int_equal(wb_strv_split(&names, "nvidia printk nothing"), 0);
	assert_int_equal(wb_module_index_read(&m->f.root, "6.1.0", names, &known,
					      &builtin),
			 0);
	assert_int_equal(wb_strv_length(builtin), 1);
	assert_string_equal(builtin[0], "printk");
}

static void without_an_index(void **state)
{
	_cleanup_strv_ char **known = NULL, **builtin = NULL;
	char name[] = "nvidia";
	char *names[] = { name, NULL };
	struct modules *m = *state;

	assert_int_equal(wb_module_index_read(&m->f.root, "6.1.0", names, &known,
					      &builtin),
			 0);
	assert_int_equal(wb_module_index_read(&m->f.root, NULL, names, &known, &builtin),
			 0);
	assert_int_equal(wb_module_index_read(&m->f.root, "6.1.0", NULL, &known,
					      &builtin),
			 0);
	assert_null(known);
	assert_null(builtin);
}

static void assert_nodes(const struct modules *m, const char *module,
			 const char *expected)
{
	const struct wb_module *found = wb_module_find(m->items, m->n, module);
	_cleanup_strv_ char **texts = NULL;
	_cleanup_free_ char *joined = NULL;

	assert_non_null(found);
	for (size_t i = 0; i < found->n_nodes; i++) {
		_cleanup_free_ char *text = wb_node_to_string(&found->nodes[i]);

		assert_int_equal(wb_strv_append(&texts, text), 0);
	}
	joined = wb_strv_join(texts, ", ");
	assert_string_equal(joined ? joined : "", expected);
}

/* "nearly all of them go by the module's name" */
static void nodes_by_name(void **state)
{
	struct modules *m = *state;

	fixture_file(&m->f, "proc/modules",
		     "onload 1 1 - Live 0x0 (OE)\n"
		     "sfc 1 1 - Live 0x0\n"
		     "nvidia 1 1 nvidia_uvm, Live 0x0 (POE)\n"
		     "nvidia_uvm 1 1 - Live 0x0 (POE)\n"
		     "cryptodev 1 1 - Live 0x0 (OE)\n"
		     "loop 1 1 - Live 0x0\n");
	fixture_file(&m->f, "proc/devices",
		     "Character devices:\n  1 mem\n 10 misc\n195 nvidia\n"
		     "234 nvidia-caps\n235 nvidia-uvm\n237 onload_epoll\n238 onload\n"
		     "239 sfcx\nnonsense\n240\n\n"
		     "Block devices:\n  7 loop\n  8 sd\n");
	fixture_file(&m->f, "proc/misc", " 57 cryptodev\n237 loop-control\n x y\n");
	assert_int_equal(wb_modules_read(&m->f.root, &m->items, &m->n), 0);
	assert_int_equal(wb_modules_find_nodes(&m->f.root, m->items, m->n), 0);
	assert_nodes(m, "onload", "c 237:*, c 238:*");
	assert_nodes(m, "sfc", "");
	assert_nodes(m, "nvidia", "c 195:*, c 234:*");
	assert_nodes(m, "nvidia_uvm", "c 235:*");
	assert_nodes(m, "cryptodev", "c 10:57");
	assert_nodes(m, "loop", "b 7:*, c 10:237");
}

static void without_names(void **state)
{
	struct modules *m = *state;

	fixture_file(&m->f, "proc/modules", "onload 1 1 - Live 0x0 (OE)\n");
	assert_int_equal(wb_modules_read(&m->f.root, &m->items, &m->n), 0);
	assert_int_equal(wb_modules_find_nodes(&m->f.root, m->items, m->n), 0);
	assert_nodes(m, "onload", "");
}

#define module_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		module_test(graph),
		module_test(without_modules),
		module_test(of_a_kernel_that_cannot_unload),
		module_test(known_and_builtin),
		module_test(builtin_by_sysfs),
		module_test(without_an_index),
		module_test(nodes_by_name),
		module_test(without_names),
	};

	return RUN_TESTS(tests);
}
