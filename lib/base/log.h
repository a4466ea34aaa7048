/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the program says. Where it goes is chosen once, in cmd: a terminal or the journal.
 */

#include <syslog.h>

#include "base/macro.h"

/* Takes one message without a newline; @level is LOG_ERR ... LOG_DEBUG. */
typedef void (*wb_log_sink)(int level, const char *message, void *userdata);

/* Messages above @max_level (LOG_INFO, ...) are dropped; a NULL @sink is standard error.
 */
void wb_log_setup(int max_level, wb_log_sink sink, void *userdata);
/* Control characters in a message become '?': it may go to a terminal. */
void wb_log(int level, const char *format, ...) _printf_(2, 3);

#define wb_error(...)   wb_log(LOG_ERR, __VA_ARGS__)
#define wb_warning(...) wb_log(LOG_WARNING, __VA_ARGS__)
#define wb_info(...)    wb_log(LOG_INFO, __VA_ARGS__)
#define wb_debug(...)   wb_log(LOG_DEBUG, __VA_ARGS__)
