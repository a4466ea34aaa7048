/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/time-util.h"
#include "base/when.h"
#include "unit.h"

#define MINUTE (60 * USEC_PER_SEC)
/* 2026-11-21 10:00:00 UTC */
#define NOW (UINT64_C(1795255200) * USEC_PER_SEC)

static void words(void **state)
{
	static const struct {
		const char *word;
		uint64_t after; /* NOW */
	} table[] = {
		{ "now", 0 },
		{ "+0", 0 },
		{ "+5", 5 * MINUTE },
		{ "+90s", 90 * USEC_PER_SEC },
		{ "+2min", 2 * MINUTE },
		{ "10:01", MINUTE },
		{ "10:00:30", 30 * USEC_PER_SEC },
		{ "23:30", 810 * MINUTE },
		/* It has been today: tomorrow. */
		{ "09:59", (24 * 60 - 1) * MINUTE },
		{ "10:00", 24 * 60 * MINUTE },
		{ "9:59", (24 * 60 - 1) * MINUTE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		uint64_t usec = 0;

		assert_int_equal(wb_when_parse(table[i].word, NOW, &usec), 0);
		assert_int_equal(usec - NOW, table[i].after);
	}
}

static void no_words(void **state)
{
	static const char *const table[] = {
		"",
		"+",
		"5",
		"-5",
		"+-5",
		"+5x",
		"24:00",
		"10:60",
		"10",
		"10:",
		":10",
		"10:1a",
		"1 0:00",
		"tomorrow",
		"10:00:",
		"10:00:60",
		"100:00",
		"+999999999999",
		"10:00:00:00",
	};
	uint64_t usec;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (wb_when_parse(table[i], NOW, &usec) != -EINVAL)
			fail_msg("'%s' was taken", table[i]);
}

/* In the night in which the clock is put forward, 02:30 is not shown. */
static void a_clock_that_is_changed(void **state)
{
	/* 2026-03-28 22:00:00 CET */
	uint64_t evening = UINT64_C(1774731600) * USEC_PER_SEC, usec = 0;

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_int_equal(wb_when_parse("06:00", evening, &usec), 0);
	assert_int_equal(usec - evening, 7 * 60 * MINUTE);
	assert_int_equal(wb_when_parse("02:30", evening, &usec), 0);
	assert_true(usec > evening);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void shown(void **state)
{
	_cleanup_free_ char *today = wb_when_format(NOW + MINUTE, NOW),
			    *later = wb_when_format(NOW + 20 * 60 * MINUTE, NOW);

	(void)state;
	assert_string_equal(today, "10:01:00 UTC");
	assert_string_equal(later, "2026-11-22 06:00:00 UTC");
}

static void warnings(void **state)
{
	static const unsigned int left[] = { 180, 120, 60, 30, 15, 10, 5, 2, 1, 0 };
	uint64_t when = NOW + 200 * MINUTE, now = NOW;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		now = wb_when_warn(when, now);
		assert_int_equal((when - now) / MINUTE, left[i]);
	}
	/* And then it is there. */
	assert_int_equal(wb_when_warn(when, when), when);
	assert_int_equal(wb_when_warn(when, when + MINUTE), when);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(no_words),
		cmocka_unit_test(a_clock_that_is_changed),
		cmocka_unit_test(shown),
		cmocka_unit_test(warnings),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return RUN_TESTS(tests);
}
