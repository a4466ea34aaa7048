/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/time-util.h"

const char *wb_startswith(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

bool wb_endswith(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

const char *wb_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *wb_make_printable(char *s)
{
	for (char *p = s; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return s;
}

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The size of the character at @p where it is good UTF-8 and fit to be shown; else 0. */
static size_t character_size(const unsigned char *p)
{
	if (*p < 0x80)
		return *p >= ' ' && *p != 0x7f;
	if (*p < 0xc2 || *p > 0xf4 || !is_continuation(p[1]))
		return 0;
	/* Control characters, forms that are too long, surrogates, and past the end. */
	if ((*p == 0xc2 && p[1] < 0xa0) || (*p == 0xe0 && p[1] < 0xa0) ||
	    (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
	    (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	if (*p < 0xe0)
		return 2;
	if (!is_continuation(p[2]))
		return 0;
	if (*p < 0xf0)
		return 3;
	return is_continuation(p[3]) ? 4 : 0;
}

char *wb_clean_text(char *s)
{
	for (char *p = s; *p;) {
		size_t n = character_size((const unsigned char *)p);

		if (n == 0)
			*p = *p == '\t' ? ' ' : '?';
		p += n ? n : 1;
	}
	return s;
}

int wb_find_name(const char *const *names, int n, const char *word)
{
	for (int i = 0; word && i < n; i++)
		if (names[i] && strcmp(names[i], word) == 0)
			return i;
	return -EINVAL;
}

char *wb_strip_end(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
	return s;
}

char *wb_module_name(char *s)
{
	for (char *p = s; *p; p++)
		if (*p == '-')
			*p = '_';
	return s;
}

int wb_parse_u64(const char *s, int base, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	/* strtoull takes signs, leading space and a base of its own. */
	if (!isxdigit((unsigned char)*s) || (*s == '0' && (s[1] == 'x' || s[1] == 'X')))
		return -EINVAL;
	errno = 0;
	value = strtoull(s, &end, base);
	if (errno != 0 || *end != '\0')
		return -EINVAL;
	*ret = value;
	return 0;
}

int wb_parse_timespan(const char *s, uint64_t *ret_usec)
{
	static const struct {
		const char *suffix;
		uint64_t usec;
	} units[] = {
		{ "ms", USEC_PER_MSEC },
		{ "min", 60 * USEC_PER_SEC },
		{ "s", USEC_PER_SEC },
		{ "", USEC_PER_SEC },
	};
	size_t digits = strspn(s, "0123456789");
	_cleanup_free_ char *number = strndup(s, digits);
	uint64_t value;

	if (!number || digits == 0 || digits > 9 || wb_parse_u64(number, 10, &value) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(s + digits, units[i].suffix) == 0) {
			*ret_usec = value * units[i].usec;
			return 0;
		}
	return -EINVAL;
}

char *wb_format(const char *format, ...)
{
	char *s = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&s, format, ap);
	va_end(ap);
	return r < 0 ? NULL : s;
}

int wb_set_format(char **s, const char *format, ...)
{
	char *fresh = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&fresh, format, ap);
	va_end(ap);
	if (r < 0)
		return -ENOMEM;
	free(*s);
	*s = fresh;
	return 0;
}

/* The characters that no shell looks at twice. */
static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_-./:=@%+,", *s))
			return false;
	return true;
}

char *wb_shell_quote(const char *s)
{
	char *quoted, *p;

	if (*s && is_plain(s))
		return strdup(s);
	/* Each ' becomes '\'' : four bytes for one. */
	quoted = malloc(4 * strlen(s) + 3);
	if (!quoted)
		return NULL;
	p = quoted;
	*p++ = '\'';
	for (; *s; s++) {
		if (*s == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = *s;
	}
	strcpy(p, "'");
	return quoted;
}
