/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Kernel command lines, as lib/cmdline.c of the kernel reads them: words end at white
 * space outside double quotes. What is kept is kept to the letter. No I/O here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

/* A word inside a command line, quotes included. */
struct wb_word {
	const char *text;
	size_t size;
};

/* Step through @*line: true with the next word in @ret. */
bool wb_cmdline_next(const char **line, struct wb_word *ret);
/* Is it the parameter @key, with or without a value? '-' and '_' are the same, as in
 * the kernel; a key may be quoted together with its value: "key=a b". */
bool wb_word_has_key(const struct wb_word *word, const char *key);
/* The value of the last word with this key without its quotes; "" where it has none,
 * NULL where the key is not there (or without memory). The caller's. */
char *wb_cmdline_get(const char *line, const char *key);

struct wb_cmdline_edit {
	char *const *remove; /* words to drop: a key, or a whole word */
	const char *append;  /* its words are added before "--"; NULL: nothing */
	const char *id;      /* warmboot.id= */
};
/*
 * The command line for the next kernel: without BOOT_IMAGE=, initrd= and warmboot.*,
 * which speak of the last boot, and with what @edit says. NULL without memory.
 */
char *wb_cmdline_build(const char *line, const struct wb_cmdline_edit *edit);
/*
 * The words of @words that @line does not have yet, on their side of "--"; "" where it
 * has all. NULL without memory; the caller's.
 */
char *wb_cmdline_missing(const char *line, const char *words);
/*
 * What makes @now another command line than @before, word by word: "-quiet +debug"; ""
 * where nothing does, whatever the order. Our own words and the boot loader's do not
 * count. NULL without memory; the caller's.
 */
char *wb_cmdline_diff(const char *before, const char *now);
