/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "facts/config.h"

/* --initrd of a kernel that mounts its root by itself. */
#define WB_INITRD_NONE "none"

/* What the operator asked for. The strings belong to whoever filled it. */
struct wb_request {
	const char *id;            /* of this run, a UUID: warmboot.id= */
	const char *session;       /* of logind that they came by over the network */
	const char *kernel;        /* path or version; NULL: the running one */
	const char *kernel_origin; /* the setting it is from; NULL: --kernel */
	const char *initrd;        /* NULL: the one that belongs to the kernel; "none" */
	const char *dtb;           /* device tree; NULL: the running one's */
	const char *dtb_origin;    /* the setting it is from; NULL: --dtb */
	char **append;
	char **remove;
	const char *target; /* NULL: multi-user.target */
	bool no_isolate;
	char **unload;
	char **keep;
	char **ignore; /* blockers to be taken away: "xen", "drivers:mpt3sas" */
	bool force;
	bool kill; /* SIGKILL for processes without a unit that hold a device */
	uint64_t isolate_timeout_usec; /* 0: what the planner thinks right */
	uint64_t unit_timeout_usec;
	uint64_t module_timeout_usec;
	/* systemd stops the machine already, for an image that somebody else loaded: the
	 * drivers alone are left. */
	bool quiesce_only;
	bool no_reboot, reboot; /* --fallback=none, --fallback=reboot; neither: open */
	/* What was filled in from it; its edits of the command line come before those
	 * above. NULL: none was read. */
	const struct wb_config *config;
};

/*
 * Fill in what the operator left open; lists are joined. The strings of @config are used
 * as they are, so it has to live as long; the lists are grown, as the caller's. 0 or
 * -ENOMEM.
 */
_must_check_ int wb_request_use_config(struct wb_request *request,
				       const struct wb_config *config);
