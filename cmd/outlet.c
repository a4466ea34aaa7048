/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outlet.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "sys/console.h"
#include "sys/interrupt.h"
#include "sys/journal.h"
#include "sys/spawn.h"

#define ON_CONSOLE "/console"
#define NOBODY     "nobody"

char *wb_outlet_caller(const struct wb_root *root)
{
	/* A file or a pipe is not somebody who reads it now. */
	if (!isatty(STDERR_FILENO))
		return strdup(NOBODY);
	return wb_format("%d%s", getpid(), wb_console_is_ours(root) ? ON_CONSOLE : "");
}

void wb_outlet_begin(const struct wb_root *root, char *id, const char *caller,
		     struct wb_outlet *ret)
{
	_cleanup_free_ char *word = caller ? strdup(caller) : NULL;
	char *slash = word ? strchr(word, '/') : NULL;
	uint64_t pid;

	*ret = (struct wb_outlet){ .root = root, .id = id, .caller = -1 };
	if (slash)
		*slash = '\0';
	ret->on_console = slash != NULL;
	if (word && wb_parse_u64(word, 10, &pid) >= 0 && pid > 0 && pid <= INT32_MAX)
		ret->caller = wb_pidfd_open((pid_t)pid);
}

/* A pidfd becomes readable when its process ends. */
static bool is_followed(const struct wb_outlet *o)
{
	return o->caller >= 0 && wb_wait_undisturbed(o->caller, 0) == 0;
}

/* Once it hung, it is left alone. */
static void say_there(struct wb_outlet *o, const char *text)
{
	if (!o->hangs)
		o->hangs = wb_console_say(o->root, text) == -ETIMEDOUT;
}

void wb_outlet_say(const struct wb_message *message, void *userdata)
{
	struct wb_outlet *o = userdata;

	wb_journal_sink(message, o->id);
	if (message->level <= LOG_INFO && !is_followed(o))
		say_there(o, message->text);
}

void wb_outlet_end(struct wb_outlet *o, enum wb_event event, int exit_status,
		   const char *text)
{
	wb_journal_end(o->id, event, exit_status, text);
	if (!o->on_console || !is_followed(o))
		say_there(o, text);
	if (o->caller >= 0)
		close(TAKE_FD(o->caller));
}
