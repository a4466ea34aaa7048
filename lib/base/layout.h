/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How wide the columns of a table may be, and text broken between words: libsmartcols
 * itself breaks in the middle of them. Pure. */

#include <stddef.h>

#include "base/macro.h"

/* How many bytes of @text fit into @width columns, and how many columns these take. */
size_t wb_layout_fit(const char *text, unsigned int width, unsigned int *ret_columns);
/* The columns that the widest line of @text takes on a terminal. */
unsigned int wb_layout_width(const char *text);
/* Of its longest word. */
unsigned int wb_layout_word(const char *text);
/*
 * Make @widths, which are what each of @n columns wants, fit into @total with one column
 * between two of them: the widest are taken from first, and none below its entry in
 * @least while others have more.
 */
void wb_layout_shrink(unsigned int *widths, const unsigned int *least, size_t n,
		      unsigned int total);
/* A copy of @text in lines of at most @width columns: broken at spaces, and within a word
 * only where that is wider itself; lines that it has already stay. The caller's; NULL
 * without memory. */
char *wb_layout_break(const char *text, unsigned int width);
/* A copy of @text for behind what stands in the first @indent columns of a line, in lines
 * that begin there, too, and end before @columns (0: as wide as they like). The same. */
char *wb_layout_indent(const char *text, unsigned int indent, unsigned int columns);
