/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "facts/grub/grubenv.h"
#include "unit.h"

#define HEADER "# GRUB Environment Block\n"

static void assert_value(const char *text, const char *name, const char *expected)
{
	_cleanup_free_ char *value = NULL;

	assert_int_equal(wb_grubenv_get(text, name, &value), 0);
	if (expected)
		assert_string_equal(value, expected);
	else
		assert_null(value);
}

static void values(void **state)
{
	static const char text[] = HEADER "saved_entry=abc-6.1.0\n"
					  "kernelopts=root=UUID=1 ro quiet \n"
					  "empty=\n"
					  "boot_success=1\n"
					  "######################";

	(void)state;
	assert_value(text, "saved_entry", "abc-6.1.0");
	assert_value(text, "kernelopts", "root=UUID=1 ro quiet ");
	assert_value(text, "empty", "");
	assert_value(text, "boot_success", "1");
	/* Neither a part of a name, nor a name inside a value. */
	assert_value(text, "saved", NULL);
	assert_value(text, "saved_entry_old", NULL);
	assert_value(text, "root", NULL);
	assert_value(text, "", NULL);
	assert_value("", "saved_entry", NULL);
	assert_value("#saved_entry=x\n", "saved_entry", NULL);
	assert_value("#saved_entry=x\n", "#saved_entry", NULL);
}

static void escapes(void **state)
{
	(void)state;
	assert_value(HEADER "a=x\\\\y\n", "a", "x\\y");
	/* A newline that is protected belongs to the value, and begins no line. */
	assert_value(HEADER "a=x\\\nb=y\nc=z\n", "a", "x\nb=y");
	assert_value(HEADER "a=x\\\nb=y\nc=z\n", "b", NULL);
	assert_value(HEADER "a=x\\\nb=y\nc=z\n", "c", "z");
	/* At the very end it protects nothing. */
	assert_value(HEADER "a=x\\", "a", "x\\");
}

static void first_of_two(void **state)
{
	(void)state;
	assert_value("a=1\na=2\n", "a", "1");
	assert_value("a=1", "a", "1");
}

/* A block is 1024 bytes; what is cut off takes its own value along and no other. */
static void cut_short(void **state)
{
	static const char text[] = HEADER "a=first\nb=x\\\ny\nsaved_entry=last\n####";

	(void)state;
	for (size_t n = 0; n <= strlen(text); n++) {
		_cleanup_free_ char *cut = strndup(text, n), *a = NULL, *last = NULL;

		assert_non_null(cut);
		assert_int_equal(wb_grubenv_get(cut, "a", &a), 0);
		assert_int_equal(wb_grubenv_get(cut, "saved_entry", &last), 0);
		if (n >= strlen(HEADER "a=first"))
			assert_string_equal(a, "first");
		if (last)
			assert_memory_equal(last, "last", strlen(last));
	}
}

static void long_line(void **state)
{
	enum { SIZE = 65536 };
	char *text = malloc(SIZE + 20);

	(void)state;
	assert_non_null(text);
	strcpy(text, "a=");
	memset(text + 2, 'x', SIZE);
	strcpy(text + 2 + SIZE, "\nb=y\n");
	assert_value(text, "b", "y");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),       cmocka_unit_test(escapes),
		cmocka_unit_test(first_of_two), cmocka_unit_test(cut_short),
		cmocka_unit_test(long_line),
	};

	return RUN_TESTS(tests);
}
