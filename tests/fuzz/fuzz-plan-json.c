/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fuzz.h"
#include "plan/plan-json.h"
#include "plan/plan-text.h"

static char *text_of(const struct wb_plan *plan)
{
	_cleanup_json_ struct json_object *o = wb_plan_to_json(plan);
	char *text = o ? wb_json_to_text(o) : NULL;

	CHECK(text);
	return text;
}

/* What was taken for a plan is written, read and written again as the same bytes. */
static void write_and_read(const struct wb_plan *plan)
{
	_cleanup_(wb_plan_freep) struct wb_plan *again = NULL;
	_cleanup_free_ char *first = text_of(plan), *second = NULL;
	_cleanup_json_ struct json_object *o = json_tokener_parse(first);

	CHECK(o);
	CHECK(wb_plan_from_json(o, &again) == 0);
	second = text_of(again);
	CHECK(strcmp(first, second) == 0);
}

static void print(const struct wb_plan *plan)
{
	_cleanup_free_ char *page = NULL;
	size_t size;
	FILE *f = open_memstream(&page, &size);

	CHECK(f);
	CHECK(wb_plan_to_text(plan, 60, f) == 0);
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	_cleanup_json_ struct json_object *o = json_tokener_parse(text);
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;

	if (!o || wb_plan_from_json(o, &plan) < 0)
		return 0;
	write_and_read(plan);
	print(plan);
	return 0;
}
