/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* NULL-terminated vectors of strings, as execve(2) takes them. NULL is the empty vector.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

#define _cleanup_strv_ _cleanup_(wb_strv_freep)

/* Append a copy of @s; 0 or -ENOMEM (the vector is then as it was). */
_must_check_ int wb_strv_append(char ***v, const char *s);
/* Append the formatted string. */
_must_check_ int wb_strv_appendf(char ***v, const char *format, ...) _printf_(2, 3);
/* Append unless it is there already. */
_must_check_ int wb_strv_add(char ***v, const char *s);
/* Append the words of @text, which white space or commas separate. */
_must_check_ int wb_strv_split(char ***v, const char *text);
/* The same where a comma is part of a word. */
_must_check_ int wb_strv_split_words(char ***v, const char *text);
_must_check_ int wb_strv_copy(char ***ret, char *const *v);

size_t wb_strv_length(char *const *v);
bool wb_strv_contains(char *const *v, const char *s);
/* The elements joined by @separator, or NULL without memory. Owned by the caller. */
char *wb_strv_join(char *const *v, const char *separator);
/* More names than these make no sentence. */
#define WB_STRV_SOME 6
/* "a, b, 3 more": no more than those, as part of a sentence. The same. */
char *wb_strv_join_some(char *const *v);
void wb_strv_sort(char **v);
void wb_strv_free(char **v);

static inline void wb_strv_freep(char ***v)
{
	wb_strv_free(*v);
}
