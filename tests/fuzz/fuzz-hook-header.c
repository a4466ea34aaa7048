/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/hook-term.h"
#include "facts/hook.h"
#include "fuzz.h"

static void check_unbind(const struct wb_hook *hook)
{
	for (char **p = hook->unbind; p && *p; p++) {
		struct wb_term term;

		CHECK(wb_term_parse_unbind(*p, &term) == 0);
		CHECK(*term.value && !strchr(term.value, '/') && !term.negated);
	}
}

/* Whoever compares them later relies on it. */
static void check_match(const struct wb_hook *hook)
{
	for (char **line = hook->match; line && *line; line++) {
		_cleanup_strv_ char **words = NULL;
		struct wb_term term;

		CHECK(wb_strv_split_words(&words, *line) == 0 && words);
		for (char **p = words; *p; p++) {
			CHECK(wb_term_parse_match(*p, &term) == 0);
			CHECK(*term.value && term.kind < _WB_TERM_KIND_MAX);
			CHECK(term.kind != WB_TERM_PCI_CLASS || strlen(term.value) <= 6);
		}
	}
}

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
		for (char **p = hook->drivers; p && *p; p++)
			CHECK(**p && !strchr(*p, '/'));
		CHECK((hook->verdict != WB_VERDICT_NONE) == (hook->drivers != NULL));
		CHECK(hook->verdict != WB_VERDICT_UNKNOWN);
		check_unbind(hook);
		check_match(hook);
	}
	wb_hooks_free(hook, 1);
	return 0;
}
