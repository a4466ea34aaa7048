/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tables by libsmartcols, from the same objects that --json prints. */

#include <errno.h>
#include <libsmartcols.h>
#include <string.h>

#include "base/layout.h"
#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "show.h"

/* More than any of our objects has keys. */
#define COLUMNS_MAX 64

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

/* A table of texts before it is laid out. */
struct cells {
	char **texts; /* line by line */
	size_t lines, n;
};

static void cells_done(struct cells *cells)
{
	for (size_t i = 0; cells->texts && i < cells->lines * cells->n; i++)
		free(cells->texts[i]);
	free(cells->texts);
}

static int read_cells(struct json_object *array, const struct wb_column *columns,
		      size_t n, struct cells *ret)
{
	size_t lines = json_object_array_length(array);

	ret->texts = calloc(lines * n + 1, sizeof(*ret->texts));
	if (!ret->texts)
		return -ENOMEM;
	ret->lines = lines;
	ret->n = n;
	for (size_t i = 0; i < lines * n; i++) {
		ret->texts[i] =
			cell(json_object_array_get_idx(array, i / n), columns[i % n].key);
		if (!ret->texts[i])
			return -ENOMEM;
	}
	return 0;
}

static void grow(unsigned int *width, unsigned int to)
{
	if (to > *width)
		*width = to;
}

/* Break the texts into lines where the table would be wider than the terminal. */
static int lay_out(struct cells *cells, const struct wb_column *columns,
		   unsigned int total)
{
	unsigned int widths[COLUMNS_MAX] = { 0 }, least[COLUMNS_MAX] = { 0 };
	size_t n = cells->n;

	for (size_t i = 0; i < n; i++)
		widths[i] = least[i] = wb_layout_width(columns[i].title);
	for (size_t i = 0; i < cells->lines * n; i++) {
		grow(&widths[i % n], wb_layout_width(cells->texts[i]));
		grow(&least[i % n], wb_layout_word(cells->texts[i]));
	}
	wb_layout_shrink(widths, least, n, total);
	for (size_t i = 0; i < cells->lines * n; i++) {
		char *lines = wb_layout_break(cells->texts[i], widths[i % n]);

		if (!lines)
			return -ENOMEM;
		free(cells->texts[i]);
		cells->texts[i] = lines;
	}
	return 0;
}

static int add_columns(struct libscols_table *table, const struct wb_column *columns,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct libscols_column *column =
			scols_table_new_column(table, columns[i].title, 0, SCOLS_FL_WRAP);

		if (!column ||
		    scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
					      scols_wrapnl_nextchunk, NULL) < 0 ||
		    scols_column_set_safechars(column, "\n") < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The table owns the texts from here on. */
static int add_lines(struct libscols_table *table, struct cells *cells)
{
	struct libscols_line *line = NULL;

	for (size_t i = 0; i < cells->lines * cells->n; i++) {
		if (i % cells->n == 0)
			line = scols_table_new_line(table, NULL);
		if (!line ||
		    scols_line_refer_data(line, i % cells->n, cells->texts[i]) < 0)
			return -ENOMEM;
		cells->texts[i] = NULL;
	}
	return 0;
}

static int fill(struct libscols_table *table, struct json_object *array,
		const struct wb_column *columns, size_t n)
{
	_cleanup_(cells_done) struct cells cells = { 0 };
	unsigned int total = wb_show_columns();
	int r = read_cells(array, columns, n, &cells);

	if (r >= 0 && total > 0)
		r = lay_out(&cells, columns, total);
	if (r >= 0)
		r = add_columns(table, columns, n);
	return r < 0 ? r : add_lines(table, &cells);
}

static int print(const struct wb_cli *cli, struct json_object *array,
		 const struct wb_column *columns, size_t n)
{
	struct libscols_table *table;
	int r;

	scols_init_debug(0);
	table = scols_new_table();
	r = table ? scols_table_enable_noheadings(table, cli->no_legend) : -ENOMEM;
	/* It is laid out already. */
	if (r >= 0)
		r = scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	if (r >= 0)
		r = fill(table, array, columns, n);
	if (r >= 0)
		r = scols_print_table(table);
	scols_unref_table(table);
	return r;
}

/* By its title as it is shown, or by a key of the JSON objects; false for neither. */
static bool find_column(const char *word, struct json_object *array,
			const struct wb_column *columns, size_t n, struct wb_column *ret)
{
	struct json_object *first = json_object_array_get_idx(array, 0);

	for (size_t i = 0; i < n; i++)
		if (strcasecmp(columns[i].title, word) == 0) {
			*ret = columns[i];
			return true;
		}
	*ret = (struct wb_column){ word, word };
	/* Of an empty list nobody knows the keys, and nobody misses them. */
	return !first || json_object_object_get_ex(first, word, NULL);
}

/* Those that @words names, a copy of --columns that is cut up and that they point into:
 * 0, WB_EXIT_USAGE or negative errno. */
static int choose(char *words, struct json_object *array, const struct wb_column *columns,
		  size_t n, struct wb_column chosen[COLUMNS_MAX], size_t *ret_n)
{
	char *rest = words, *word;

	*ret_n = 0;
	if (!words)
		return -ENOMEM;
	while ((word = strsep(&rest, ","))) {
		if (*ret_n < COLUMNS_MAX &&
		    find_column(word, array, columns, n, &chosen[*ret_n])) {
			++*ret_n;
			continue;
		}
		wb_error("there is no column '%s' here; its names are the keys that "
			 "--json shows",
			 word);
		return WB_EXIT_USAGE;
	}
	return 0;
}

static int print_some(const struct wb_cli *cli, struct json_object *array,
		      const struct wb_column *columns, size_t n)
{
	_cleanup_free_ char *words = strdup(cli->columns);
	struct wb_column chosen[COLUMNS_MAX];
	size_t n_chosen;
	int r = choose(words, array, columns, n, chosen, &n_chosen);

	return r == 0 ? print(cli, array, chosen, n_chosen) : r;
}

int wb_show_check_columns(const struct wb_cli *cli, struct json_object *array,
			  const struct wb_column *columns, size_t n)
{
	_cleanup_free_ char *words = cli->columns ? strdup(cli->columns) : NULL;
	struct wb_column chosen[COLUMNS_MAX];
	size_t n_chosen;

	return cli->columns ? choose(words, array, columns, n, chosen, &n_chosen) : 0;
}

int wb_show_table(const struct wb_cli *cli, struct json_object *array,
		  const struct wb_column *columns, size_t n)
{
	return (cli->columns ? print_some : print)(cli, array, columns, n);
}

int wb_show_list(const struct wb_cli *cli, struct json_object *array,
		 const struct wb_column *columns, size_t n)
{
	int r;

	if (cli->json)
		return wb_show_json(array);
	if (!array)
		return wb_show_end(-ENOMEM);
	r = wb_show_table(cli, array, columns, n);
	json_object_put(array);
	return r > 0 ? r : wb_show_end(r);
}
