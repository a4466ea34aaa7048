/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/layout.h"

#include <string.h>
#include <wchar.h>

/* The next character: its bytes, and the columns that it takes. What is no text in this
 * locale is one of each. */
static size_t next(const char *text, unsigned int *columns)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n = mbrtowc(&c, text, strlen(text), &state);
	int width = n == 0 || n > MB_CUR_MAX ? 1 : wcwidth(c);

	*columns = width < 0 ? 1 : (unsigned int)width;
	return n == 0 || n > MB_CUR_MAX ? 1 : n;
}

size_t wb_layout_fit(const char *text, unsigned int width, unsigned int *ret_columns)
{
	unsigned int sum = 0, columns;
	size_t at = 0, n;

	for (; text[at]; at += n) {
		n = next(text + at, &columns);
		if (sum + columns > width)
			break;
		sum += columns;
	}
	*ret_columns = sum;
	return at;
}

/* Columns of the first @bytes. */
static unsigned int measure(const char *text, size_t bytes)
{
	unsigned int sum = 0, columns;

	for (const char *p = text; p < text + bytes && *p;
	     p += next(p, &columns), sum += columns)
		;
	return sum;
}

/* The widest of the parts that any of @separators divides. */
static unsigned int longest_of(const char *text, const char *separators)
{
	unsigned int longest = 0;

	while (*text) {
		size_t n = strcspn(text, separators);
		unsigned int columns = measure(text, n);

		if (columns > longest)
			longest = columns;
		text += n + (text[n] ? 1 : 0);
	}
	return longest;
}

unsigned int wb_layout_width(const char *text)
{
	return longest_of(text, "\n");
}

unsigned int wb_layout_word(const char *text)
{
	return longest_of(text, " \n");
}

static size_t widest(const unsigned int *widths, const unsigned int *least, size_t n)
{
	size_t found = n;

	for (size_t i = 0; i < n; i++)
		if (widths[i] > least[i] && (found == n || widths[i] > widths[found]))
			found = i;
	return found;
}

void wb_layout_shrink(unsigned int *widths, const unsigned int *least, size_t n,
		      unsigned int total)
{
	static const unsigned int none[64] = { 0 };
	unsigned int sum = n > 0 ? (unsigned int)n - 1 : 0;
	const unsigned int *limit = least;

	for (size_t i = 0; i < n; i++)
		sum += widths[i];
	while (sum > total) {
		size_t i = widest(widths, limit, n);

		if (i < n && widths[i] > 1) {
			widths[i]--;
			sum--;
		} else if (limit == least && n <= ARRAY_SIZE(none)) {
			/* Words are broken then. */
			limit = none;
		} else {
			return;
		}
	}
}

/* How many bytes go into a line of @width; @skip is the space behind it. */
static size_t line_bytes(const char *text, unsigned int width, size_t *skip)
{
	size_t at = 0, space = 0;
	unsigned int sum = 0, columns;

	*skip = 0;
	while (text[at] && text[at] != '\n') {
		size_t n = next(text + at, &columns);

		if (text[at] == ' ')
			space = at;
		if (sum + columns > width && at > 0)
			break;
		sum += columns;
		at += n;
	}
	if (!text[at] || (space == 0 && text[at] != ' ' && text[at] != '\n'))
		return at;
	*skip = 1;
	return text[at] == ' ' || text[at] == '\n' ? at : space;
}

char *wb_layout_break(const char *text, unsigned int width)
{
	/* A newline behind each character is the worst. */
	char *lines = malloc(2 * strlen(text) + 1), *end = lines;

	if (!lines || width == 0)
		return lines ? strcpy(lines, text) : NULL;
	while (*text) {
		size_t skip, n = line_bytes(text, width, &skip);

		end = mempcpy(end, text, n);
		text += n + skip;
		if (*text)
			*end++ = '\n';
	}
	*end = '\0';
	return lines;
}

char *wb_layout_indent(const char *text, unsigned int indent, unsigned int columns)
{
	_cleanup_free_ char *lines = NULL;
	size_t size = 1;
	char *ret, *end;

	/* Where next to nothing is left, nothing is won. */
	lines = columns > 2 * indent ? wb_layout_break(text, columns - indent)
				     : strdup(text);
	for (const char *p = lines; p && *p; p++)
		size += *p == '\n' ? 1 + indent : 1;
	ret = end = lines ? malloc(size) : NULL;
	for (const char *p = lines; end && *p; p++) {
		*end++ = *p;
		if (*p == '\n')
			end = (char *)memset(end, ' ', indent) + indent;
	}
	if (end)
		*end = '\0';
	return ret;
}
