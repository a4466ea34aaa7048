/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "sys/spawn.h"

#define ACTIVE "sys/class/tty/console/active"

#define TIMEOUT_USEC (2 * USEC_PER_SEC)

struct words {
	const struct wb_root *root;
	const char *line;
};

static int write_line(const void *data)
{
	const struct words *w = data;
	_cleanup_close_ int fd = -1;

	/* A serial line that nobody reads from does not take everything. */
	fd = wb_root_openat(w->root, "dev/console",
			    O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fd;
	return write(fd, w->line, strlen(w->line)) < 0 ? -errno : 0;
}

/* A virtual terminal is written to under the lock of all consoles, O_NONBLOCK or not
 * (do_con_write() in drivers/tty/vt/vt.c), and a driver that hangs may hold that. */
int wb_console_say(const struct wb_root *root, const char *text)
{
	_cleanup_free_ char *line = wb_format("warmboot: %s\r\n", text);
	struct words words = { root, line };

	if (!line)
		return -ENOMEM;
	return wb_call_in_child(write_line, &words, TIMEOUT_USEC, /* ret_stuck= */ NULL);
}

/* "tty0" is whichever virtual terminal is shown. */
static bool is_console(const char *tty, const char *name)
{
	return strcmp(tty, name) == 0 ||
	       (strcmp(name, "tty0") == 0 && wb_startswith(tty, "tty") &&
		strspn(tty + strlen("tty"), "0123456789") == strlen(tty + strlen("tty")));
}

bool wb_console_is_ours(const struct wb_root *root)
{
	_cleanup_free_ char *active = NULL;
	const char *tty = isatty(STDERR_FILENO) ? ttyname(STDERR_FILENO) : NULL;
	char *rest, *name;

	if (!tty || wb_root_read_line(root, ACTIVE, &active) < 0)
		return false;
	tty = wb_basename(tty);
	rest = active;
	while ((name = strsep(&rest, " ")))
		if (strcmp(tty, "console") == 0 || is_console(tty, name))
			return true;
	return false;
}
