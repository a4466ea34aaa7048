/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A pager between standard output and the terminal that it is. */

#include <sys/types.h>

#include "base/macro.h"

/*
 * Start less(1), or the words of WARMBOOT_PAGER or PAGER ("" and "cat": none), and write
 * to it from here on: 1 and its process in @ret, 0 where there is none to be had, or a
 * negative errno.
 */
_must_check_ int wb_pager_start(pid_t *ret);
/* All has been written: wait until the reader has seen it. */
void wb_pager_end(pid_t pager);
