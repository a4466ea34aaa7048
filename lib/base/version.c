/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))

/* ctype.h depends on the locale, versions do not. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_foreign(const char *p)
{
	while (*p && !is_digit(*p) && !is_alpha(*p) && !strchr("~-^.", *p))
		p++;
	return p;
}

static size_t count(const char *p, bool (*is)(char))
{
	size_t n = 0;

	while (is(p[n]))
		n++;
	return n;
}

/* Numbers of any length. One may be empty, and is then the older one. */
static int compare_numbers(const char **a, const char **b)
{
	size_t n = count(*a, is_digit), m = count(*b, is_digit);
	const char *x = *a, *y = *b;
	int r;

	*a += n;
	*b += m;
	if (n == 0 || m == 0)
		return CMP(n, m);
	for (; n > 1 && *x == '0'; n--)
		x++;
	for (; m > 1 && *y == '0'; m--)
		y++;
	r = CMP(n, m);
	return r ? r : memcmp(x, y, n);
}

static int compare_letters(const char **a, const char **b)
{
	size_t n = count(*a, is_alpha), m = count(*b, is_alpha);
	int r = memcmp(*a, *b, n < m ? n : m);

	*a += n;
	*b += m;
	return r ? r : CMP(n, m);
}

/* One that begins with @c is older; where both do, step over it. */
static int compare_separators(const char **a, const char **b, char c)
{
	int r = CMP(**a != c, **b != c);

	if (r == 0 && **a == c) {
		(*a)++;
		(*b)++;
	}
	return r;
}

static int compare_segments(const char **a, const char **b)
{
	int r = 0;

	for (const char *c = "-^."; r == 0 && *c; c++)
		r = compare_separators(a, b, *c);
	if (r != 0)
		return r;
	if (is_digit(**a) || is_digit(**b))
		return compare_numbers(a, b);
	return compare_letters(a, b);
}

/* https://uapi-group.org/specifications/specs/version_format_specification/ */
int wb_version_compare(const char *a, const char *b)
{
	for (;;) {
		int r;

		a = skip_foreign(a);
		b = skip_foreign(b);
		/* Before the end of the text: "1~rc1" is older than "1". */
		r = compare_separators(&a, &b, '~');
		if (r != 0)
			return r;
		if (*a == '\0' || *b == '\0')
			return CMP(*a != '\0', *b != '\0');
		r = compare_segments(&a, &b);
		if (r != 0)
			return r;
	}
}
