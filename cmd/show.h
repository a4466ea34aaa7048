/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Results on standard output: JSON, or tables by libsmartcols. */

#include "base/json.h"
#include "cmd.h"

/* On a terminal, what does not fit on it goes through a pager from here on, unless the
 * caller wants none. */
void wb_show_begin(const struct wb_cli *cli);
/* Let the pager go, where one is left: whoever failed has not come to wb_show_end(). */
void wb_show_done(void);
/* How wide lines may be; 0: as they like. */
unsigned int wb_show_columns(void);
/* The end of all output: an exit status, after saying what went wrong with it. @r is 0 or
 * the negative errno of whoever wrote. */
int wb_show_end(int r);
/* Print and release @o; an exit status. NULL is a lack of memory. */
int wb_show_json(struct json_object *o);

struct wb_column {
	const char *key;   /* in the JSON objects; or several flags: "a|b" */
	const char *title; /* of the column */
};
/* Print an array of objects and release it; an exit status. As JSON where that was asked
 * for, else as a table: vectors of words are joined by spaces and those of sentences by
 * commas, true is "yes", false and null "-", of several flags those that are true stand
 * there. --columns chooses others, by title or key. Columns with sentences in them are
 * broken into lines where the terminal is too narrow.
 */
int wb_show_list(const struct wb_cli *cli, struct json_object *array,
		 const struct wb_column *columns, size_t n);
/* The same, always as a table, and more may be printed below it until wb_show_end().
 * @array stays the caller's. 0, WB_EXIT_USAGE after saying which column there is not, or
 * negative errno. */
_must_check_ int wb_show_table(const struct wb_cli *cli, struct json_object *array,
			       const struct wb_column *columns, size_t n);
/* Do the words of --columns name columns of @array, of which one row is enough? 0,
 * WB_EXIT_USAGE after saying which one does not, or negative errno. */
_must_check_ int wb_show_check_columns(const struct wb_cli *cli,
				       struct json_object *array,
				       const struct wb_column *columns, size_t n);
