/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/hook.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/conf-files.h"
#include "facts/device.h"
#include "facts/major.h"
#include "sys/trust.h"

static void hook_done(struct wb_hook *h)
{
	free(h->name);
	free(h->path);
	free(h->description);
	wb_strv_free(h->modules);
	wb_strv_free(h->devices);
	wb_strv_free(h->units);
	wb_strv_free(h->drivers);
	wb_strv_free(h->unbind);
	wb_strv_free(h->match);
	wb_strv_free(h->cmdline);
	wb_strv_free(h->early);
	wb_strv_free(h->block);
	free(h->nodes);
	free(h->problem);
}

static int add_matching_nodes(const struct wb_root *root, struct wb_hook *hook,
			      const char *glob)
{
	const char *slash = strrchr(glob, '/');
	_cleanup_free_ char *folder = strndup(glob, (size_t)(slash - glob));
	_cleanup_strv_ char **names = NULL;
	int r = folder ? wb_root_list(root, folder, &names) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *path = wb_format("%s/%s", folder, *name);
		struct wb_node node;

		if (!path)
			return -ENOMEM;
		if (fnmatch(slash + 1, *name, FNM_PERIOD) != 0 ||
		    wb_root_node(root, path, &node) < 0)
			continue;
		r = wb_nodes_add(&hook->nodes, &hook->n_nodes, &node);
		if (r < 0)
			return r;
	}
	return 0;
}

struct wanted {
	struct wb_hook *hook;
	const char *pattern; /* of names */
};

static int add_major(const struct wb_node *major, const char *name, void *userdata)
{
	const struct wanted *wanted = userdata;

	if (fnmatch(wanted->pattern, name, 0) != 0)
		return 0;
	return wb_nodes_add(&wanted->hook->nodes, &wanted->hook->n_nodes, major);
}

/*
 * Drivers without device files in sysfs, as NVIDIA's, are known by their majors alone;
 * a container may have made nodes that /dev does not show.
 */
static int add_matching_majors(const struct wb_root *root, struct wb_hook *hook,
			       const char *glob)
{
	struct wanted wanted = { hook, glob + strlen("/dev/") };

	return wb_majors_read(root, add_major, &wanted);
}

static int resolve_nodes(const struct wb_root *root, struct wb_hook *hook)
{
	int r = 0;

	for (char **glob = hook->devices; r >= 0 && glob && *glob; glob++) {
		r = add_matching_majors(root, hook, *glob);
		if (r >= 0)
			r = add_matching_nodes(root, hook, *glob);
	}
	return r;
}

static int read_hook(const struct wb_root *root, const char *path, struct wb_hook *ret)
{
	struct wb_hook h = { .name = strdup(wb_basename(path)), .path = strdup(path) };
	_cleanup_free_ char *text = NULL;
	struct stat st;
	int r = h.name && h.path ? wb_root_stat(root, h.path, &st) : -ENOMEM;

	if (r >= 0)
		r = wb_trust_check(root, h.path, &h.problem);
	if (r >= 0 && !h.problem)
		r = wb_root_read(root, h.path, &text, NULL);
	if (r >= 0 && !h.problem)
		r = wb_hook_parse(text, &h);
	if (r >= 0 && !h.problem)
		r = resolve_nodes(root, &h);
	if (r < 0 && r != -ENOMEM)
		r = wb_set_format(&h.problem, "it cannot be read: %s", strerror(-r));
	if (r < 0) {
		hook_done(&h);
		return r;
	}
	h.has_code = text && (st.st_mode & 0111);
	*ret = h;
	return 0;
}

int wb_hooks_read(const struct wb_root *root, struct wb_hook **ret, size_t *ret_n)
{
	_cleanup_strv_ char **paths = NULL;
	struct wb_hook *hooks;
	size_t n = 0;
	int r = wb_conf_files(root, "warmboot/hooks.d", "", &paths);

	if (r < 0)
		return r;
	hooks = calloc(wb_strv_length(paths) + 1, sizeof(*hooks));
	if (!hooks)
		return -ENOMEM;
	for (char **path = paths; path && *path; path++) {
		r = read_hook(root, *path, &hooks[n]);
		if (r < 0) {
			wb_hooks_free(hooks, n);
			return r;
		}
		n++;
	}
	*ret = hooks;
	*ret_n = n;
	return 0;
}

void wb_hooks_free(struct wb_hook *hooks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hook_done(&hooks[i]);
	free(hooks);
}
