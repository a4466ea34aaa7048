/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The readers behind ready.c: each fills its part. 0 or -ENOMEM. */

#include "facts/ready/ready.h"

/* trust.c */
_must_check_ int wb_ready_trust(const struct wb_root *root, struct wb_ready *ready);
/* memory.c: limits of loading, memory for it, and the errors of memory. */
_must_check_ int wb_ready_memory(const struct wb_root *root, struct wb_ready *ready);
/* login.c: logind's inhibitors and sessions. */
_must_check_ int wb_ready_login(const struct wb_root *root, struct wb_ready *ready);
/* process.c: guests and containers, and pacman. */
_must_check_ int wb_ready_processes(const struct wb_root *root, struct wb_ready *ready);
/* lock.c: package managers at work. */
_must_check_ int wb_ready_locks(const struct wb_root *root, struct wb_ready *ready);
/* firmware.c: what waits for the firmware. */
_must_check_ int wb_ready_firmware(const struct wb_root *root, struct wb_ready *ready);
/* disk.c: network file systems, arrays, and volumes that the TPM unlocks. */
_must_check_ int wb_ready_disks(const struct wb_root *root, struct wb_ready *ready);
/* hypervisor.c */
_must_check_ int wb_ready_hypervisor(const struct wb_root *root, struct wb_ready *ready);
/* past.c: how this boot came about. */
_must_check_ int wb_ready_past(const struct wb_root *root, struct wb_ready *ready);

/* Of a line "KEY=VALUE" in @text: a copy of the value, the caller's; NULL in @ret where
 * there is none, or it is empty. */
_must_check_ int wb_ready_value(const char *text, const char *key, char **ret);
/* A number in a file of its own; false where there is none. */
bool wb_ready_number(const struct wb_root *root, const char *path, uint64_t *ret);
