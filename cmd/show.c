/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <errno.h>
#include <libsmartcols.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"

int wb_show_end(int r)
{
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = errno > 0 ? -errno : -EIO;
	if (r >= 0)
		return WB_EXIT_DONE;
	wb_error("cannot print: %s", strerror(-r));
	return WB_EXIT_FAILED;
}

int wb_show_json(struct json_object *o)
{
	_cleanup_free_ char *text = o ? wb_json_to_text(o) : NULL;

	json_object_put(o);
	if (!text)
		return wb_show_end(-ENOMEM);
	fputs(text, stdout);
	return wb_show_end(0);
}

/* Longer than any name: a text that may be broken into lines. */
#define SENTENCE_MIN 40

static bool is_sentence(const char *text)
{
	return strlen(text) >= SENTENCE_MIN && strchr(text, ' ');
}

static char *join_array(struct json_object *array)
{
	_cleanup_strv_ char **words = NULL;
	const char *separator = " ";

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *item = json_object_array_get_idx(array, i);

		if (wb_strv_append(&words, json_object_get_string(item)) < 0)
			return NULL;
		if (strchr(json_object_get_string(item), ' '))
			separator = ", ";
	}
	return words ? wb_strv_join(words, separator) : strdup("-");
}

/* "running,default" for the flags in "running|default|bad" that are true; the caller's.
 */
static char *join_flags(struct json_object *row, const char *keys)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_free_ char *copy = strdup(keys);
	char *rest = copy, *key;

	while ((key = strsep(&rest, "|"))) {
		struct json_object *value = NULL;

		if (json_object_object_get_ex(row, key, &value) &&
		    json_object_get_boolean(value) && wb_strv_append(&words, key) < 0)
			return NULL;
	}
	return words ? wb_strv_join(words, ",") : strdup("-");
}

/* The caller's. */
static char *cell(struct json_object *row, const char *key)
{
	struct json_object *value = NULL;

	if (strchr(key, '|'))
		return join_flags(row, key);
	json_object_object_get_ex(row, key, &value);
	switch (json_object_get_type(value)) {
	case json_type_array:
		return join_array(value);
	case json_type_boolean:
		return strdup(json_object_get_boolean(value) ? "yes" : "-");
	case json_type_null:
		return strdup("-");
	default:
		return strdup(json_object_get_string(value));
	}
}

/* Lines that the caller has broken stay as they are. */
static void keep_lines(struct libscols_column *column)
{
	scols_column_set_flags(column, SCOLS_FL_WRAP);
	(void)scols_column_set_safechars(column, "\n");
	(void)scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
					scols_wrapnl_nextchunk, NULL);
}

static int add_row(struct libscols_table *table, struct json_object *row,
		   const struct wb_column *columns, size_t n)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		char *text = cell(row, columns[i].key);

		if (text && strchr(text, '\n'))
			keep_lines(scols_table_get_column(table, i));
		else if (text && is_sentence(text))
			scols_column_set_flags(scols_table_get_column(table, i),
					       SCOLS_FL_WRAP);
		/* The table owns the text from here on. */
		if (!text || scols_line_refer_data(line, i, text) < 0) {
			free(text);
			return -ENOMEM;
		}
	}
	return 0;
}

static int fill(struct libscols_table *table, struct json_object *array,
		const struct wb_column *columns, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n; i++)
		if (!scols_table_new_column(table, columns[i].title, 0,
					    i + 1 == n ? SCOLS_FL_WRAP : 0))
			return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
		r = add_row(table, json_object_array_get_idx(array, i), columns, n);
	return r;
}

static int show_table(struct json_object *array, const struct wb_column *columns,
		      size_t n)
{
	struct libscols_table *table;
	int r;

	if (!array)
		return wb_show_end(-ENOMEM);
	scols_init_debug(0);
	table = scols_new_table();
	r = table ? fill(table, array, columns, n) : -ENOMEM;
	if (r >= 0)
		r = scols_print_table(table);
	scols_unref_table(table);
	json_object_put(array);
	return wb_show_end(r);
}

int wb_show_list(const struct wb_cli *cli, struct json_object *array,
		 const struct wb_column *columns, size_t n)
{
	return cli->json ? wb_show_json(array) : show_table(array, columns, n);
}
