/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/grub/grubenv.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

/* grub-core/lib/envblk.c: a backslash protects the next character, a newline too. */
static int copy_value(const char *value, char **ret)
{
	char *copy = malloc(strlen(value) + 1), *p = copy;

	if (!copy)
		return -ENOMEM;
	while (*value && *value != '\n') {
		if (*value == '\\' && value[1])
			value++;
		*p++ = *value++;
	}
	*p = '\0';
	*ret = copy;
	return 0;
}

/* Past the end of a line whose newline is not protected; NULL at the end. */
static const char *next_line(const char *line)
{
	for (; *line && *line != '\n'; line++)
		if (*line == '\\' && line[1])
			line++;
	return *line ? line + 1 : NULL;
}

int wb_grubenv_get(const char *text, const char *name, char **ret)
{
	*ret = NULL;
	for (const char *line = text; line; line = next_line(line)) {
		const char *value = wb_startswith(line, name);

		if (*line != '#' && value && *value == '=')
			return copy_value(value + 1, ret);
	}
	return 0;
}
