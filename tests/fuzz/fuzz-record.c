/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fuzz.h"
#include "proof/report.h"

static char *text_of(const struct wb_record *record)
{
	_cleanup_json_ struct json_object *o = wb_record_to_json(record);
	char *text = o ? wb_json_to_text(o) : NULL;

	CHECK(text);
	return text;
}

/* What was taken for a record is written, read and written again as the same bytes. */
static void write_and_read(const struct wb_record *record)
{
	_cleanup_(wb_record_freep) struct wb_record *again = NULL;
	_cleanup_free_ char *first = text_of(record), *second = NULL;

	CHECK(wb_record_read(fuzz_file((const uint8_t *)first, strlen(first)), "/input",
			     &again) == 0);
	second = text_of(again);
	CHECK(strcmp(first, second) == 0);
}

static void report(const struct wb_record *record)
{
	_cleanup_json_ struct json_object *o = wb_report_to_json(record);
	_cleanup_free_ char *page = NULL;
	size_t size;
	FILE *f = open_memstream(&page, &size);

	CHECK(o && f);
	CHECK(wb_report_to_text(record, f) == 0);
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;

	if (wb_record_read(fuzz_file(data, size), "/input", &record) < 0)
		return 0;
	write_and_read(record);
	report(record);
	return 0;
}
