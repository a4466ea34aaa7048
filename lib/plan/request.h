/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* --initrd of a kernel that mounts its root by itself. */
#define WB_INITRD_NONE "none"

/* What the operator asked for. The strings belong to whoever filled it. */
struct wb_request {
	const char *id;            /* of this run, a UUID: warmboot.id= */
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
	bool force;
};
