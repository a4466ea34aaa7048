/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/module.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

static void module_done(struct wb_module *m)
{
	free(m->name);
	wb_strv_free(m->holders);
	free(m->nodes);
}

/* Documentation/admin-guide/tainted-kernels.rst. A live patch, and what SystemTap makes,
 * belong to the kernel that runs and to no other. */
static bool is_out_of_tree(const char *name, const char *taints)
{
	return taints && *taints == '(' && strchr(taints, 'O') && !strchr(taints, 'K') &&
	       !wb_startswith(name, "stap_");
}

/* "name size refcnt holder,holder,[permanent], state address (taints)" */
static int parse_line(char *line, struct wb_module *ret)
{
	_cleanup_strv_ char **users = NULL;
	struct wb_module m = { 0 };
	uint64_t refcnt = 0;
	char *save = NULL, *word[7] = { NULL };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(word) && (i == 0 || word[i - 1]); i++)
		word[i] = strtok_r(i ? NULL : line, " ", &save);
	/* Without CONFIG_MODULE_UNLOAD nobody counts, and "-" stands there. */
	if (!word[3] ||
	    (strcmp(word[2], "-") != 0 && wb_parse_u64(word[2], 10, &refcnt) < 0))
		return -EINVAL;
	m.refcnt = (unsigned int)refcnt;
	m.out_of_tree = is_out_of_tree(word[0], word[6]);
	m.name = strdup(word[0]);
	if (!m.name)
		return -ENOMEM;
	if (strcmp(word[3], "-") != 0)
		r = wb_strv_split(&users, word[3]);
	for (char **p = users; r >= 0 && p && *p; p++) {
		if (strcmp(*p, "[permanent]") == 0)
			m.permanent = true;
		else
			r = wb_strv_append(&m.holders, *p);
	}
	if (r < 0) {
		module_done(&m);
		return r;
	}
	*ret = m;
	return 0;
}

int wb_modules_read(const struct wb_root *root, struct wb_module **ret, size_t *ret_n)
{
	_cleanup_free_ char *text = NULL;
	struct wb_module *modules = NULL;
	char *line, *rest;
	size_t n = 0;
	int r = wb_root_read(root, "proc/modules", &text, NULL);

	if (r == -ENOENT)
		return 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		struct wb_module *grown;

		if (*line == '\0')
			continue;
		grown = reallocarray(modules, n + 1, sizeof(*modules));
		if (!grown) {
			r = -ENOMEM;
			break;
		}
		modules = grown;
		r = parse_line(line, &modules[n]);
		if (r >= 0)
			n++;
	}
	if (r < 0) {
		wb_modules_free(modules, n);
		return r;
	}
	*ret = modules;
	*ret_n = n;
	return 0;
}

void wb_modules_free(struct wb_module *modules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		module_done(&modules[i]);
	free(modules);
}

const struct wb_module *wb_module_find(const struct wb_module *modules, size_t n,
				       const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(modules[i].name, name) == 0)
			return &modules[i];
	return NULL;
}

/* "kernel/drivers/.../snd-hda-intel.ko.xz: ..." into "snd_hda_intel", in place. */
static char *name_of_line(char *line)
{
	char *name, *dot;

	line[strcspn(line, ":")] = '\0';
	name = strrchr(line, '/');
	name = name ? name + 1 : line;
	dot = strstr(name, ".ko");
	if (dot)
		*dot = '\0';
	return wb_module_name(name);
}

static bool in_folder(const char *line, const char *folder)
{
	return !folder || wb_startswith(line, folder);
}

/* In that folder of the kernel's modules, or where @folder is NULL, in any. */
static int search_index(const struct wb_root *root, const char *release, const char *file,
			const char *folder, char *const *names, char ***ret,
			bool *ret_known)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	char *line, *rest;
	int r;

	path = wb_format("lib/modules/%s/%s", release, file);
	if (!path)
		return -ENOMEM;
	r = wb_root_read(root, path, &text, NULL);
	if (r < 0)
		/* The planner says so where the folder is not there. */
		return r == -ENOMEM ? r : 0;
	*ret_known = true;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		bool inside = in_folder(line, folder);
		const char *name = name_of_line(line);

		if (inside && wb_strv_contains(names, name))
			r = wb_strv_add(ret, name);
	}
	return r;
}

/* Parts of the kernel that have parameters are in sysfs, and not all are in the index. */
static int search_sysfs(const struct wb_root *root, char *const *names, char ***ret)
{
	int r = 0;

	for (; r >= 0 && *names; names++) {
		_cleanup_free_ char *folder = wb_format("sys/module/%s", *names);
		_cleanup_free_ char *state = wb_format("sys/module/%s/initstate", *names);

		if (!folder || !state)
			return -ENOMEM;
		if (wb_root_exists(root, folder) && !wb_root_exists(root, state))
			r = wb_strv_add(ret, *names);
	}
	return r;
}

int wb_module_index_search(const struct wb_root *root, const char *release,
			   char *const *names, char ***ret_known, char ***ret_builtin,
			   bool *ret_there)
{
	bool builtin = false;
	int r;

	*ret_there = false;
	r = search_index(root, release, "modules.dep", NULL, names, ret_known, ret_there);
	/* The one without the other says nothing of what the kernel lacks. */
	if (r >= 0)
		r = search_index(root, release, "modules.builtin", NULL, names,
				 ret_builtin, &builtin);
	*ret_there = *ret_there && builtin;
	return r;
}

int wb_module_index_read(const struct wb_root *root, const char *release,
			 char *const *names, char ***ret_known, char ***ret_builtin)
{
	bool there;
	int r;

	if (!names || !release)
		return 0;
	r = wb_module_index_search(root, release, names, ret_known, ret_builtin, &there);
	return r < 0 ? r : search_sysfs(root, names, ret_builtin);
}

int wb_module_index_dkms(const struct wb_root *root, const char *release,
			 char *const *names, char ***ret)
{
	bool there = false;

	return release ? search_index(root, release, "modules.dep", "updates/dkms/",
				      names, ret, &there)
		       : 0;
}
