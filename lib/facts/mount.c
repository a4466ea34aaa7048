/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/mount.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

static void mount_done(struct wb_mount *m)
{
	free(m->root);
	free(m->point);
	free(m->type);
	free(m->source);
}

/* White space and back slashes stand there as "\040". In place. */
static char *unescape(char *s)
{
	char *to = s;

	for (const char *p = s; *p; to++) {
		if (p[0] == '\\' && strspn(p + 1, "01234567") >= 3) {
			*to = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 |
				     (p[3] - '0'));
			p += 4;
		} else {
			*to = *p++;
		}
	}
	*to = '\0';
	return s;
}

static int copy_field(char *field, char **ret)
{
	*ret = strdup(unescape(field));
	return *ret ? 0 : -ENOMEM;
}

/* proc(5): "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw" */
static int parse_line(char *line, struct wb_mount *m)
{
	char *fields[5], *rest = strstr(line, " - "), *type, *source;
	_cleanup_free_ char *number = NULL;
	int r;

	if (!rest)
		return -EINVAL;
	*rest = '\0';
	rest += strlen(" - ");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!(fields[i] = strsep(&line, " ")))
			return -EINVAL;
	type = strsep(&rest, " ");
	source = strsep(&rest, " ");
	if (!source)
		return -EINVAL;
	number = wb_format("b %s", fields[2]);
	if (!number)
		return -ENOMEM;
	r = wb_node_from_string(number, &m->node);
	if (r >= 0)
		r = copy_field(fields[3], &m->root);
	if (r >= 0)
		r = copy_field(fields[4], &m->point);
	if (r >= 0)
		r = copy_field(type, &m->type);
	return r < 0 ? r : copy_field(source, &m->source);
}

static int add_line(char *line, struct wb_mount **mounts, size_t *n)
{
	struct wb_mount m = { 0 }, *grown;
	int r = parse_line(line, &m);

	grown = r < 0 ? NULL : reallocarray(*mounts, *n + 1, sizeof(*grown));
	if (!grown) {
		mount_done(&m);
		/* A line of another make says nothing. */
		return r == -EINVAL ? 0 : -ENOMEM;
	}
	grown[(*n)++] = m;
	*mounts = grown;
	return 0;
}

int wb_mounts_read(const struct wb_root *root, struct wb_mount **ret, size_t *ret_n)
{
	_cleanup_free_ char *text = NULL;
	struct wb_mount *mounts = NULL;
	char *line, *rest;
	size_t n = 0;
	int r = wb_root_read(root, "proc/self/mountinfo", &text, NULL);

	if (r < 0 && r != -ENOMEM)
		r = 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n")))
		r = add_line(line, &mounts, &n);
	if (r < 0) {
		wb_mounts_free(mounts, n);
		return r;
	}
	*ret = mounts;
	*ret_n = n;
	return 0;
}

void wb_mounts_free(struct wb_mount *mounts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mount_done(&mounts[i]);
	free(mounts);
}

const struct wb_mount *wb_mount_at(const struct wb_mount *mounts, size_t n,
				   const char *point)
{
	while (n-- > 0)
		if (strcmp(mounts[n].point, point) == 0)
			return &mounts[n];
	return NULL;
}
