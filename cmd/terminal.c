/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80

bool wb_terminal_is_live(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

bool wb_terminal_has_colour(int fd)
{
	const char *no = getenv("NO_COLOR");

	return wb_terminal_is_live(fd) && !(no && *no);
}

unsigned int wb_terminal_columns(int fd)
{
	struct winsize size = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col;
}
