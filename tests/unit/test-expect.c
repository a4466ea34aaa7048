/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/time-util.h"
#include "proof/expect.h"
#include "sample-record.h"
#include "unit.h"

#define MAX 16

struct past {
	struct wb_record *records[MAX];
	struct wb_history history;
};

static int setup(void **state)
{
	struct past *p = calloc(1, sizeof(*p));

	p->history.records = p->records;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct past *p = *state;

	for (size_t i = 0; i < p->history.n; i++)
		wb_record_free(p->records[i]);
	free(p);
	return 0;
}

static struct wb_record *add(struct past *p, uint64_t away_sec)
{
	struct wb_record *r = sample_record("a", 1);

	r->end = WB_END_CONFIRMED;
	r->committed_usec = 1000 * USEC_PER_SEC;
	r->confirmation.finished_usec = (1000 + away_sec) * USEC_PER_SEC;
	p->records[p->history.n++] = r;
	return r;
}

static void expect(struct past *p, uint64_t usual_sec, uint64_t worry_sec)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("b", 2);

	wb_expect(&p->history, r);
	assert_int_equal(r->usual_usec, usual_sec * USEC_PER_SEC);
	assert_int_equal(r->worry_usec, worry_sec * USEC_PER_SEC);
}

static void nothing_is_known(void **state)
{
	expect(*state, 0, 600);
}

static void the_middle_and_the_longest(void **state)
{
	struct past *p = *state;

	add(p, 40);
	add(p, 90);
	add(p, 33);
	expect(p, 40, 90 + 180);
}

/* The newest come first. */
static void only_the_last_ten(void **state)
{
	struct past *p = *state;

	for (int i = 0; i < 10; i++)
		add(p, 30);
	add(p, 4000);
	expect(p, 30, 30 + 180);
}

static void what_did_not_come_back_does_not_count(void **state)
{
	struct past *p = *state;

	add(p, 500)->end = WB_END_HANDED_OVER;
	add(p, 500)->end = WB_END_COLD;
	/* Nobody knows when, or the clock was set back. */
	add(p, 500)->confirmation.finished_usec = 0;
	add(p, 500)->committed_usec = 0;
	add(p, 500)->confirmation.finished_usec = 5;
	expect(p, 0, 600);
	add(p, 20);
	expect(p, 20, 200);
}

static void a_sentence(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("b", 2);
	_cleanup_free_ char *known = NULL, *unknown = NULL;

	(void)state;
	/* 2026-11-21 10:00:00 UTC */
	r->committed_usec = UINT64_C(1795255200) * USEC_PER_SEC;
	r->usual_usec = 34900000;
	r->worry_usec = 240 * USEC_PER_SEC;
	known = wb_expect_sentence(r);
	assert_string_equal(known,
			    "it is usually back after 34 s; look after it where it "
			    "has not answered by 10:04:00 UTC");
	r->usual_usec = 0;
	unknown = wb_expect_sentence(r);
	assert_string_equal(unknown,
			    "how long that takes here is not known yet; look "
			    "after it where it has not answered by 10:04:00 UTC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(the_middle_and_the_longest, setup,
						teardown),
		cmocka_unit_test_setup_teardown(only_the_last_ten, setup, teardown),
		cmocka_unit_test_setup_teardown(what_did_not_come_back_does_not_count,
						setup, teardown),
		cmocka_unit_test(a_sentence),
	};

	return RUN_TESTS(tests);
}
