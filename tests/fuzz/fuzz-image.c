/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/image.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };

	CHECK(wb_image_read(fuzz_file(data, size), "/input", NULL, 0, &image) == 0);
	/* It has a version, or a sentence that says why not. */
	CHECK(image.version || image.problem);
	CHECK(!image.unreadable);
	return 0;
}
