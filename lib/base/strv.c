/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

size_t wb_strv_length(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

/* Takes ownership of @s, also on failure, so that callers have one line. */
static int strv_consume(char ***v, char *s)
{
	size_t n = wb_strv_length(*v);
	char **grown;

	if (!s)
		return -ENOMEM;
	grown = reallocarray(*v, n + 2, sizeof(char *));
	if (!grown) {
		free(s);
		return -ENOMEM;
	}
	grown[n] = s;
	grown[n + 1] = NULL;
	*v = grown;
	return 0;
}

int wb_strv_append(char ***v, const char *s)
{
	return strv_consume(v, strdup(s));
}

int wb_strv_appendf(char ***v, const char *format, ...)
{
	char *s = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&s, format, ap);
	va_end(ap);
	return r < 0 ? -ENOMEM : strv_consume(v, s);
}

int wb_strv_add(char ***v, const char *s)
{
	return wb_strv_contains(*v, s) ? 0 : wb_strv_append(v, s);
}

static int split(char ***v, const char *text, const char *separators)
{
	int r;

	text += strspn(text, separators);
	while (*text) {
		size_t n = strcspn(text, separators);

		r = strv_consume(v, strndup(text, n));
		if (r < 0)
			return r;
		text += n;
		text += strspn(text, separators);
	}
	return 0;
}

int wb_strv_split(char ***v, const char *text)
{
	return split(v, text, " \t\n,");
}

int wb_strv_split_words(char ***v, const char *text)
{
	return split(v, text, " \t\n");
}

int wb_strv_copy(char ***ret, char *const *v)
{
	_cleanup_strv_ char **copy = NULL;
	int r;

	for (; v && *v; v++) {
		r = wb_strv_append(&copy, *v);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(copy);
	return 0;
}

bool wb_strv_contains(char *const *v, const char *s)
{
	for (; v && *v; v++)
		if (strcmp(*v, s) == 0)
			return true;
	return false;
}

char *wb_strv_join(char *const *v, const char *separator)
{
	size_t size = 1;
	char *text, *p;

	for (size_t i = 0; v && v[i]; i++)
		size += strlen(v[i]) + strlen(separator);
	text = malloc(size);
	if (!text)
		return NULL;
	p = text;
	*p = '\0';
	for (size_t i = 0; v && v[i]; i++) {
		if (i > 0)
			p = stpcpy(p, separator);
		p = stpcpy(p, v[i]);
	}
	return text;
}

char *wb_strv_join_some(char *const *v)
{
	_cleanup_strv_ char **some = NULL;
	size_t n = wb_strv_length(v);

	for (size_t i = 0; i < n && i < WB_STRV_SOME; i++)
		if (wb_strv_append(&some, v[i]) < 0)
			return NULL;
	if (n > WB_STRV_SOME && wb_strv_appendf(&some, "%zu more", n - WB_STRV_SOME) < 0)
		return NULL;
	return wb_strv_join(some, ", ");
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void wb_strv_sort(char **v)
{
	if (v)
		qsort(v, wb_strv_length(v), sizeof(char *), compare);
}

void wb_strv_free(char **v)
{
	for (size_t i = 0; v && v[i]; i++)
		free(v[i]);
	free(v);
}
