/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>

#include "base/text.h"

static void to_stderr(int level, const char *message, void *userdata);

static struct {
	int max_level;
	wb_log_sink sink;
	void *userdata;
} target = { LOG_INFO, to_stderr, NULL };

static void to_stderr(int level, const char *message, void *userdata)
{
	(void)userdata;
	fprintf(stderr, "%s%s\n", level <= LOG_ERR ? "warmboot: " : "", message);
}

void wb_log_setup(int max_level, wb_log_sink sink, void *userdata)
{
	target.max_level = max_level;
	target.sink = sink ? sink : to_stderr;
	target.userdata = userdata;
}

void wb_log(int level, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list ap;
	int r;

	if (level > target.max_level)
		return;
	va_start(ap, format);
	r = vasprintf(&message, format, ap);
	va_end(ap);
	/* Names of units and processes are whatever users make them. */
	target.sink(level, r < 0 ? "out of memory" : wb_clean_text(message),
		    target.userdata);
}
