/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The files that a program of a step finds as /proc/self/fd/3 and so on. */

#include "plan/plan.h"
#include "sys/root.h"

/*
 * Put the pieces of @input together in memory. A file descriptor for reading, the
 * caller's; or negative errno, and then @ret_why, a sentence of the caller's, says which
 * piece it was (NULL without memory).
 */
_must_check_ int wb_input_open(const struct wb_root *root, const struct wb_input *input,
			       char **ret_why);
