/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* logind's sessions, as it keeps them in /run/systemd/sessions; sd-login(3) reads the
 * same files, but below no other root. */

#include "facts/facts.h"

/*
 * The ids of the sessions for which logind has one of @nodes open: it opens the devices
 * of a seat for the session's display server, and keeps them. Where it does not say so of
 * any, those on the seats of the nodes. The caller's; NULL where there are none.
 */
_must_check_ int wb_sessions_with(const struct wb_root *root, const struct wb_node *nodes,
				  size_t n_nodes, char ***ret);
/* "3" of "session-3.scope"; the caller's, NULL for any other unit. */
char *wb_session_of_unit(const char *unit);
/* The name under which machined knows what runs in the scope @unit; -ENOENT where it
 * does not. The caller's. */
_must_check_ int wb_machine_of_unit(const struct wb_root *root, const char *unit,
				    char **ret);
