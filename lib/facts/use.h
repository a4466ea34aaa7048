/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What hangs on a device, in words. No I/O here. */

#include "facts/facts.h"

/* "/srv is mounted from it (srv.mount)", "eth0 is up"; the caller's, NULL without memory.
 */
char *wb_use_to_string(const struct wb_use *use);
