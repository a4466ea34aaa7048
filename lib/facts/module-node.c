/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Device numbers of modules by the names under which they registered them. Drivers
 * without a class in sysfs, as many are that come from outside of the kernel, show them
 * nowhere else, and nearly all of them go by the module's name: "onload", "onload_epoll".
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "facts/device.h"
#include "facts/major.h"
#include "facts/module.h"

/* The major number of what is listed in /proc/misc (linux/major.h). */
#define MISC_MAJOR 10

/* The kernel takes "-" for "_" in the names of modules; those of devices have either. */
static char fold(char c)
{
	return (char)(c == '-' ? '_' : c);
}

/* How much of @name the module's own is; 0: it is another one's. */
static size_t match(const char *module, const char *name)
{
	size_t n = 0;

	while (module[n] && fold(name[n]) == module[n])
		n++;
	if (module[n] != '\0' || (name[n] != '\0' && fold(name[n]) != '_'))
		return 0;
	return n;
}

/* "nvidia-uvm" is of nvidia_uvm, where that is loaded, and not of nvidia. */
static struct wb_module *find_owner(struct wb_module *modules, size_t n, const char *name)
{
	struct wb_module *best = NULL;
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		size_t matched = match(modules[i].name, name);

		if (matched > length) {
			length = matched;
			best = &modules[i];
		}
	}
	return best;
}

struct modules {
	struct wb_module *items;
	size_t n;
};

static int add_node(const struct wb_node *node, const char *name, void *userdata)
{
	const struct modules *modules = userdata;
	struct wb_module *m = find_owner(modules->items, modules->n, name);

	return m ? wb_nodes_add(&m->nodes, &m->n_nodes, node) : 0;
}

/* " 57 cryptodev": one minor of a major that many share. */
static int read_misc(const struct wb_root *root, struct modules *modules)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	int r = wb_root_read(root, "proc/misc", &text, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		struct wb_node node = { .major = MISC_MAJOR };
		char name[64];

		if (sscanf(line, "%u %63s", &node.minor, name) == 2)
			r = add_node(&node, name, modules);
	}
	return r;
}

int wb_modules_find_nodes(const struct wb_root *root, struct wb_module *modules, size_t n)
{
	struct modules all = { modules, n };
	int r = wb_majors_read(root, add_node, &all);

	return r < 0 ? r : read_misc(root, &all);
}
