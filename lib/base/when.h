/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Points of time as shutdown(8) takes them, and when to warn of one. */

#include <stdint.h>

#include "base/macro.h"

/* "now", "+5" (minutes), "+90s" (a time span), "23:30" or "23:30:15" by the local clock,
 * the next time it shows that. Microseconds since 1970 of both; 0 or -EINVAL. */
_must_check_ int wb_when_parse(const char *word, uint64_t now_usec, uint64_t *ret_usec);
/* "23:30:00 CET", with the date where it is not today. The caller's; NULL without memory.
 */
char *wb_when_format(uint64_t usec, uint64_t now_usec);
/* The next moment after @now_usec at which those who are logged in are warned of @usec:
 * more often the nearer it is. @usec itself where there is none in between. */
uint64_t wb_when_warn(uint64_t usec, uint64_t now_usec);
