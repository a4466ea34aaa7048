/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

/* What follows @prefix in @s, or NULL where @s does not begin with it. */
const char *wb_startswith(const char *s, const char *prefix);
bool wb_endswith(const char *s, const char *suffix);
/* The part after the last slash; never NULL, points into @path. */
const char *wb_basename(const char *path);
/* Make text of unknown origin fit for a terminal: all but plain ASCII becomes '?'. */
char *wb_make_printable(char *s);
/* The same for text that goes to terminals and into JSON: what is no good UTF-8, or a
 * control character, becomes '?', and a tab a space. In place; returns @s. */
char *wb_clean_text(char *s);
/* The place of @word among @n names, NULL among them as well; -EINVAL also for no word.
 */
_must_check_ int wb_find_name(const char *const *names, int n, const char *word);
/* Remove white space from the end, in place. */
char *wb_strip_end(char *s);
/* Module names in the kernel's spelling: '-' is '_'. In place. */
char *wb_module_name(char *s);
/* Decimal (base 10) or hexadecimal (base 16) digits and nothing else; 0 or -EINVAL. */
_must_check_ int wb_parse_u64(const char *s, int base, uint64_t *ret);
/* "90", "90s", "2min", "500ms" into microseconds; 0 or -EINVAL. */
_must_check_ int wb_parse_timespan(const char *s, uint64_t *ret_usec);
/* A formatted string owned by the caller; NULL without memory. */
char *wb_format(const char *format, ...) _printf_(1, 2);
/* Replace *@s by the formatted string; -ENOMEM leaves it as it was. */
_must_check_ int wb_set_format(char **s, const char *format, ...) _printf_(2, 3);
/* As a shell would need it typed: quoted only where it must be. Caller's. */
char *wb_shell_quote(const char *s);
