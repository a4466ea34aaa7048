/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Configuration files, "[Section]" and "Key=value", through inih. */

#include <stddef.h>

#include "base/macro.h"

/* A line that says something. The strings are valid as long as the call lasts. */
struct wb_ini_line {
	unsigned int number; /* in the file, from 1 */
	const char *section; /* "" before the first */
	const char *key;     /* NULL: see problem */
	const char *value;   /* without white space around it; "" where it is empty */
	const char *problem; /* what is wrong with the line: "is too long" */
};

/* What a line is to be done with. Anything but 0 ends the walk. */
typedef int (*wb_ini_fn)(void *data, const struct wb_ini_line *line);

/*
 * Call @fn for each assignment, and for each line that is none. Comments begin with '#'
 * or ';' at the beginning of a line, or with ';' behind white space. Any bytes may stand
 * in @text. 0, what @fn returned, or -ENOMEM.
 */
_must_check_ int wb_ini_parse(const char *text, size_t size, wb_ini_fn fn, void *data);
