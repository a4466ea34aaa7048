/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/finding.h"
#include "unit.h"

static void add_and_find(void **state)
{
	_cleanup_(wb_findings_done) struct wb_findings list = { 0 };
	char subject[] = "kernel";

	(void)state;
	assert_null(wb_findings_blocker(&list));
	assert_int_equal(wb_findings_add(&list, WB_INFO, subject, "%d files", 3), 0);
	subject[0] = 'X';
	assert_null(wb_findings_blocker(&list));
	assert_int_equal(wb_findings_add(&list, WB_BLOCKER, "one", "first"), 0);
	assert_int_equal(wb_findings_add(&list, WB_BLOCKER, "two", "second"), 0);
	/* What users choose as names goes to terminals. */
	assert_int_equal(wb_findings_add(&list, WB_INFO, "three", "a\033[2J%s",
					 "\xff \xc3\xa9"),
			 0);
	assert_string_equal(list.items[3].message, "a?[2J? \xc3\xa9");
	assert_int_equal(list.n, 4);
	assert_string_equal(list.items[0].subject, "kernel");
	assert_string_equal(list.items[0].message, "3 files");
	assert_string_equal(wb_findings_blocker(&list)->subject, "one");
}

static void join(void **state)
{
	_cleanup_(wb_findings_done) struct wb_findings a = { 0 };
	struct wb_findings b = { 0 };

	(void)state;
	assert_int_equal(wb_findings_add(&b, WB_WARNING, "100%", "%s", "50% of %d"), 0);
	assert_int_equal(wb_findings_join(&a, &b), 0);
	assert_int_equal(wb_findings_join(&a, &b), 0);
	/* They are copies. */
	wb_findings_done(&b);
	assert_int_equal(b.n, 0);
	wb_findings_done(&b);
	assert_int_equal(a.n, 2);
	assert_int_equal(a.items[1].severity, WB_WARNING);
	assert_string_equal(a.items[1].subject, "100%");
	assert_string_equal(a.items[1].message, "50% of %d");
}

/* A veto is a blocker, and stays one where lists are joined. */
static void vetoes(void **state)
{
	_cleanup_(wb_findings_done) struct wb_findings a = { 0 }, b = { 0 };

	(void)state;
	assert_int_equal(wb_findings_add(&a, WB_BLOCKER, "kernel", "none"), 0);
	assert_null(wb_findings_veto(&a));
	assert_int_equal(wb_findings_add_veto(&a, "lock", "pid %d", 7), 0);
	assert_int_equal(wb_findings_add_veto(&a, "guests", "two"), 0);
	assert_int_equal(a.items[1].severity, WB_BLOCKER);
	assert_string_equal(wb_findings_veto(&a)->message, "pid 7");
	assert_string_equal(wb_findings_blocker(&a)->message, "none");
	assert_int_equal(wb_findings_join(&b, &a), 0);
	assert_string_equal(wb_findings_veto(&b)->subject, "lock");
	assert_false(b.items[0].veto);
}

static void severities(void **state)
{
	(void)state;
	for (int i = 0; i < _WB_SEVERITY_MAX; i++) {
		const char *name = wb_severity_to_string((enum wb_severity)i);

		assert_int_equal(wb_severity_from_string(name), i);
	}
	assert_int_equal(wb_severity_from_string("error"), -EINVAL);
	assert_int_equal(wb_severity_from_string(""), -EINVAL);
}

static void advice(void **state)
{
	_cleanup_(wb_findings_done) struct wb_findings a = { 0 }, b = { 0 };
	_cleanup_free_ char *first = NULL, *second = NULL;

	(void)state;
	/* What failed before stays what it was. */
	assert_int_equal(wb_findings_advise(&a, -ENOMEM, "x"), -ENOMEM);
	assert_int_equal(wb_findings_add(&a, WB_BLOCKER, "x", "one; and more"), 0);
	assert_null(wb_finding_hint(&a.items[0]));
	assert_int_equal(wb_findings_advise(&a, 0, "do\033 %s", "that; or not"), 0);
	assert_string_equal(a.items[0].message, "one; and more; do? that; or not");
	assert_string_equal(wb_finding_hint(&a.items[0]), "do? that; or not");
	first = wb_finding_sentence(&a.items[0]);
	assert_string_equal(first, "one; and more");
	assert_int_equal(wb_findings_add(&a, WB_INFO, "y", "two"), 0);
	second = wb_finding_sentence(&a.items[1]);
	assert_string_equal(second, "two");
	assert_int_equal(wb_findings_join(&b, &a), 0);
	assert_string_equal(wb_finding_hint(&b.items[0]), "do? that; or not");
	assert_null(wb_finding_hint(&b.items[1]));
}

static void names_of_checks(void **state)
{
	_cleanup_(wb_findings_done) struct wb_findings a = { 0 }, b = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(wb_findings_add(&a, WB_INFO, "x", "%d", i), 0);
	assert_int_equal(wb_findings_name(&a, 2, "uses"), 0);
	/* The first name stays. */
	assert_int_equal(wb_findings_name(&a, 1, "drivers"), 0);
	assert_int_equal(wb_findings_name(&a, 3, "nothing"), 0);
	assert_int_equal(wb_findings_join(&b, &a), 0);
	assert_null(b.items[0].check);
	assert_string_equal(b.items[1].check, "drivers");
	assert_string_equal(b.items[2].check, "uses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advice),       cmocka_unit_test(names_of_checks),
		cmocka_unit_test(add_and_find), cmocka_unit_test(join),
		cmocka_unit_test(vetoes),       cmocka_unit_test(severities),
	};

	return RUN_TESTS(tests);
}
