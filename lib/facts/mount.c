/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/mount.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

/* The fields before the optional ones, which end at "-". */
enum { DEVICE = 2, FOLDER, PATH, N_FIELDS = 6 };

static void mount_done(struct wb_mount *mount)
{
	free(mount->source);
	free(mount->path);
	free(mount->folder);
	free(mount->type);
	*mount = (struct wb_mount){ 0 };
}

static bool is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' &&
	       p[2] <= '7';
}

char *wb_mount_unescape(char *s)
{
	char *to = s;

	for (const char *p = s; *p;) {
		if (*p == '\\' && is_octal(p + 1)) {
			*to++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 |
				       (p[3] - '0'));
			p += 4;
		} else {
			*to++ = *p++;
		}
	}
	*to = '\0';
	return s;
}

/* Cut @line into its first fields; the type and the source stand behind " - ". */
static bool split(char *line, char *fields[N_FIELDS], char **ret_type, char **ret_source)
{
	char *rest = strstr(line, " - ");

	if (!rest)
		return false;
	*rest = '\0';
	rest += strlen(" - ");
	for (size_t i = 0; i < N_FIELDS; i++) {
		fields[i] = strsep(&line, " ");
		if (!fields[i])
			return false;
	}
	*ret_type = strsep(&rest, " ");
	*ret_source = rest ? strsep(&rest, " ") : NULL;
	return *ret_source && *fields[PATH] == '/';
}

/*
 * btrfs gives each file system a number of its own: then the source says which it is. Of
 * others it is nobody's word: who mounts with FUSE writes there what he likes.
 */
static struct wb_node find_node(const struct wb_root *root, const char *device,
				const char *type, const char *source)
{
	struct wb_node node = { .block = true }, of_source;

	if (sscanf(device, "%u:%u", &node.major, &node.minor) != 2)
		return (struct wb_node){ .block = true };
	if (node.major == 0 && strcmp(type, "btrfs") == 0 && *source == '/' &&
	    wb_root_node(root, source, &of_source) >= 0 && of_source.block)
		return of_source;
	return node;
}

const struct wb_mount *wb_mounts_at(const struct wb_mounts *mounts, const char *path)
{
	/* The last one covers those before it. */
	for (size_t i = mounts->n; i > 0; i--)
		if (strcmp(mounts->items[i - 1].path, path) == 0)
			return &mounts->items[i - 1];
	return NULL;
}

/* Takes ownership of @mount. */
static int put(struct wb_mounts *mounts, struct wb_mount *mount)
{
	struct wb_mount *grown = mounts->items;

	/* There is room up to the next power of two. */
	if ((mounts->n & (mounts->n - 1)) == 0)
		grown = reallocarray(mounts->items, mounts->n ? 2 * mounts->n : 1,
				     sizeof(*grown));
	if (!grown) {
		mount_done(mount);
		return -ENOMEM;
	}
	mounts->items = grown;
	grown[mounts->n++] = *mount;
	return 0;
}

static int read_line(const struct wb_root *root, char *line, struct wb_mounts *mounts)
{
	char *fields[N_FIELDS], *type, *source;
	struct wb_mount mount;

	if (!split(line, fields, &type, &source))
		return 0;
	wb_mount_unescape(source);
	mount = (struct wb_mount){
		.node = find_node(root, fields[DEVICE], type, source),
		.source = strdup(source),
		.path = strdup(wb_mount_unescape(fields[PATH])),
		.folder = strdup(wb_mount_unescape(fields[FOLDER])),
		.type = strdup(type),
	};
	if (!mount.source || !mount.path || !mount.folder || !mount.type) {
		mount_done(&mount);
		return -ENOMEM;
	}
	return put(mounts, &mount);
}

int wb_mounts_read(const struct wb_root *root, struct wb_mounts *ret)
{
	_cleanup_free_ char *text = NULL;
	struct wb_mounts mounts = { 0 };
	char *rest, *line;
	int r = wb_root_read(root, "proc/self/mountinfo", &text, NULL);

	*ret = mounts;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n")))
		r = read_line(root, line, &mounts);
	if (r < 0) {
		wb_mounts_done(&mounts);
		return r;
	}
	*ret = mounts;
	return 0;
}

void wb_mounts_done(struct wb_mounts *mounts)
{
	for (size_t i = 0; i < mounts->n; i++)
		mount_done(&mounts->items[i]);
	free(mounts->items);
	*mounts = (struct wb_mounts){ 0 };
}

const struct wb_mount *wb_mounts_holding(const struct wb_mounts *mounts, const char *path)
{
	const struct wb_mount *best = NULL;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct wb_mount *m = &mounts->items[i];
		const char *rest = wb_startswith(path, m->path);

		/* Of the root's path the slash is part. */
		if (rest && (*rest == '/' || *rest == '\0' || m->path[1] == '\0') &&
		    (!best || strlen(m->path) >= strlen(best->path)))
			best = m;
	}
	return best;
}

const char *wb_mounts_find(const struct wb_mounts *mounts, const struct wb_node *node)
{
	for (size_t i = 0; i < mounts->n; i++) {
		const struct wb_mount *m = &mounts->items[i];

		if (strcmp(m->folder, "/") == 0 && m->node.major != 0 &&
		    wb_node_matches(node, &m->node) && wb_mounts_at(mounts, m->path) == m)
			return m->path;
	}
	return NULL;
}
