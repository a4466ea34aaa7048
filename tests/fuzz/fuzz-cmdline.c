/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line, then behind a NUL what is appended, then what is removed. */

#include <string.h>

#include "facts/cmdline.h"
#include "fuzz.h"

#define ID    "01234567-89ab-cdef-0123-456789abcdef"
#define OTHER "ffffffff-89ab-cdef-0123-456789abcdef"

/* A quote that is never closed takes all that follows into its word. */
static bool is_balanced(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '"';
	return n % 2 == 0;
}

static char *build(const char *line, const char *append, char *remove, const char *id)
{
	char *list[] = { remove, NULL };
	const struct wb_cmdline_edit edit = { list, append, id };
	char *built = wb_cmdline_build(line, &edit);

	CHECK(built);
	return built;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *line = fuzz_text(data, size), *first = NULL, *second = NULL;
	_cleanup_free_ char *bare_first = NULL, *bare_second = NULL, *id = NULL,
			    *value = NULL;
	char empty[] = "", *append = empty, *remove = empty;

	if (strlen(line) < size)
		append = line + strlen(line) + 1;
	if (append != empty && (size_t)(append - line) + strlen(append) < size)
		remove = append + strlen(append) + 1;
	first = build(line, append, remove, ID);
	value = wb_cmdline_get(line, append);
	if (!is_balanced(line) || !is_balanced(append))
		return 0;
	id = wb_cmdline_get(first, "warmboot.id");
	CHECK(id && strcmp(id, ID) == 0);
	/* Built again and again it stays as it is, but for the id. */
	second = build(first, NULL, remove, OTHER);
	bare_first = build(first, NULL, remove, NULL);
	bare_second = build(second, NULL, remove, NULL);
	CHECK(strcmp(bare_first, bare_second) == 0);
	return 0;
}
