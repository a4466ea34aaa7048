/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Console drivers of the virtual terminals: Documentation/driver-api/console.rst. */

#include "facts/facts.h"

_must_check_ int wb_consoles_read(const struct wb_root *root, struct wb_console **ret,
				  size_t *ret_n);
/* Was the kernel @release built so that they stay where they are? By its configuration,
 * where that is found; else false, as distributions build it. 0 or -ENOMEM. */
_must_check_ int wb_console_binding_read(const struct wb_root *root, const char *release,
					 bool *ret_fixed);
void wb_consoles_free(struct wb_console *consoles, size_t n);
/* Does it draw into a frame buffer, and so into what a display driver owns? */
bool wb_console_is_framebuffer(const struct wb_console *console);
/* Is it the one that was there from the start, and cannot leave? */
bool wb_console_is_system(const struct wb_console *console);
