/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The name of a variable, then behind a NUL the text of a grubenv. */

#include <string.h>

#include "facts/grub/grubenv.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *name = fuzz_text(data, size), *value = NULL;
	const char *text = strlen(name) < size ? name + strlen(name) + 1 : "";

	CHECK(wb_grubenv_get(text, name, &value) == 0);
	CHECK(!value || strlen(value) <= strlen(text));
	return 0;
}
