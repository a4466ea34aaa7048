/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who has a device open or mapped, found by device number in /proc/PID/fd and
 * /proc/PID/map_files: containers have a /dev of their own. A process belongs to the
 * unit that its control group names.
 */

#include "facts/facts.h"

/* All processes that hold one of @nodes, one entry for each process and node. With
 * @ret_units also the units that have any process; NULL where that is not wanted. */
_must_check_ int wb_holders_read(const struct wb_root *root, const struct wb_node *nodes,
				 size_t n_nodes, struct wb_holders *ret,
				 char ***ret_units);
/* Fill in for whom those hold them who do so for sessions. */
_must_check_ int wb_holders_find_sessions(const struct wb_root *root,
					  struct wb_holders *holders);
/* Does process @pid hold @node now? */
bool wb_holds(const struct wb_root *root, pid_t pid, const struct wb_node *node);
void wb_holder_done(struct wb_holder *holder);
void wb_holders_done(struct wb_holders *holders);
/* The system unit in a line of /proc/PID/cgroup's path, or NULL: the first part that is
 * no slice. A string of the caller's. */
char *wb_unit_of_cgroup(const char *path);
/* The unit of a user's own manager in it, or NULL. A string of the caller's. */
char *wb_inner_unit_of_cgroup(const char *path);
/* "Xorg (pid 812, lightdm.service, /dev/dri/card0)", "systemd-logind (pid 9, for session
 * 3, /dev/dri/card0)"; the caller's, NULL without memory. */
char *wb_holder_to_string(const struct wb_holder *holder);
