/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/bls/entry.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* --- text ------------------------------------------------------------------------- */

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

/* It goes to terminals and into JSON. */
static void clean(char *s)
{
	for (char *p = s; *p;) {
		size_t n = character_size((const unsigned char *)p);

		if (n == 0)
			*p = *p == '\t' ? ' ' : '?';
		p += n ? n : 1;
	}
}

/* The line at *@text without white space around it, and step to the next. */
static char *take_line(const char **text)
{
	const char *line = *text + strspn(*text, " \t");
	size_t n = strcspn(line, "\n");
	char *copy = strndup(line, n);

	*text = line + n + (line[n] == '\n');
	return copy ? wb_strip_end(copy) : NULL;
}

/* As systemd-boot does, unless the quotes belong to words inside. */
static char *unquote(char *value)
{
	size_t n = strlen(value);

	if (n < 2 || value[0] != '"' || strchr(value + 1, '"') != value + n - 1)
		return value;
	value[n - 1] = '\0';
	return value + 1;
}

/* Cut @line into its key and value; NULL for a comment or a key alone. */
static char *split_line(char *line)
{
	char *value = line + strcspn(line, " \t");

	if (*line == '#' || *value == '\0')
		return NULL;
	*value++ = '\0';
	return unquote(value + strspn(value, " \t"));
}

/* --- entries ---------------------------------------------------------------------- */

/* More than any kernel takes. Without limits a huge file would take hours. */
#define OPTIONS_MAX 65536
#define INITRD_MAX  256

static int set(char **field, const char *value)
{
	return wb_set_format(field, "%s", value);
}

static int join(char **field, const char *value)
{
	if (!*field)
		return set(field, value);
	if (strlen(*field) > OPTIONS_MAX)
		return 0;
	return wb_set_format(field, "%s %s", *field, value);
}

static const struct key {
	const char *name;
	size_t offset;
	int (*put)(char **field, const char *value);
} keys[] = {
	{ "title", offsetof(struct wb_bls_entry, title), set },
	{ "version", offsetof(struct wb_bls_entry, version), set },
	{ "machine-id", offsetof(struct wb_bls_entry, machine_id), set },
	{ "sort-key", offsetof(struct wb_bls_entry, sort_key), set },
	{ "linux", offsetof(struct wb_bls_entry, linux), set },
	{ "efi", offsetof(struct wb_bls_entry, efi), set },
	{ "uki", offsetof(struct wb_bls_entry, efi), set },
	{ "options", offsetof(struct wb_bls_entry, options), join },
	{ "devicetree", offsetof(struct wb_bls_entry, devicetree), set },
	{ "architecture", offsetof(struct wb_bls_entry, architecture), set },
};

static int append_words(char ***v, char *value)
{
	char *word;
	int r = 0;

	/* Not wb_strv_split(): a comma is a character like others. */
	while (r >= 0 && (word = strsep(&value, " ")))
		if (*word && wb_strv_length(*v) < INITRD_MAX)
			r = wb_strv_append(v, word);
	return r;
}

static int put(struct wb_bls_entry *entry, const char *name, char *value)
{
	clean(value);
	if (strcmp(name, "initrd") == 0)
		return append_words(&entry->initrd, value);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].put((char **)((char *)entry + keys[i].offset),
					   value);
	return 0;
}

int wb_bls_entry_parse(struct wb_bls_entry *entry, const char *text)
{
	int r = 0;

	while (r >= 0 && *text) {
		_cleanup_free_ char *line = take_line(&text);
		char *value = line ? split_line(line) : NULL;

		if (!line)
			return -ENOMEM;
		if (value)
			r = put(entry, line, value);
	}
	return r;
}

void wb_bls_entry_done(struct wb_bls_entry *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char **field = (char **)((char *)entry + keys[i].offset);

		free(*field);
		*field = NULL;
	}
	free(entry->id);
	wb_strv_free(entry->initrd);
	*entry = (struct wb_bls_entry){ 0 };
}

/* --- names ------------------------------------------------------------------------ */

#define SUFFIX ".conf"

/* A number of nine digits at most, from *@p on. */
static bool take_number(const char **p, int *ret)
{
	int n = 0, digits = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++, digits++) {
		if (digits == 9)
			return false;
		n = 10 * n + (**p - '0');
	}
	*ret = n;
	return digits > 0;
}

/* "3" or "3-1", to the end. */
static bool parse_counter(const char *p, int *ret_left, int *ret_done)
{
	*ret_done = 0;
	if (!take_number(&p, ret_left))
		return false;
	if (*p == '-' && (p++, !take_number(&p, ret_done)))
		return false;
	return *p == '\0';
}

bool wb_bls_entry_set_name(struct wb_bls_entry *entry, const char *file)
{
	int left, done;
	char *plus;

	if (!wb_endswith(file, SUFFIX) || strlen(file) == strlen(SUFFIX))
		return false;
	entry->tries_left = -1;
	entry->tries_done = 0;
	free(entry->id);
	entry->id = strndup(file, strlen(file) - strlen(SUFFIX));
	if (!entry->id)
		return true;
	plus = strrchr(entry->id, '+');
	if (plus && plus != entry->id && parse_counter(plus + 1, &left, &done)) {
		entry->tries_left = left;
		entry->tries_done = done;
		*plus = '\0';
	}
	clean(entry->id);
	return true;
}

bool wb_bls_entry_is_bad(const struct wb_bls_entry *entry)
{
	return entry->tries_left == 0;
}

/* --- loader.conf ------------------------------------------------------------------ */

int wb_bls_loader_default(const char *text, char **ret)
{
	_cleanup_free_ char *found = NULL;
	int r = 0;

	while (r >= 0 && *text) {
		_cleanup_free_ char *line = take_line(&text);
		char *value = line ? split_line(line) : NULL;

		if (!line)
			return -ENOMEM;
		if (value && *value && strcmp(line, "default") == 0)
			r = set(&found, value);
	}
	*ret = r < 0 ? NULL : TAKE_PTR(found);
	return r;
}

/* loader.conf(5): the case of letters does not matter. */
bool wb_bls_matches(const char *pattern, const char *id)
{
	_cleanup_free_ char *file = wb_format("%s" SUFFIX, id);

	return fnmatch(pattern, id, FNM_CASEFOLD) == 0 ||
	       (file && fnmatch(pattern, file, FNM_CASEFOLD) == 0);
}
