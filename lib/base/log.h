/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the program says. Where it goes is chosen once, in cmd: a terminal or the journal.
 */

#include <syslog.h>

#include "base/event.h"
#include "base/macro.h"

struct wb_message {
	int level;        /* LOG_ERR ... LOG_DEBUG */
	const char *text; /* without a newline */
	enum wb_event event;
	char *const *fields; /* "WARMBOOT_STEP=4", for programs; NULL: none */
};

typedef void (*wb_log_sink)(const struct wb_message *message, void *userdata);

struct wb_log_target {
	int max_level;
	wb_log_sink sink;
	void *userdata;
};

/* Messages above @max_level (LOG_INFO, ...) are dropped; a NULL @sink is standard error.
 * What there was before, for whoever gives it back. */
struct wb_log_target wb_log_setup(int max_level, wb_log_sink sink, void *userdata);
void wb_log_restore(struct wb_log_target before);
/* Control characters in a message become '?': it may go to a terminal. */
void wb_log(int level, const char *format, ...) _printf_(2, 3);
/* The same as an event; @fields ends with NULL, and is none where it is NULL. */
void wb_log_event(int level, enum wb_event event, char *const *fields, const char *format,
		  ...) _printf_(4, 5);

#define wb_error(...)   wb_log(LOG_ERR, __VA_ARGS__)
#define wb_warning(...) wb_log(LOG_WARNING, __VA_ARGS__)
#define wb_info(...)    wb_log(LOG_INFO, __VA_ARGS__)
#define wb_debug(...)   wb_log(LOG_DEBUG, __VA_ARGS__)
