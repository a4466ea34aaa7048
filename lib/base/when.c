/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/when.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/time-util.h"

#define MINUTE_USEC (60 * USEC_PER_SEC)
/* Nobody means a year from now; what is longer is a slip. */
#define MINUTES_MAX (366 * 24 * 60)

static int parse_span(const char *text, uint64_t *ret)
{
	uint64_t minutes;
	int r;

	if (wb_parse_u64(text, 10, &minutes) >= 0) {
		*ret = minutes * MINUTE_USEC;
		return minutes > MINUTES_MAX ? -EINVAL : 0;
	}
	r = wb_parse_timespan(text, ret);
	return r >= 0 && *ret > MINUTES_MAX * MINUTE_USEC ? -EINVAL : r;
}

/* Digits of a clock, below @limit; @end is what follows. */
static int parse_digits(const char **text, int limit)
{
	int n = 0, digits = 0;

	while (digits < 2 && **text >= '0' && **text <= '9') {
		n = n * 10 + (*(*text)++ - '0');
		digits++;
	}
	return digits == 0 || n >= limit ? -EINVAL : n;
}

static int parse_clock(const char *text, struct tm *tm)
{
	tm->tm_hour = parse_digits(&text, 24);
	tm->tm_min = *text == ':' ? (text++, parse_digits(&text, 60)) : -EINVAL;
	tm->tm_sec = *text == ':' ? (text++, parse_digits(&text, 60)) : 0;
	return *text || tm->tm_hour < 0 || tm->tm_min < 0 || tm->tm_sec < 0 ? -EINVAL : 0;
}

static int next_time(const char *text, uint64_t now_usec, uint64_t *ret)
{
	time_t now = (time_t)(now_usec / USEC_PER_SEC), when;
	struct tm tm;

	if (!localtime_r(&now, &tm) || parse_clock(text, &tm) < 0)
		return -EINVAL;
	/* The library knows whether a clock is changed on the way. */
	tm.tm_isdst = -1;
	when = mktime(&tm);
	if (when <= now) {
		tm.tm_mday++;
		tm.tm_isdst = -1;
		when = mktime(&tm);
	}
	if (when <= now)
		return -EINVAL;
	*ret = (uint64_t)when * USEC_PER_SEC;
	return 0;
}

int wb_when_parse(const char *word, uint64_t now_usec, uint64_t *ret_usec)
{
	uint64_t span = 0;
	int r = 0;

	if (strcmp(word, "now") != 0 && *word != '+')
		return next_time(word, now_usec, ret_usec);
	if (*word == '+')
		r = parse_span(word + 1, &span);
	*ret_usec = now_usec + span;
	return r;
}

char *wb_when_format(uint64_t usec, uint64_t now_usec)
{
	time_t when = (time_t)(usec / USEC_PER_SEC),
	       now = (time_t)(now_usec / USEC_PER_SEC);
	struct tm tm, today;
	char text[64];

	if (!localtime_r(&when, &tm) || !localtime_r(&now, &today))
		return strdup("an unknown time");
	if (strftime(text, sizeof(text),
		     tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year
			     ? "%H:%M:%S %Z"
			     : "%Y-%m-%d %H:%M:%S %Z",
		     &tm) == 0)
		return strdup("an unknown time");
	return strdup(text);
}

uint64_t wb_when_warn(uint64_t usec, uint64_t now_usec)
{
	static const unsigned int minutes[] = { 60, 30, 15, 10, 5, 2, 1 };
	uint64_t left = usec > now_usec ? usec - now_usec : 0;

	/* Before the last hour at each full one. */
	if (left > 60 * MINUTE_USEC)
		return usec - (left - 1) / (60 * MINUTE_USEC) * (60 * MINUTE_USEC);
	for (size_t i = 0; i < ARRAY_SIZE(minutes); i++)
		if (left > minutes[i] * MINUTE_USEC)
			return usec - minutes[i] * MINUTE_USEC;
	return usec;
}
