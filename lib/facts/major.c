/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/major.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* "Character devices:", then "238 onload" on each line; the same of block devices. */
int wb_majors_read(const struct wb_root *root,
		   int (*found)(const struct wb_node *major, const char *name,
				void *userdata),
		   void *userdata)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	bool block = false;
	int r = wb_root_read(root, "proc/devices", &text, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = text;
	while (r >= 0 && (line = strsep(&rest, "\n"))) {
		struct wb_node node = { .any_minor = true };
		char name[64];

		block = block || wb_startswith(line, "Block devices:");
		node.block = block;
		if (sscanf(line, "%u %63s", &node.major, name) == 2)
			r = found(&node, name, userdata);
	}
	return r;
}
