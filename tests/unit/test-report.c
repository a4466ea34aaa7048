/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "proof/report.h"
#include "sample-record.h"
#include "unit.h"

static const struct wb_span *find(const struct wb_span *spans, const char *name)
{
	for (size_t i = 0; i < WB_SPANS; i++)
		if (strcmp(spans[i].name, name) == 0)
			return &spans[i];
	fail_msg("there is no span %s", name);
	return NULL;
}

static void assert_span(const struct wb_span *spans, const char *name, uint64_t usec,
			bool across)
{
	const struct wb_span *s = find(spans, name);

	assert_true(s->known);
	assert_true(s->usec == usec);
	assert_int_equal(s->across, across);
}

static void assert_unknown(const struct wb_span *spans, const char *name)
{
	assert_false(find(spans, name)->known);
}

static void spans(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1000000);
	struct wb_span s[WB_SPANS];

	(void)state;
	wb_report_spans(r, s);
	assert_span(s, "prepare", 100, false);
	assert_span(s, "quiesce", 23, false);
	assert_span(s, "commit", 0, false);
	assert_span(s, "stop", 2000000, true);
	assert_span(s, "kernel", 2500000, false);
	assert_span(s, "userspace", 4500000, false);
	assert_span(s, "away", 9000000, true);
	/* "the last is how long the machine was away" */
	assert_string_equal(s[WB_SPANS - 1].name, "away");
}

static void without_a_confirmation(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1000000);
	struct wb_span s[WB_SPANS];

	(void)state;
	r->confirmation.kernel_usec = 0;
	r->confirmation.userspace_usec = 0;
	r->confirmation.finished_usec = 0;
	wb_report_spans(r, s);
	assert_span(s, "prepare", 100, false);
	assert_unknown(s, "stop");
	assert_unknown(s, "kernel");
	assert_unknown(s, "userspace");
	assert_unknown(s, "away");
}

static void without_a_hand_over(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1000000);
	struct wb_span s[WB_SPANS];

	(void)state;
	r->committed_usec = 0;
	wb_report_spans(r, s);
	assert_unknown(s, "stop");
	assert_unknown(s, "away");
	assert_span(s, "kernel", 2500000, false);
}

/* "A clock that was set back in between says nothing." */
static void with_a_clock_that_was_set_back(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1000000);
	struct wb_span s[WB_SPANS];

	(void)state;
	r->committed_usec = UINT64_C(1) << 62;
	wb_report_spans(r, s);
	assert_unknown(s, "stop");
	assert_unknown(s, "away");
}

static void as_json(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1000000);
	_cleanup_json_ struct json_object *o = NULL;
	struct json_object *times, *value;
	uint64_t usec;

	(void)state;
	r->committed_usec = 0;
	o = wb_report_to_json(r);
	assert_true(json_object_object_get_ex(o, "times", &times));
	assert_int_equal(json_object_object_length(times), WB_SPANS);
	assert_int_equal(wb_json_get_u64(times, "quiesce_usec", &usec), 0);
	assert_true(usec == 23);
	assert_int_equal(wb_json_get_u64(times, "userspace_usec", &usec), 0);
	assert_true(usec == 4500000);
	/* Not known is null, and the key is there. */
	assert_true(json_object_object_get_ex(times, "away_usec", &value));
	assert_null(value);
	/* With all that the record has. */
	assert_true(json_object_object_get_ex(o, "results", NULL));
	assert_true(json_object_object_get_ex(o, "plan", NULL));
}

static char *text_of(const struct wb_record *r)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(wb_report_to_text(r, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void as_a_page(void **state)
{
	(void)state;
	for (int end = 0; end < _WB_END_MAX; end++) {
		_cleanup_(wb_record_freep) struct wb_record *r = sample_record("id-7", 1);
		_cleanup_free_ char *text = NULL;

		r->end = (enum wb_end)end;
		text = text_of(r);
		assert_non_null(strstr(text, "id-7"));
		assert_non_null(strstr(text, "alice on /dev/pts/0"));
		assert_non_null(strstr(text, "cannot remove \"nvidia\""));
		assert_non_null(strstr(text, "6.1.0 -> 6.1.1"));
		assert_non_null(strstr(text, "in use"));
		assert_null(strstr(text, "(null)"));
	}
}

static void as_a_page_of_another_image(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("id-7", 1);
	_cleanup_free_ char *before = text_of(r), *after = NULL, *open = NULL,
			    *cold = NULL;

	(void)state;
	assert_null(strstr(before, "  image "));
	r->foreign = true;
	after = text_of(r);
	assert_non_null(strstr(after, "not warmboot's: loaded by whoever began"));
	/* "HANDED_OVER still, where this kernel does not say how it was started" */
	r->end = WB_END_HANDED_OVER;
	/* "with a sentence in its failure where the machine came through its firmware" */
	cold = text_of(r);
	assert_non_null(strstr(cold, "up again, but not through kexec"));
	assert_non_null(strstr(cold, "because    cannot remove"));
	free(TAKE_PTR(r->failure));
	open = text_of(r);
	assert_non_null(strstr(open, "does not say whether through kexec"));
	assert_null(strstr(open, "no boot has confirmed"));
}

static void as_a_page_with_nothing_known(void **state)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	_cleanup_(wb_record_freep) struct wb_record *r = NULL;
	_cleanup_free_ char *text = NULL;

	(void)state;
	plan->id = strdup("x");
	r = wb_record_new(plan);
	text = text_of(r);
	assert_null(strstr(text, "(null)"));
}

static void when_nothing_can_be_written(void **state)
{
	_cleanup_(wb_record_freep) struct wb_record *r = sample_record("x", 1);
	_cleanup_fclose_ FILE *f = fopen("/dev/full", "we");
	int status = 0;

	(void)state;
	assert_non_null(f);
	setbuf(f, NULL);
	status = wb_report_to_text(r, f);
	assert_true(status < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans),
		cmocka_unit_test(without_a_confirmation),
		cmocka_unit_test(without_a_hand_over),
		cmocka_unit_test(with_a_clock_that_was_set_back),
		cmocka_unit_test(as_json),
		cmocka_unit_test(as_a_page),
		cmocka_unit_test(as_a_page_of_another_image),
		cmocka_unit_test(as_a_page_with_nothing_known),
		cmocka_unit_test(when_nothing_can_be_written),
	};

	return RUN_TESTS(tests);
}
