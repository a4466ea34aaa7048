/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/holder.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/open-scan.h"
#include "facts/protected.h"
#include "facts/session.h"

/* One walk over /proc. */
struct scan {
	const struct wb_root *root;
	struct wb_open_scan open;
	struct wb_holders *holders;
	char ***units;
};

/* One process during it: who it is costs more than to see that it holds nothing. */
struct process {
	struct scan *scan;
	pid_t pid;
	bool known;
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

char *wb_inner_unit_of_cgroup(const char *path)
{
	const char *manager = strstr(path, "/user@"), *inner;

	inner = manager ? strchr(manager + 1, '/') : NULL;
	return inner ? wb_unit_of_cgroup(inner) : NULL;
}

/* "0::/path" in the unified hierarchy, "1:name=systemd:/path" in the older ones. */
static int read_units(struct scan *scan, pid_t pid, struct wb_holder *ret)
{
	_cleanup_free_ char *path = wb_format("proc/%d/cgroup", pid), *text = NULL;
	char *line, *rest;
	int r;

	if (!path)
		return -ENOMEM;
	r = wb_root_read(scan->root, path, &text, NULL);
	if (r < 0)
		return r;
	rest = text;
	while (!ret->unit && (line = strsep(&rest, "\n"))) {
		const char *group = wb_startswith(line, "0::");

		if (!group) {
			group = strstr(line, ":name=systemd:");
			group = group ? group + strlen(":name=systemd:") : NULL;
		}
		if (!group)
			continue;
		ret->unit = wb_unit_of_cgroup(group);
		ret->inner = wb_inner_unit_of_cgroup(group);
	}
	return 0;
}

static void process_done(struct process *p)
{
	free(p->template.comm);
	free(p->template.unit);
	free(p->template.inner);
}

static int read_comm(const struct wb_root *root, pid_t pid, struct wb_holder *ret)
{
	_cleanup_free_ char *folder = wb_format("proc/%d", pid);
	_cleanup_free_ char *path = wb_format("proc/%d/comm", pid);
	struct stat st;
	int r = folder && path ? wb_root_stat(root, folder, &st) : -ENOMEM;

	if (r >= 0)
		r = wb_root_read_line(root, path, &ret->comm);
	if (r < 0)
		return r;
	/* Anybody may call a process anything. */
	wb_make_printable(ret->comm);
	ret->uid = st.st_uid;
	return 0;
}

static int learn(struct process *p)
{
	int r = 0;

	if (p->known)
		return 0;
	p->template.pid = p->pid;
	if (!p->template.unit)
		r = read_units(p->scan, p->pid, &p->template);
	if (r >= 0)
		r = read_comm(p->scan->root, p->pid, &p->template);
	p->known = r >= 0;
	return r;
}

static char *copy(const char *s, int *r)
{
	char *copied = s ? strdup(s) : NULL;

	if (s && !copied)
		*r = -ENOMEM;
	return copied;
}

static int add_holder(const struct wb_node *node, const char *path, void *userdata)
{
	struct process *p = userdata;
	struct wb_holders *list = p->scan->holders;
	struct wb_holder h, *grown;
	int r = learn(p);

	for (size_t i = p->first; i < list->n; i++)
		if (wb_node_matches(&list->items[i].node, node))
			return 0;
	if (r < 0)
		return r;
	grown = reallocarray(list->items, list->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->items = grown;
	h = p->template;
	h.node = *node;
	h.comm = copy(p->template.comm, &r);
	h.unit = copy(p->template.unit, &r);
	h.inner = copy(p->template.inner, &r);
	h.path = copy(path, &r);
	if (h.path)
		wb_make_printable(h.path);
	grown[list->n++] = h;
	return r;
}

static int add_stuck(struct process *p)
{
	int r = learn(p);

	return r < 0 ? r
		     : wb_strv_appendf(&p->scan->holders->stuck, "%s (pid %d)",
				       p->template.comm, p->pid);
}

static int scan_process(struct scan *scan, pid_t pid)
{
	struct process p = { .scan = scan, .pid = pid, .first = scan->holders->n };
	int r = scan->units ? read_units(scan, pid, &p.template) : 0;

	if (r >= 0 && p.template.unit)
		r = wb_strv_add(scan->units, p.template.unit);
	if (r >= 0)
		r = wb_open_scan_process(&scan->open, pid, add_holder, &p);
	if (r == -EACCES || r == -EPERM)
		scan->holders->n_hidden++;
	if (r == -ETIMEDOUT)
		r = add_stuck(&p);
	process_done(&p);
	return r;
}

int wb_holders_read(const struct wb_root *root, const struct wb_node *nodes,
		    size_t n_nodes, struct wb_holders *ret, char ***ret_units)
{
	struct wb_holders holders = { 0 };
	struct scan scan = {
		.root = root,
		.open = { .root = root, .nodes = nodes, .n_nodes = n_nodes },
		.holders = &holders,
		.units = ret_units,
	};
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
	wb_open_scan_done(&scan.open);
	if (r < 0) {
		wb_holders_done(&holders);
		return r;
	}
	*ret = holders;
	return 0;
}

static int found_one(const struct wb_node *node, const char *path, void *userdata)
{
	(void)node;
	(void)path;
	*(bool *)userdata = true;
	return 0;
}

bool wb_holds(const struct wb_root *root, pid_t pid, const struct wb_node *node)
{
	struct wb_open_scan scan = { .root = root, .nodes = node, .n_nodes = 1 };
	bool found = false;

	(void)!wb_open_scan_process(&scan, pid, found_one, &found);
	wb_open_scan_done(&scan);
	return found;
}

void wb_holder_done(struct wb_holder *holder)
{
	free(holder->comm);
	free(holder->unit);
	free(holder->inner);
	free(holder->path);
	wb_strv_free(holder->sessions);
}

void wb_holders_done(struct wb_holders *holders)
{
	for (size_t i = 0; i < holders->n; i++)
		wb_holder_done(&holders->items[i]);
	free(holders->items);
	wb_strv_free(holders->stuck);
	*holders = (struct wb_holders){ 0 };
}

int wb_holders_find_sessions(const struct wb_root *root, struct wb_holders *holders)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < holders->n; i++) {
		struct wb_holder *h = &holders->items[i];

		if (h->unit && wb_unit_keeps_for_sessions(h->unit))
			r = wb_sessions_with(root, &h->node, 1, &h->sessions);
	}
	return r;
}

/* To whom it belongs: what will be ended for it. */
static char *describe_owner(const struct wb_holder *h)
{
	_cleanup_free_ char *list = NULL;

	if (!h->sessions)
		return strdup(h->unit ? h->unit : "no unit");
	list = wb_strv_join(h->sessions, " and ");
	return list ? wb_format("for session %s", list) : NULL;
}

char *wb_holder_to_string(const struct wb_holder *holder)
{
	_cleanup_free_ char *owner = describe_owner(holder);

	return owner ? wb_format("%s (pid %d, %s, %s)", holder->comm, holder->pid, owner,
				 holder->path)
		     : NULL;
}
