/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * libkmod: taking modules out and bringing them back. What is loaded is read from
 * /proc/modules by facts/module.c, since libkmod cannot be pointed at another root.
 */

#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/*
 * One try at delete_module(2) in a child. 0, -EAGAIN (in use), -EBUSY (being loaded,
 * being removed, or permanent), -ENOENT (not loaded), -EPERM, or -ETIMEDOUT when its
 * exit function has not come back: the module is then lost until the next boot, and
 * @ret_stuck the process that hangs in it.
 */
_must_check_ int wb_mod_remove(const char *name, uint64_t timeout_usec, pid_t *ret_stuck);
/* modprobe: the module with what it depends on, by the rules of modprobe.d. @options,
 * "name=value ...", are its own and count more than those there; NULL: none. */
_must_check_ int wb_mod_insert(const char *name, const char *options,
			       uint64_t timeout_usec);
