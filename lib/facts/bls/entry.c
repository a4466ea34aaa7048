/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/bls/entry.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"

/* --- text ------------------------------------------------------------------------- */

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
	wb_clean_text(value);
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
	free(entry->name);
	wb_strv_free(entry->initrd);
	*entry = (struct wb_bls_entry){ 0 };
}

/* --- names ------------------------------------------------------------------------ */

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

/* Cut the counter off, which stands at the end of @stem. */
static void take_counter(struct wb_bls_entry *entry, char *stem)
{
	char *plus = strrchr(stem, '+');
	int left, done;

	entry->tries_left = -1;
	entry->tries_done = 0;
	if (!plus || plus == stem || !parse_counter(plus + 1, &left, &done))
		return;
	entry->tries_left = left;
	entry->tries_done = done;
	*plus = '\0';
}

/* Set @name, and @ret_stem to the same without @suffix; false without memory. */
static bool set_names(struct wb_bls_entry *entry, const char *file, const char *suffix,
		      char **ret_stem)
{
	size_t n = strlen(file) - strlen(suffix);
	char *stem = strndup(file, n);

	if (!stem)
		return false;
	take_counter(entry, wb_clean_text(stem));
	free(entry->id);
	entry->id = NULL;
	free(entry->name);
	entry->name = wb_format("%s%s", stem, file + n);
	*ret_stem = stem;
	return entry->name;
}

bool wb_bls_entry_set_name(struct wb_bls_entry *entry, const char *file)
{
	_cleanup_free_ char *stem = NULL;

	if (!wb_endswith(file, ".conf") || strlen(file) == strlen(".conf"))
		return false;
	if (set_names(entry, file, ".conf", &stem))
		entry->id = TAKE_PTR(stem);
	return true;
}

/* FAT has no case of letters. What begins with "auto-" systemd-boot names itself. */
bool wb_bls_entry_set_image(struct wb_bls_entry *entry, const char *file)
{
	_cleanup_free_ char *stem = NULL;
	size_t n = strlen(file);

	if (n <= strlen(".efi") || *file == '.' || wb_startswith(file, "auto-") ||
	    fnmatch("*.efi", file, FNM_CASEFOLD) != 0)
		return false;
	if (set_names(entry, file, ".efi", &stem))
		entry->id = strdup(entry->name);
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
bool wb_bls_entry_matches(const struct wb_bls_entry *entry, const char *pattern)
{
	return fnmatch(pattern, entry->id, FNM_CASEFOLD) == 0 ||
	       (entry->profile == 0 && fnmatch(pattern, entry->name, FNM_CASEFOLD) == 0);
}
