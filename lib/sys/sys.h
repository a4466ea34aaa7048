/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The machine as the steps see it: the root, and the few acts that have no path to
 * redirect. Tests put a recording fake in place of wb_sys_live; the program has none.
 */

#include "sys/bus.h"
#include "sys/root.h"
#include "sys/spawn.h"

struct wb_sys;

struct wb_sys_ops {
	int (*spawn)(struct wb_sys *sys, const struct wb_spawn *what,
		     struct wb_spawn_result *ret);
	/* sys/mod.h */
	int (*module_remove)(struct wb_sys *sys, const char *name, uint64_t timeout_usec,
			     pid_t *ret_stuck);
	int (*module_insert)(struct wb_sys *sys, const char *name, const char *options,
			     uint64_t timeout_usec);
	/* Write to an attribute behind which a driver may take for ever: -ETIMEDOUT, and
	 * then @ret_stuck is the process that hangs there, where one does. */
	int (*write)(struct wb_sys *sys, const char *path, const char *text,
		     uint64_t timeout_usec, pid_t *ret_stuck);
	int (*unit_job)(struct wb_sys *sys, enum wb_unit_verb verb, const char *unit,
			uint64_t timeout_usec, char **ret_why);
	/* A unit of the manager of user @uid. */
	int (*user_unit_job)(struct wb_sys *sys, uid_t uid, enum wb_unit_verb verb,
			     const char *unit, uint64_t timeout_usec, char **ret_why);
	/* logind's session, and machined's machine; both return at once. */
	int (*session_end)(struct wb_sys *sys, const char *id, char **ret_why);
	int (*machine_end)(struct wb_sys *sys, const char *name, char **ret_why);
	/* A pidfd, the caller's; and a signal for who is behind it. */
	int (*process_open)(struct wb_sys *sys, pid_t pid);
	int (*process_signal)(struct wb_sys *sys, int pidfd, int signal);
	int (*enqueue)(struct wb_sys *sys, const char *unit, char **ret_why);
	int (*pending_job)(struct wb_sys *sys, const char *unit, uint32_t *ret);
	int (*active_units)(struct wb_sys *sys, char ***ret);
	int (*current_target)(struct wb_sys *sys, char **ret);
	/* All file systems to disk; returns when they are, or -ETIMEDOUT. */
	int (*sync)(struct wb_sys *sys, uint64_t timeout_usec);
	/* reboot(2) into the loaded image, at once. Returns only with an error. */
	int (*kexec_now)(struct wb_sys *sys);
	/* sys/kexec.h */
	int (*kexec_unload)(struct wb_sys *sys);
	int (*force_restart)(struct wb_sys *sys, uint64_t delay_usec);
	/* Let time pass between two tries; -EINTR when a signal came. */
	int (*pause)(struct wb_sys *sys, uint64_t usec);
};

struct wb_sys {
	struct wb_root root;
	const struct wb_sys_ops *ops;
	void *userdata; /* of the fake; the real one needs none */
};

extern const struct wb_sys_ops wb_sys_live;
