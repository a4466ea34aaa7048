/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/node.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/text.h"

int wb_root_node(const struct wb_root *root, const char *path, struct wb_node *ret)
{
	_cleanup_free_ char *text = NULL;
	struct stat st;
	int r;

	r = wb_root_stat(root, path, &st);
	if (r < 0)
		return r;
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
		*ret = (struct wb_node){
			.block = S_ISBLK(st.st_mode),
			.major = major(st.st_rdev),
			.minor = minor(st.st_rdev),
		};
		return 0;
	}
	if (root->live || !S_ISREG(st.st_mode))
		return -ENODEV;
	r = wb_root_read_line(root, path, &text);
	if (r < 0)
		return r;
	return wb_node_from_string(text, ret) < 0 ? -ENODEV : 0;
}

bool wb_node_matches(const struct wb_node *pattern, const struct wb_node *node)
{
	return pattern->block == node->block && pattern->major == node->major &&
	       (pattern->any_minor || pattern->minor == node->minor);
}

char *wb_node_to_string(const struct wb_node *node)
{
	char kind = node->block ? 'b' : 'c';

	if (node->any_minor)
		return wb_format("%c %u:*", kind, node->major);
	return wb_format("%c %u:%u", kind, node->major, node->minor);
}

int wb_node_from_string(const char *text, struct wb_node *ret)
{
	struct wb_node node = { 0 };
	char kind, major[16], minor[16], end;
	uint64_t value;

	if (sscanf(text, "%c %15[0-9]:%15s%c", &kind, major, minor, &end) != 3)
		return -EINVAL;
	if (wb_parse_u64(major, 10, &value) < 0 || value > UINT32_MAX)
		return -EINVAL;
	node.major = (unsigned int)value;
	if (kind != 'b' && kind != 'c')
		return -EINVAL;
	node.block = kind == 'b';
	node.any_minor = strcmp(minor, "*") == 0;
	if (!node.any_minor) {
		if (wb_parse_u64(minor, 10, &value) < 0 || value > UINT32_MAX)
			return -EINVAL;
		node.minor = (unsigned int)value;
	}
	*ret = node;
	return 0;
}
