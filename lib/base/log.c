/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>

#include "base/text.h"

static void to_stderr(const struct wb_message *message, void *userdata);

static struct wb_log_target target = { LOG_INFO, to_stderr, NULL };

static void to_stderr(const struct wb_message *message, void *userdata)
{
	(void)userdata;
	fprintf(stderr, "%s%s\n", message->level <= LOG_ERR ? "warmboot: " : "",
		message->text);
}

struct wb_log_target wb_log_setup(int max_level, wb_log_sink sink, void *userdata)
{
	struct wb_log_target before = target;

	target.max_level = max_level;
	target.sink = sink ? sink : to_stderr;
	target.userdata = userdata;
	return before;
}

void wb_log_restore(struct wb_log_target before)
{
	target = before;
}

static void say(struct wb_message message, const char *format, va_list ap) _printf_(2, 0);

static void say(struct wb_message message, const char *format, va_list ap)
{
	_cleanup_free_ char *text = NULL;

	if (message.level > target.max_level)
		return;
	/* Names of units and processes are whatever users make them. */
	message.text =
		vasprintf(&text, format, ap) < 0 ? "out of memory" : wb_clean_text(text);
	target.sink(&message, target.userdata);
}

void wb_log(int level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say((struct wb_message){ .level = level }, format, ap);
	va_end(ap);
}

void wb_log_event(int level, enum wb_event event, char *const *fields, const char *format,
		  ...)
{
	struct wb_message message = { .level = level, .event = event, .fields = fields };
	va_list ap;

	va_start(ap, format);
	say(message, format, ap);
	va_end(ap);
}
