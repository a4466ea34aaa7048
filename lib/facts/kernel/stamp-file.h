/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Is a file still the one that was looked at? */

#include "facts/facts.h"

/* Append the stamp of the file at @path; one that is there already, or that cannot be
 * looked at, is left out. 0 or -ENOMEM. */
_must_check_ int wb_stamps_look(const struct wb_root *root, const char *path,
				struct wb_stamp **items, size_t *n);
/* 0: it is; 1: it is not; or negative errno. */
_must_check_ int wb_stamp_compare(const struct wb_root *root,
				  const struct wb_stamp *stamp);
