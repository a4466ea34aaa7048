/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which of some device nodes a process has open or mapped. A machine may have hundreds of
 * thousands of open files, and nearly all of them are of no interest: a look at one costs
 * a single system call, and a file that many processes map is looked at once.
 */

#include "sys/asker.h"
#include "sys/node.h"

struct wb_open_scan {
	const struct wb_root *root;
	const struct wb_node *nodes;
	size_t n_nodes;
	/* Kept from one process to the next; begin as 0. */
	struct wb_asker asker;
	void *seen;
	char *line, *buffer;
	size_t line_size;
};

/* Called for each; @path is the node as the process knows it. An error ends the scan. */
typedef int (*wb_open_found)(const struct wb_node *node, const char *path,
			     void *userdata);

/* One process. 0, or the error with which its open files could not be listed; what it
 * has mapped is looked at in the same way, but only where that is allowed. -ETIMEDOUT
 * where the kernel did not say what that is: a process that hangs in the middle of a
 * change to its memory keeps everybody waiting who asks about it. */
_must_check_ int wb_open_scan_process(struct wb_open_scan *scan, pid_t pid,
				      wb_open_found found, void *userdata);
void wb_open_scan_done(struct wb_open_scan *scan);
