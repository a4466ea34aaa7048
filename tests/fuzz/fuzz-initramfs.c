/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/initramfs.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(wb_initramfs_done) struct wb_initramfs initramfs = { 0 };
	char path[] = "/input";
	const struct wb_piece piece = { .path = path };

	CHECK(wb_initramfs_walk(fuzz_file(data, size), &piece, "6.1", &initramfs) == 0);
	CHECK(!initramfs.unreadable);
	/* The smallest whole one has a file and a trailer. */
	CHECK(initramfs.problem || size > 20);
	CHECK(!initramfs.problem == !initramfs.problem_path);
	CHECK(initramfs.n_modules == 0 || initramfs.releases);
	return 0;
}
