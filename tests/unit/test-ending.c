/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The last sentence on a run: what it says of those who cannot be started again. */

#include "ending.h"

#include <string.h>

#include "base/strv.h"
#include "cmd.h"
#include "sample-record.h"
#include "unit.h"

#define FAILURE "cannot remove \"nvidia\""
#define LOST    "; not started again, because only those who began them can do that: "

static const struct {
	enum wb_end end;
	const char *lost; /* of the second step */
	int status;
	const char *sentence;
} cases[] = {
	{ WB_END_UNDONE, "", WB_EXIT_FAILED,
	  "failed, and everything was undone: " FAILURE },
	{ WB_END_UNDONE, "session-2.scope", WB_EXIT_FAILED,
	  "failed, and everything was undone: " FAILURE LOST "session-2.scope" },
	{ WB_END_UNDONE_WITH_LOSS, "docker-1.scope run-2.service", WB_EXIT_NOT_UNDONE,
	  "failed, and was undone, but not all is as before: " FAILURE LOST
	  "docker-1.scope, run-2.service" },
	{ WB_END_UNDONE_WITH_LOSS, "a b c d e f", WB_EXIT_NOT_UNDONE,
	  "failed, and was undone, but not all is as before: " FAILURE LOST
	  "a, b, c, d, e, f" },
	/* What is cut off is to be had elsewhere. */
	{ WB_END_UNDONE_WITH_LOSS, "a b c d e f g", WB_EXIT_NOT_UNDONE,
	  "failed, and was undone, but not all is as before: " FAILURE LOST
	  "a, b, c, d, e, f, 1 more; warmboot report names all" },
	{ WB_END_NOT_UNDONE, "run-2.service", WB_EXIT_NOT_UNDONE,
	  "failed, and could not be undone wholly; see warmboot report: " FAILURE LOST
	  "run-2.service" },
	/* After a reboot nothing is as before. */
	{ WB_END_COLD, "run-2.service", WB_EXIT_NOT_UNDONE,
	  "no warm boot; the machine reboots through its firmware instead: " FAILURE },
};

static void says_what_is_not_as_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(wb_record_freep) struct wb_record *r = sample_record("1", 1);
		_cleanup_free_ char *sentence = NULL;

		r->end = cases[i].end;
		assert_int_equal(wb_strv_split(&r->results[1].lost, cases[i].lost), 0);
		/* Of two steps, and said once. */
		assert_int_equal(wb_strv_split(&r->results[2].lost, cases[i].lost), 0);
		sentence = wb_ending_sentence(r);
		assert_string_equal(sentence, cases[i].sentence);
		assert_int_equal(wb_ending_status(r), cases[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_not_as_before),
	};

	return RUN_TESTS(tests);
}
