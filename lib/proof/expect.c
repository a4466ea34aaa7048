/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/expect.h"

#include <string.h>

#include "base/text.h"
#include "base/time-util.h"

/* The machine changes: what was long ago says little. */
#define LAST_RUNS 10
/* A service that does not stop is given 90 s (DefaultTimeoutStopSec=), and a file system
 * check after that takes its time. */
#define MARGIN_USEC (180 * USEC_PER_SEC)
/* Where nothing is known: that margin, and a slow machine's boot. */
#define UNKNOWN_USEC (600 * USEC_PER_SEC)

static uint64_t away_usec(const struct wb_record *record)
{
	uint64_t back = record->confirmation.finished_usec;

	/* Its services had stopped before it was counted. */
	if (record->foreign)
		return 0;
	/* A clock that was set back in between says nothing. */
	return record->end == WB_END_CONFIRMED && record->committed_usec > 0 &&
			       back > record->committed_usec
		       ? back - record->committed_usec
		       : 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void wb_expect(const struct wb_history *history, struct wb_record *record)
{
	uint64_t times[LAST_RUNS];
	size_t n = 0;

	for (size_t i = 0; i < history->n && n < LAST_RUNS; i++) {
		uint64_t usec = away_usec(history->records[i]);

		if (usec > 0)
			times[n++] = usec;
	}
	qsort(times, n, sizeof(*times), by_size);
	record->usual_usec = n > 0 ? times[n / 2] : 0;
	record->worry_usec = n > 0 ? times[n - 1] + MARGIN_USEC : UNKNOWN_USEC;
}

/* By the clock, since the one who reads it may have come later. */
static void format_clock(uint64_t usec, char *text, size_t size)
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || strftime(text, size, "%H:%M:%S UTC", &tm) == 0)
		snprintf(text, size, "?");
}

char *wb_expect_sentence(const struct wb_record *record)
{
	_cleanup_free_ char *usual = NULL;
	char clock[32];

	usual = record->usual_usec > 0
			? wb_format("it is usually back after %ju s",
				    (uintmax_t)(record->usual_usec / USEC_PER_SEC))
			: strdup("how long that takes here is not known yet");
	if (!usual)
		return NULL;
	format_clock(record->committed_usec + record->worry_usec, clock, sizeof(clock));
	return wb_format("%s; look after it where it has not answered by %s", usual,
			 clock);
}
