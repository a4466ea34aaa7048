/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/image.h"
#include "facts/kernel/piece.h"
#include "fuzz.h"

static void check_piece(const struct wb_piece *piece, size_t size)
{
	if (!piece->path)
		return;
	CHECK(piece->offset <= size && piece->size <= size - piece->offset);
}

static void check(const struct wb_root *root, size_t size, unsigned int profile)
{
	_cleanup_(wb_image_done) struct wb_image image = { 0 };

	CHECK(wb_image_read(root, "/input", NULL, profile, &image) == 0);
	/* It has a version, or a sentence that says why not. */
	CHECK(image.version || image.problem);
	CHECK(!image.unreadable);
	check_piece(&image.linux, size);
	for (size_t i = 0; i < image.n_initrd; i++)
		check_piece(&image.initrd[i], size);
	CHECK(wb_image_check(root, &image) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wb_root *root = fuzz_file(data, size);

	check(root, size, 0);
	check(root, size, 1);
	return 0;
}
