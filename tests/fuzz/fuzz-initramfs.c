/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/initramfs.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *problem = NULL;
	bool unreadable;

	CHECK(wb_initramfs_check(fuzz_file(data, size), "/input", &problem,
				 &unreadable) == 0);
	CHECK(!unreadable);
	/* The smallest whole one is a trailer. */
	CHECK(problem || size > 20);
	return 0;
}
