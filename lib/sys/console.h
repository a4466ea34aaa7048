/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* /dev/console: who stands before the machine itself reads it. */

#include <stdbool.h>

#include "sys/root.h"

/* One line there, after "warmboot: ". 0 or negative errno; -ETIMEDOUT where it is not
 * taken within a moment: then nothing more should be said there. */
_must_check_ int wb_console_say(const struct wb_root *root, const char *text);
/* Is the terminal of this process, if it has one on its standard error, a console of the
 * kernel? */
bool wb_console_is_ours(const struct wb_root *root);
