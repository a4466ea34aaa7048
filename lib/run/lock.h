/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/root.h"

/*
 * Take the one lock that whoever is at work holds until the process ends, and write
 * down @owner for the next one to read. A file descriptor to keep open; -EBUSY where
 * somebody has it.
 */
_must_check_ int wb_lock_take(const struct wb_root *root, const char *owner);
