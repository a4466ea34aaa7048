/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Console drivers of the virtual terminals: Documentation/driver-api/console.rst. */

#include "facts/facts.h"

_must_check_ int wb_consoles_read(const struct wb_root *root, struct wb_console **ret,
				  size_t *ret_n);
void wb_consoles_free(struct wb_console *consoles, size_t n);
/* Does it draw into a frame buffer, and so into what a display driver owns? */
bool wb_console_is_framebuffer(const struct wb_console *console);
