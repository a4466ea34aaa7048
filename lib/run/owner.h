/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Whom to end so that a process lets go of a device: the unit that it belongs to, its
 * session or container, and the process itself only where there is nothing better.
 */

#include "facts/facts.h"
#include "run/run.h"

enum wb_owner_kind {
	WB_OWNER_UNIT,
	WB_OWNER_USER_UNIT, /* of a user's own manager */
	WB_OWNER_SESSION,
	WB_OWNER_MACHINE,
	WB_OWNER_PROCESS,
	_WB_OWNER_KIND_MAX,
};

struct wb_owner {
	enum wb_owner_kind kind;
	/* A unit, with "user@UID.service/" before it where it is a user's; the scope of a
	 * session or a machine; the number of a process. */
	char *name;
	char *inner; /* the session, the machine, or the user's unit */
	uid_t uid;   /* of the user's manager */
	pid_t pid;
	struct wb_node node; /* that the process has open */
};

/* Those of a holder, the best first: the next one is for where the one before did not
 * help. Empty for those who are never ended. */
struct wb_owners {
	struct wb_owner *items;
	size_t n;
};

_must_check_ int wb_owners_find(struct wb_run *run, const struct wb_holder *holder,
				const struct wb_node *nodes, size_t n_nodes,
				struct wb_owners *ret);
void wb_owners_done(struct wb_owners *owners);
/* End it: 0 when that is done or on its way, or an error with a few words in @ret_why,
 * which are the caller's. A process gets @signal. */
_must_check_ int wb_owner_end(struct wb_run *run, const struct wb_owner *owner,
			      uint64_t timeout_usec, int signal, char **ret_why);
/* "ending session 3"; the caller's, NULL without memory. */
char *wb_owner_announcement(const struct wb_owner *owner);
/* Is it what whoever asked for this run came by? */
bool wb_owner_is_ours(const struct wb_run *run, const struct wb_owner *owner);
/* Start what @name was once more: a user's unit; -EINVAL for any other name. Where it
 * does not start it is added to @lost. */
_must_check_ int wb_owner_start_user_unit(struct wb_run *run, const char *name,
					  uint64_t timeout_usec, char ***lost);
