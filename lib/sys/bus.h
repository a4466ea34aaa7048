/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* sd-bus: systemd's manager, org.freedesktop.systemd1. Each call has a connection of its
 * own, so that none outlives a bus that was restarted in between. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/* The service that a run is. */
#define WB_BUS_SERVICE "warmboot.service"

enum wb_unit_verb {
	WB_UNIT_START,
	WB_UNIT_STOP,
	WB_UNIT_ISOLATE,
	_WB_UNIT_VERB_MAX,
};

/*
 * Queue a job and wait until it is over. 0 when its result is "done" (or there was
 * nothing to stop); -EINTR, -ETIMEDOUT (the job was cancelled), or another error with a
 * few words in @ret_why, owned by the caller.
 */
_must_check_ int wb_bus_unit_job(enum wb_unit_verb verb, const char *unit,
				 uint64_t timeout_usec, char **ret_why);
/* The same of the manager of a user. -EHOSTDOWN where it cannot be reached. */
_must_check_ int wb_bus_user_unit_job(uid_t uid, enum wb_unit_verb verb, const char *unit,
				      uint64_t timeout_usec, char **ret_why);
/* org.freedesktop.login1: send all of a session's processes away. Returns at once. */
_must_check_ int wb_bus_end_session(const char *id, char **ret_why);
/* logind's inhibitors, one call of @found for each; an error of it ends the list. @why
 * and @who are of users' making. */
struct wb_bus_inhibitor {
	const char *what; /* "shutdown:sleep" */
	const char *who;
	const char *why;
	const char *mode; /* "block" */
	uint32_t pid;
};
_must_check_ int wb_bus_inhibitors(int (*found)(const struct wb_bus_inhibitor *inhibitor,
						void *userdata),
				   void *userdata);
/* org.freedesktop.machine1: the same of a container or a guest. */
_must_check_ int wb_bus_end_machine(const char *name, char **ret_why);
/* The login session over the network that this process is in, sd_pid_get_session(3); the
 * caller's. -ENODATA where it is in none, or in one at the machine itself. */
_must_check_ int wb_bus_own_remote_session(char **ret);
/* Queue kexec.target or the like irreversibly; do not wait for it. */
_must_check_ int wb_bus_enqueue(const char *unit, char **ret_why);
/* The number of the job that @unit waits for, no other one's in this boot; -ENOENT where
 * it has none. */
_must_check_ int wb_bus_pending_job(const char *unit, uint32_t *ret);
/* Names of the units on which systemd works at this moment, ours excepted; NULL for none.
 * Caller's. */
_must_check_ int wb_bus_working_units(char ***ret);
/* Names of all units that are active. Caller's. */
_must_check_ int wb_bus_active_units(char ***ret);
/* The isolatable target that stands above all other active ones. Caller's. */
_must_check_ int wb_bus_current_target(char **ret);

/* A service made for one run of @argv. */
struct wb_transient {
	const char *unit;
	const char *description;
	char *const *argv;
	uint64_t stop_timeout_usec;
};
/* Start it and wait until it executes; errors as wb_bus_unit_job(). */
_must_check_ int wb_bus_start_transient(const struct wb_transient *what, char **ret_why);
/* Send a signal to the main process of a unit. */
_must_check_ int wb_bus_kill_main(const char *unit, int signal);
/* Is the unit active, or being started or stopped? */
_must_check_ int wb_bus_is_active(const char *unit, bool *ret);

/* A timestamp of the manager in microseconds ("FinishTimestampMonotonic"), 0 = not yet.
 */
_must_check_ int wb_bus_manager_stamp(const char *property, uint64_t *ret);
/* Wait until the boot has finished; -ETIMEDOUT, -EINTR. */
_must_check_ int wb_bus_wait_boot_finished(uint64_t timeout_usec);
