/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Device numbers. A folder cannot hold device nodes without privileges: in a root that is
 * not "/", a file that says "c 195:0" or "b 8:1" stands for the node.
 */

#include "sys/root.h"

/* A device number; @any_minor stands for a whole major. */
struct wb_node {
	bool block;
	bool any_minor;
	unsigned int major;
	unsigned int minor;
};

/* 0 or negative errno. */
/* The device number of the node that @path leads to; -ENODEV where it is none. */
_must_check_ int wb_root_node(const struct wb_root *root, const char *path,
			      struct wb_node *ret);

bool wb_node_matches(const struct wb_node *pattern, const struct wb_node *node);
/* "c 195:0", "b 8:*"; a string of the caller's, NULL without memory. */
char *wb_node_to_string(const struct wb_node *node);
_must_check_ int wb_node_from_string(const char *text, struct wb_node *ret);
