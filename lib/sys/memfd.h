/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A file without a name, in memory: nobody else can reach it, and it goes with the last
 * process that has it open. memfd_create(2).
 */

#include <stdint.h>

#include "base/macro.h"

/* A file descriptor, close-on-exec, for writing; or negative errno. */
_must_check_ int wb_memfd_new(void);
/* Append zeros: at least @least, up to the next multiple of @align bytes. */
_must_check_ int wb_memfd_pad(int fd, uint64_t least, uint64_t align);
/* From here on it cannot be changed: @fd is exchanged for one for reading. The kernel
 * refuses to load an image that is open for writing (ETXTBSY). */
_must_check_ int wb_memfd_finish(int *fd);
