/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sys/root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to be true, in all builds: ends the program. */
#define CHECK(expression)                                                                \
	do {                                                                             \
		if (!(expression)) {                                                     \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__,     \
				#expression);                                            \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* The bytes with a NUL behind them; the caller's. */
char *fuzz_text(const uint8_t *data, size_t size);
/* Write the bytes to /input of a folder that is a machine, removed at the end. */
const struct wb_root *fuzz_file(const uint8_t *data, size_t size);
