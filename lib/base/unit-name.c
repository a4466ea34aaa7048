/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/unit-name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || c == ':' || c == '_' || c == '.';
}

/* One character: "/" is "-", and what means something, or cannot stand there, its number.
 */
static char *put(char *out, char c, bool first)
{
	if (c == '/')
		*out++ = '-';
	else if (is_plain(c) && !(first && c == '.'))
		*out++ = c;
	else
		out += sprintf(out, "\\x%02x", (unsigned char)c);
	return out;
}

/* Slashes at both ends, and doubled ones, say nothing; nor does "/./". */
static const char *skip(const char *path)
{
	for (;;) {
		path += strspn(path, "/");
		if (path[0] != '.' || (path[1] != '/' && path[1] != '\0'))
			return path;
		path++;
	}
}

char *wb_unit_name_of_path(const char *path, const char *suffix)
{
	char *name = malloc(4 * strlen(path) + strlen(suffix) + 2), *out = name;

	if (!name)
		return NULL;
	path = skip(path);
	if (*path == '\0')
		*out++ = '-';
	while (*path != '\0') {
		out = put(out, *path++, out == name);
		if (*path != '/')
			continue;
		path = skip(path);
		if (*path != '\0')
			*out++ = '-';
	}
	strcpy(out, suffix);
	return name;
}
