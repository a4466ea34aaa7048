/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/cmdline.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

bool wb_cmdline_next(const char **line, struct wb_word *ret)
{
	const char *p = *line;
	bool quoted = false;

	while (isspace((unsigned char)*p))
		p++;
	ret->text = p;
	for (; *p && (quoted || !isspace((unsigned char)*p)); p++)
		if (*p == '"')
			quoted = !quoted;
	ret->size = (size_t)(p - ret->text);
	*line = p;
	return ret->size > 0;
}

static bool same_char(char a, char b)
{
	return a == b || ((a == '-' || a == '_') && (b == '-' || b == '_'));
}

bool wb_word_has_key(const struct wb_word *word, const char *key)
{
	const char *text = word->text, *end = text + word->size;

	if (text < end && *text == '"')
		text++;
	for (; *key && text < end; key++, text++)
		if (!same_char(*text, *key))
			return false;
	return *key == '\0' && (text == end || *text == '=' || *text == '"');
}

static bool has_prefix(const struct wb_word *word, const char *prefix)
{
	size_t n = strlen(prefix), quote = word->size > 0 && *word->text == '"';

	return word->size >= n + quote && strncmp(word->text + quote, prefix, n) == 0;
}

static bool is_exactly(const struct wb_word *word, const char *text)
{
	return strlen(text) == word->size && strncmp(word->text, text, word->size) == 0;
}

static char *value_of(const struct wb_word *word)
{
	const char *end = word->text + word->size;
	const char *value = memchr(word->text, '=', word->size);
	char *copy, *p;

	if (!value)
		return strdup("");
	copy = malloc(word->size + 1);
	if (!copy)
		return NULL;
	p = copy;
	for (value++; value < end; value++)
		if (*value != '"')
			*p++ = *value;
	*p = '\0';
	return copy;
}

char *wb_cmdline_get(const char *line, const char *key)
{
	struct wb_word word, found = { 0 };

	while (wb_cmdline_next(&line, &word) && !is_exactly(&word, "--"))
		if (wb_word_has_key(&word, key))
			found = word;
	return found.text ? value_of(&found) : NULL;
}

static bool is_dropped(const struct wb_word *word, const struct wb_cmdline_edit *edit)
{
	if (wb_word_has_key(word, "BOOT_IMAGE") || wb_word_has_key(word, "initrd") ||
	    has_prefix(word, "warmboot."))
		return true;
	for (char *const *p = edit->remove; p && *p; p++)
		if (is_exactly(word, *p) || wb_word_has_key(word, *p))
			return true;
	return false;
}

static void put(FILE *f, const char *text, size_t size)
{
	if (ftell(f) > 0)
		fputc(' ', f);
	fwrite(text, 1, size, f);
}

static void put_id(FILE *f, const char **id)
{
	if (!*id)
		return;
	put(f, "warmboot.id=", strlen("warmboot.id="));
	fputs(*id, f);
	*id = NULL;
}

static void put_additions(FILE *f, const struct wb_cmdline_edit *edit)
{
	const char *append = edit->append ? edit->append : "", *id = edit->id;
	struct wb_word word;

	while (wb_cmdline_next(&append, &word)) {
		/* Our word is for the kernel, whatever else is added for init. */
		if (is_exactly(&word, "--"))
			put_id(f, &id);
		put(f, word.text, word.size);
	}
	put_id(f, &id);
}

char *wb_cmdline_build(const char *line, const struct wb_cmdline_edit *edit)
{
	bool added = false;
	struct wb_word word;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	while (wb_cmdline_next(&line, &word)) {
		/* What follows "--" is for init and not for the kernel. */
		if (!added && is_exactly(&word, "--")) {
			put_additions(f, edit);
			added = true;
		}
		if (added || !is_dropped(&word, edit))
			put(f, word.text, word.size);
	}
	if (!added)
		put_additions(f, edit);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static bool has_word(const char *line, const struct wb_word *word)
{
	struct wb_word other;

	while (wb_cmdline_next(&line, &other))
		if (other.size == word->size &&
		    strncmp(other.text, word->text, word->size) == 0)
			return true;
	return false;
}

/* The words of @line that @other has not, each after @sign. */
static void put_missing(FILE *f, const char *line, const char *other, char sign)
{
	const struct wb_cmdline_edit none = { 0 };
	struct wb_word word;

	while (wb_cmdline_next(&line, &word))
		if (!is_dropped(&word, &none) && !has_word(other, &word))
			fprintf(f, "%s%c%.*s", ftell(f) > 0 ? " " : "", sign,
				(int)word.size, word.text);
}

char *wb_cmdline_diff(const char *before, const char *now)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	put_missing(f, before, now, '-');
	put_missing(f, now, before, '+');
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static bool has_word_beside(const char *line, const struct wb_word *word, bool init)
{
	struct wb_word other;
	bool behind = false;

	while (wb_cmdline_next(&line, &other))
		if (!behind && is_exactly(&other, "--"))
			behind = true;
		else if (behind == init && other.size == word->size &&
			 strncmp(other.text, word->text, word->size) == 0)
			return true;
	return false;
}

char *wb_cmdline_missing(const char *line, const char *words)
{
	bool init = false, parted = false;
	struct wb_word word;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	while (wb_cmdline_next(&words, &word)) {
		if (!init && is_exactly(&word, "--")) {
			init = true;
			continue;
		}
		if (has_word_beside(line, &word, init))
			continue;
		if (init && !parted)
			put(f, "--", 2);
		parted = init;
		put(f, word.text, word.size);
	}
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
