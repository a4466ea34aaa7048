/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/strv.h"
#include "facts/kernel/piece.h"
#include "facts/kernel/stamp.h"
#include "base/text.h"
#include "plan/plan-json.h"
#include "unit.h"

static char image_path[] = "/efi/a.efi", initrd_path[] = "/boot/a b.img";
static const struct wb_piece linux_piece = { image_path, 4096, UINT64_MAX, true };
static const struct wb_piece initrd_pieces[] = { { .path = initrd_path },
						 { .path = image_path, .offset = 7 } };

static const struct wb_stamp stamp = { image_path, 1, 2, 3, UINT64_MAX };

static struct wb_plan *sample(void)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	struct wb_input *input;
	struct wb_step *s;

	plan->id = strdup("01234567-89ab-cdef-0123-456789abcdef");
	plan->kernel.linux = strdup("/boot/vmlinuz \"x\"");
	plan->kernel.options = strdup("a=\"b c\" \xc3\xa4");
	assert_int_equal(wb_strv_append(&plan->kernel.initrd, "/boot/initrd"), 0);
	for (int kind = 0; kind < _WB_STEP_KIND_MAX; kind++) {
		s = wb_plan_add(plan, (enum wb_phase)(kind % _WB_PHASE_MAX),
				(enum wb_step_kind)kind, "target",
				UINT64_MAX - (uint64_t)kind, "because %s", "100%d");
		assert_non_null(s);
		s->required = kind % 2;
	}
	s = &plan->steps[0];
	assert_int_equal(wb_strv_split(&s->argv, "/bin/a b"), 0);
	assert_int_equal(wb_strv_append(&s->argv, ""), 0);
	assert_int_equal(wb_strv_split(&s->undo_argv, "/bin/b"), 0);
	assert_int_equal(wb_strv_append(&s->environment, "A=b c\n"), 0);
	assert_int_equal(wb_strv_append(&s->devices, "c 195:*"), 0);
	assert_int_equal(wb_strv_append(&s->held_by, "x (pid 7, x.service, /dev/x)"), 0);
	assert_int_equal(wb_strv_append(&s->spare, "y.service"), 0);
	assert_int_equal(wb_strv_split(&s->modules, "nvidia nouveau"), 0);
	s->group = UINT_MAX;
	s->kill = true;
	s->look_only = true;
	plan->reboot = true;
	input = wb_step_add_input(s, &linux_piece);
	assert_non_null(input);
	input = wb_step_add_input(s, &initrd_pieces[0]);
	assert_non_null(input);
	assert_int_equal(wb_pieces_add(&input->pieces, &input->n_pieces,
				       &initrd_pieces[1]),
			 0);
	assert_int_equal(wb_stamps_add(&s->files, &s->n_files, &stamp), 0);
	assert_int_equal(wb_findings_add(&plan->findings, WB_INFO, "x", "%%s"), 0);
	assert_int_equal(wb_findings_add(&plan->findings, WB_BLOCKER, "y", "a sentence"),
			 0);
	assert_int_equal(wb_findings_advise(&plan->findings, 0, "a way out"), 0);
	assert_int_equal(wb_findings_name(&plan->findings, 1, "lock"), 0);
	return plan;
}

static void assert_strv_equal(char *const *a, char *const *b)
{
	_cleanup_free_ char *x = wb_strv_join(a, "|"), *y = wb_strv_join(b, "|");

	assert_int_equal(wb_strv_length(a), wb_strv_length(b));
	assert_string_equal(x, y);
}

static void assert_steps_equal(const struct wb_step *a, const struct wb_step *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->phase, b->phase);
	assert_string_equal(a->target, b->target);
	assert_string_equal(a->because, b->because);
	assert_true(a->timeout_usec == b->timeout_usec);
	assert_int_equal(a->required, b->required);
	assert_strv_equal(a->argv, b->argv);
	assert_strv_equal(a->undo_argv, b->undo_argv);
	assert_strv_equal(a->environment, b->environment);
	assert_strv_equal(a->devices, b->devices);
	assert_strv_equal(a->held_by, b->held_by);
	assert_strv_equal(a->spare, b->spare);
	assert_strv_equal(a->modules, b->modules);
	assert_int_equal(a->group, b->group);
	assert_int_equal(a->kill, b->kill);
	assert_int_equal(a->look_only, b->look_only);
	assert_int_equal(a->n_inputs, b->n_inputs);
	for (size_t i = 0; i < a->n_inputs; i++) {
		_cleanup_free_ char *x =
			wb_pieces_to_string(a->inputs[i].pieces, a->inputs[i].n_pieces);
		_cleanup_free_ char *y =
			wb_pieces_to_string(b->inputs[i].pieces, b->inputs[i].n_pieces);

		assert_string_equal(x, y);
	}
	assert_int_equal(a->n_files, b->n_files);
	for (size_t i = 0; i < a->n_files; i++) {
		assert_string_equal(a->files[i].path, b->files[i].path);
		assert_true(a->files[i].device == b->files[i].device &&
			    a->files[i].inode == b->files[i].inode &&
			    a->files[i].size == b->files[i].size &&
			    a->files[i].mtime_nsec == b->files[i].mtime_nsec);
	}
}

/* "a plan that is equal to the one written" */
static void round_trip(void **state)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = sample(), *again = NULL;
	_cleanup_json_ struct json_object *o = wb_plan_to_json(plan), *parsed = NULL;
	_cleanup_free_ char *text = wb_json_to_text(o);

	(void)state;
	parsed = json_tokener_parse(text);
	assert_int_equal(wb_plan_from_json(parsed, &again), 0);
	assert_string_equal(again->id, plan->id);
	assert_true(again->reboot);
	assert_string_equal(again->kernel.linux, plan->kernel.linux);
	assert_string_equal(again->kernel.options, plan->kernel.options);
	assert_null(again->kernel.version);
	assert_strv_equal(again->kernel.initrd, plan->kernel.initrd);
	assert_int_equal(again->n_steps, plan->n_steps);
	for (size_t i = 0; i < plan->n_steps; i++)
		assert_steps_equal(&again->steps[i], &plan->steps[i]);
	assert_int_equal(again->findings.n, 2);
	assert_int_equal(again->findings.items[1].severity, WB_BLOCKER);
	assert_string_equal(again->findings.items[0].message, "%s");
	assert_string_equal(again->findings.items[1].message, "a sentence; a way out");
	assert_string_equal(wb_finding_hint(&again->findings.items[1]), "a way out");
	assert_string_equal(again->findings.items[1].check, "lock");
	assert_null(again->findings.items[0].check);
	assert_null(wb_finding_hint(&again->findings.items[0]));
}

static void an_empty_plan(void **state)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = calloc(1, sizeof(*plan)),
						*again = NULL;
	_cleanup_json_ struct json_object *o = NULL;

	(void)state;
	plan->id = strdup("x");
	o = wb_plan_to_json(plan);
	assert_true(json_object_object_get_ex(o, "kernel", NULL));
	assert_int_equal(wb_plan_from_json(o, &again), 0);
	assert_null(again->kernel.linux);
	assert_int_equal(again->n_steps, 0);
}

/* An interface: these keys, and all of them. */
static void assert_keys(struct json_object *o, const char *expected)
{
	_cleanup_strv_ char **keys = NULL;
	_cleanup_free_ char *joined = NULL;

	json_object_object_foreach(o, key, value)
	{
		(void)value;
		assert_int_equal(wb_strv_append(&keys, key), 0);
	}
	wb_strv_sort(keys);
	joined = wb_strv_join(keys, " ");
	assert_string_equal(joined, expected);
}

static void keys(void **state)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = sample();
	_cleanup_json_ struct json_object *o = wb_plan_to_json(plan);
	struct json_object *part;

	(void)state;
	assert_keys(o, "findings id kernel reboot steps");
	part = json_object_array_get_idx(wb_json_get_array(o, "steps"), 0);
	assert_keys(
		part,
		"argv because devices environment files group held_by inputs kill kind look_only modules phase "
		"required spare target timeout_usec undo_argv");
	part = json_object_array_get_idx(wb_json_get_array(o, "findings"), 0);
	assert_keys(part, "check hint message severity subject");
	assert_true(json_object_object_get_ex(o, "kernel", &part));
	assert_keys(part,
		    "bad default id initrd linux oneshot options problem running source "
		    "title unified version");
}

/* What somebody wrote into the file must not lead behind the end of the message. */
static void hints_that_are_none(void **state)
{
	static const char *const hints[] = { "", "another", "a; b; c", "; c",
					     "a; b; c; d" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;
		_cleanup_free_ char *text = wb_format(
			"{\"id\": \"x\", \"steps\": [], \"findings\": [{\"severity\": "
			"\"ignored\", \"subject\": \"s\", \"message\": \"a; b; c\", "
			"\"hint\": \"%s\"}]}",
			hints[i]);
		_cleanup_json_ struct json_object *o = json_tokener_parse(text);

		assert_int_equal(wb_plan_from_json(o, &plan), 0);
		if (wb_finding_hint(&plan->findings.items[0]))
			fail_msg("'%s' is a hint", hints[i]);
	}
}

#define STEP                                                                             \
	"\"kind\": \"sync\", \"phase\": \"commit\", \"target\": \"t\", \"because\": "    \
	"\"b\""

/* "-EINVAL where it is none" */
static void that_are_none(void **state)
{
	static const char *const texts[] = {
		"[]",
		"7",
		"\"text\"",
		"{}",
		"{\"id\": null, \"steps\": [], \"findings\": []}",
		"{\"id\": 7, \"steps\": [], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": []}",
		"{\"id\": \"x\", \"findings\": []}",
		"{\"id\": \"x\", \"steps\": {}, \"findings\": []}",
		"{\"id\": \"x\", \"kernel\": 7, \"steps\": [], \"findings\": []}",
		"{\"id\": \"x\", \"kernel\": {\"initrd\": [7]}, \"steps\": [], "
		"\"findings\": "
		"[]}",
		"{\"id\": \"x\", \"steps\": [{}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [null], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"kind\": \"fly\"}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"phase\": 1}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"target\": null}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"argv\": [1]}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"argv\": \"a\"}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"required\": 1}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"files\": [{\"inode\": 1}]}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"files\": [{\"path\": \"/a\", \"inode\": \"1\"}]}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"timeout_usec\": \"1\"}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"group\": 4294967296}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP ", \"kill\": 1}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"look_only\": 1}], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [{" STEP
		", \"modules\": [1]}], \"findings\": []}",
		"{\"id\": \"x\", \"reboot\": 1, \"steps\": [], \"findings\": []}",
		"{\"id\": \"x\", \"steps\": [], \"findings\": [{\"severity\": \"bad\"}]}",
		"{\"id\": \"x\", \"steps\": [], \"findings\": [{\"severity\": \"info\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_json_ struct json_object *o = json_tokener_parse(texts[i]);
		struct wb_plan *plan = NULL;

		assert_non_null(o);
		if (wb_plan_from_json(o, &plan) != -EINVAL)
			fail_msg("this is taken for a plan: %s", texts[i]);
		assert_null(plan);
	}
}

/* As versions before wrote it: what is new says nothing then. */
static void of_an_older_version(void **state)
{
	static const char text[] =
		"{\"id\": \"x\", \"steps\": [{" STEP ", \"timeout_usec\": 1, "
		"\"required\": true}], \"findings\": []}";
	_cleanup_json_ struct json_object *o = json_tokener_parse(text);
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;

	(void)state;
	assert_int_equal(wb_plan_from_json(o, &plan), 0);
	assert_false(plan->reboot);
	assert_int_equal(plan->n_steps, 1);
	assert_int_equal(plan->steps[0].group, 0);
	assert_false(plan->steps[0].kill);
	assert_false(plan->steps[0].look_only);
	assert_null(plan->steps[0].modules);
}

static void names(void **state)
{
	(void)state;
	for (int i = 0; i < _WB_PHASE_MAX; i++)
		assert_int_equal(wb_phase_from_string(
					 wb_phase_to_string((enum wb_phase)i)),
				 i);
	for (int i = 0; i < _WB_STEP_KIND_MAX; i++)
		assert_int_equal(wb_step_kind_from_string(
					 wb_step_kind_to_string((enum wb_step_kind)i)),
				 i);
	assert_int_equal(wb_phase_from_string("never"), -EINVAL);
	assert_int_equal(wb_step_kind_from_string(""), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hints_that_are_none),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(an_empty_plan),
		cmocka_unit_test(keys),
		cmocka_unit_test(that_are_none),
		cmocka_unit_test(of_an_older_version),
		cmocka_unit_test(names),
	};

	return RUN_TESTS(tests);
}
