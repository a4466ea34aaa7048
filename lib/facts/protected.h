/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Units that are not for us to stop, whatever they hold. */

#include <stdbool.h>

/* What keeps the machine and this run going, and the way by which its operator came. */
bool wb_unit_is_protected(const char *unit);
/* logind, or PID 1, with whom logind leaves descriptors: they hold devices for sessions,
 * which can be ended. */
bool wb_unit_keeps_for_sessions(const char *unit);
