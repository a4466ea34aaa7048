/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/holder.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* One walk over /proc. */
struct scan {
	const struct wb_root *root;
	const struct wb_node *nodes;
	size_t n_nodes;
	struct wb_holders *holders;
	char ***units;
};

/* One process during it. */
struct process {
	struct wb_holder template;
	size_t first; /* its entries in the list begin here */
};

/* Units that have processes. Other managers make groups of other names. */
static bool is_unit(const char *name)
{
	static const char *const suffixes[] = {
		".service", ".scope", ".socket", ".mount", ".swap",
	};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (wb_endswith(name, suffixes[i]))
			return strlen(name) > strlen(suffixes[i]);
	return false;
}

char *wb_unit_of_cgroup(const char *path)
{
	while (*path == '/') {
		size_t n = strcspn(++path, "/");
		_cleanup_free_ char *part = strndup(path, n);

		path += n;
		if (!part || n == 0)
			return NULL;
		if (wb_endswith(part, ".slice"))
			continue;
		/* systemd puts "_" before names that would clash with the kernel's. */
		memmove(part, part + (*part == '_'), strlen(part) + (*part != '_'));
		return is_unit(part) ? TAKE_PTR(part) : NULL;
	}
	return NULL;
}

/* "0::/path" in the unified hierarchy, "1:name=systemd:/path" in the older ones. */
static int read_unit(const struct wb_root *root, pid_t pid, char **ret)
{
	_cleanup_free_ char *path = wb_format("proc/%d/cgroup", pid), *text = NULL;
	char *line, *rest;
	int r;

	if (!path)
		return -ENOMEM;
	r = wb_root_read(root, path, &text, NULL);
	if (r < 0)
		return r;
	rest = text;
	while (!*ret && (line = strsep(&rest, "\n"))) {
		const char *group = wb_startswith(line, "0::");

		if (!group) {
			group = strstr(line, ":name=systemd:");
			group = group ? group + strlen(":name=systemd:") : NULL;
		}
		if (group)
			*ret = wb_unit_of_cgroup(group);
	}
	return 0;
}

static int add_holder(struct scan *scan, const struct process *p,
		      const struct wb_node *node, const char *path)
{
	struct wb_holders *list = scan->holders;
	const struct wb_holder *from = &p->template;
	struct wb_holder h = *from, *grown;

	for (size_t i = p->first; i < list->n; i++)
		if (wb_node_matches(&list->items[i].node, node))
			return 0;
	grown = reallocarray(list->items, list->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->items = grown;
	h.node = *node;
	h.comm = strdup(from->comm);
	h.unit = from->unit ? strdup(from->unit) : NULL;
	h.path = strdup(path);
	if (h.path)
		wb_make_printable(h.path);
	grown[list->n++] = h;
	return h.comm && h.path && (h.unit || !from->unit) ? 0 : -ENOMEM;
}

static bool is_wanted(const struct scan *scan, const struct wb_node *node)
{
	for (size_t i = 0; i < scan->n_nodes; i++)
		if (wb_node_matches(&scan->nodes[i], node))
			return true;
	return false;
}

/* Links of /proc/PID/fd and map_files lead to the open files themselves. */
static int scan_links(struct scan *scan, const struct process *p, const char *folder)
{
	_cleanup_free_ char *base = wb_format("proc/%d/%s", p->template.pid, folder);
	_cleanup_strv_ char **names = NULL;
	int r = base ? wb_root_list(scan->root, base, &names) : -ENOMEM;

	for (char **name = names; r >= 0 && name && *name; name++) {
		_cleanup_free_ char *link = wb_format("%s/%s", base, *name);
		_cleanup_free_ char *path = NULL;
		struct wb_node node;

		if (!link)
			return -ENOMEM;
		if (wb_root_node(scan->root, link, &node) < 0 || !is_wanted(scan, &node))
			continue;
		r = wb_root_readlink(scan->root, link, &path);
		if (r >= 0)
			r = add_holder(scan, p, &node, path);
	}
	return r;
}

static int read_process(struct scan *scan, pid_t pid, struct process *ret)
{
	_cleanup_free_ char *folder = wb_format("proc/%d", pid);
	_cleanup_free_ char *comm_path = wb_format("proc/%d/comm", pid);
	struct process p = { .template.pid = pid, .first = scan->holders->n };
	struct stat st;
	int r = folder && comm_path ? 0 : -ENOMEM;

	if (r >= 0)
		r = wb_root_stat(scan->root, folder, &st);
	if (r >= 0)
		r = wb_root_read_line(scan->root, comm_path, &p.template.comm);
	/* Anybody may call a process anything. */
	if (r >= 0)
		wb_make_printable(p.template.comm);
	if (r >= 0)
		r = read_unit(scan->root, pid, &p.template.unit);
	if (r < 0) {
		free(p.template.comm);
		return r;
	}
	p.template.uid = st.st_uid;
	*ret = p;
	return 0;
}

static int scan_process(struct scan *scan, pid_t pid)
{
	struct process p;
	int r = read_process(scan, pid, &p), maps;

	if (r < 0)
		return r;
	if (scan->units && p.template.unit)
		r = wb_strv_add(scan->units, p.template.unit);
	if (r >= 0)
		r = scan_links(scan, &p, "fd");
	if (r == -EACCES || r == -EPERM)
		scan->holders->n_hidden++;
	/* A mapping keeps the device open after its descriptor was closed. */
	maps = r < 0 ? r : scan_links(scan, &p, "map_files");
	free(p.template.comm);
	free(p.template.unit);
	return r == -ENOMEM || maps == -ENOMEM ? -ENOMEM : 0;
}

int wb_holders_read(const struct wb_root *root, const struct wb_node *nodes,
		    size_t n_nodes, struct wb_holders *ret, char ***ret_units)
{
	struct wb_holders holders = { 0 };
	struct scan scan = { root, nodes, n_nodes, &holders, ret_units };
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "proc", &names);

	if (r == -ENOENT)
		r = 0;
	for (char **name = names; r >= 0 && name && *name; name++) {
		uint64_t pid;

		if (wb_parse_u64(*name, 10, &pid) < 0)
			continue;
		r = scan_process(&scan, (pid_t)pid);
		/* It has ended meanwhile. */
		if (r < 0 && r != -ENOMEM)
			r = 0;
	}
	if (r < 0) {
		wb_holders_done(&holders);
		return r;
	}
	*ret = holders;
	return 0;
}

void wb_holders_done(struct wb_holders *holders)
{
	for (size_t i = 0; i < holders->n; i++) {
		free(holders->items[i].comm);
		free(holders->items[i].unit);
		free(holders->items[i].path);
	}
	free(holders->items);
	*holders = (struct wb_holders){ 0 };
}

char *wb_holder_to_string(const struct wb_holder *holder)
{
	return wb_format("%s (pid %d, %s, %s)", holder->comm, holder->pid,
			 holder->unit ? holder->unit : "no unit", holder->path);
}
