/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/ini.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

/* inih is compiled for 200 bytes a line, which is little for a kernel's command line.
 * Debian's lets a program ask for more; a library without the variable keeps its own. */
#define LINE_SIZE 4096
extern int ini_max_line __attribute__((weak));

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct walk {
	const char *at;
	const char *end;
	unsigned int number;
	bool open; /* the library has not yet understood the line it was given */
	wb_ini_fn fn;
	void *data;
	int r;
};

static void tell(struct walk *w, const char *problem)
{
	struct wb_ini_line line = { .number = w->number, .problem = problem };

	if (w->r == 0)
		w->r = w->fn(w->data, &line);
}

static bool has_control(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
			return true;
	return false;
}

static const char *find_problem(const char *line, size_t n, size_t space)
{
	/* A newline and a NUL come behind it. */
	if (n + 2 > space)
		return "is too long";
	return has_control(line, n) ? "has a control character in it" : NULL;
}

/* The next line without white space around it: to the library, an indented line would
 * be more of the value before it. */
static const char *take_line(struct walk *w, size_t *ret_n)
{
	const char *line = w->at;
	const char *end = memchr(line, '\n', (size_t)(w->end - line));

	end = end ? end : w->end;
	w->at = end < w->end ? end + 1 : end;
	w->number++;
	while (line < end && isspace((unsigned char)*line))
		line++;
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*ret_n = (size_t)(end - line);
	return line;
}

static bool is_section(const char *line)
{
	return *line == '[' && line[strcspn(line, "];")] == ']';
}

/* The library's fgets(). What it would pass over in silence does not reach it. */
static char *read_line(char *buffer, int size, void *stream)
{
	struct walk *w = stream;

	if (w->open)
		tell(w, "is neither a [Section] nor a Key=value");
	w->open = false;
	while (w->r == 0 && w->at < w->end) {
		size_t n;
		const char *line = take_line(w, &n), *problem;

		if (n == 0 || *line == '#' || *line == ';')
			continue;
		problem = find_problem(line, n, (size_t)size);
		if (problem) {
			tell(w, problem);
			continue;
		}
		memcpy(buffer, line, n);
		strcpy(buffer + n, "\n");
		w->open = !is_section(buffer);
		return buffer;
	}
	return NULL;
}

static int take_value(void *user, const char *section, const char *key, const char *value)
{
	struct walk *w = user;
	struct wb_ini_line line = { w->number, section, key, value, NULL };

	w->open = false;
	if (w->r == 0)
		w->r = w->fn(w->data, &line);
	return 1;
}

int wb_ini_parse(const char *text, size_t size, wb_ini_fn fn, void *data)
{
	struct walk w = { .at = text, .end = text + size, .fn = fn, .data = data };

	if (size >= strlen(BYTE_ORDER_MARK) &&
	    memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		w.at += strlen(BYTE_ORDER_MARK);
	if (&ini_max_line)
		ini_max_line = LINE_SIZE;
	if (ini_parse_stream(read_line, &w, take_value, &w) == -2)
		return -ENOMEM;
	return w.r;
}
