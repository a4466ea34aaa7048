/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "sys/root.h"

/* Does the file system that is mounted at @path answer? A server that is gone lets
 * whoever asks wait for ever, so a child asks: 0, or -ETIMEDOUT. An error is an answer.
 */
_must_check_ int wb_root_answers(const struct wb_root *root, const char *path,
				 uint64_t timeout_usec);
