/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* May a file be run as root: has nobody else written it, or could put another in its
 * place? */

#include "sys/root.h"

/* 0; what is wrong is a sentence in @ret_problem (the caller's), else NULL. */
_must_check_ int wb_trust_check(const struct wb_root *root, const char *path,
				char **ret_problem);
