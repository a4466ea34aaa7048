/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/text.h"
#include "facts/hook.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	struct wb_hook *hook = calloc(1, sizeof(*hook));

	CHECK(hook);
	CHECK(wb_hook_parse(text, hook) == 0);
	/* What is used keeps its promises. */
	if (!hook->problem) {
		CHECK(hook->timeout_usec > 0 && hook->timeout_usec <= 600000000);
		for (char **p = hook->modules; p && *p; p++)
			CHECK(**p && !strpbrk(*p, "-/. "));
		for (char **p = hook->devices; p && *p; p++)
			CHECK(wb_startswith(*p, "/dev/"));
		for (char **p = hook->units; p && *p; p++)
			CHECK(strchr(*p, '.'));
	}
	wb_hooks_free(hook, 1);
	return 0;
}
