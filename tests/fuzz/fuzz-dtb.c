/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/dtb.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *problem = NULL;
	bool unreadable;

	CHECK(wb_dtb_check(fuzz_file(data, size), "/input", &problem, &unreadable) == 0);
	CHECK(!unreadable);
	/* What is used has all that its header speaks of. */
	if (!problem) {
		CHECK(size >= 40 && data[0] == 0xd0 && data[3] == 0xed);
		CHECK(((size_t)data[4] << 24 | data[5] << 16 | data[6] << 8 | data[7]) <=
		      size);
	}
	return 0;
}
