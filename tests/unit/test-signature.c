/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Does an image bear a signature, and whose? Images with a certificate table, and what
 * only claims to have one. */

#include <string.h>

#include "base/strv.h"
#include "facts/kernel/signature.h"
#include "machine.h"
#include "unit.h"

#define PE         0x80
#define OPTIONAL   (PE + 24)
#define ENTRY_PLUS (OPTIONAL + 112 + 4 * 8)
#define TABLE      0x1000

struct image {
	struct fixture f;
	unsigned char data[TABLE + 256];
	size_t size;
};

static void put32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> 8 * i);
}

/* X.520: a common name. */
static size_t put_name(unsigned char *p, const char *name)
{
	memcpy(p, "\x06\x03\x55\x04\x03\x0c", 6);
	p[6] = (unsigned char)strlen(name);
	memcpy(p + 7, name, strlen(name));
	return 7 + strlen(name);
}

static int setup(void **state)
{
	struct image *i = calloc(1, sizeof(*i));
	size_t at = TABLE + 8;

	fixture_init(&i->f);
	memcpy(i->data, "MZ", 2);
	put32(i->data + 0x3c, PE);
	memcpy(i->data + PE, "PE\0\0", 4);
	i->data[PE + 20] = 240; /* of the optional header */
	i->data[OPTIONAL] = 0x0b;
	i->data[OPTIONAL + 1] = 0x02;
	put32(i->data + OPTIONAL + 108, 16); /* directories */
	put32(i->data + ENTRY_PLUS, TABLE);
	put32(i->data + ENTRY_PLUS + 4, 200);
	at += put_name(i->data + at, "Some CA");
	at += put_name(i->data + at, "Some\033 Signer");
	put_name(i->data + at, "Some CA");
	i->size = sizeof(i->data);
	*state = i;
	return 0;
}

static int teardown(void **state)
{
	struct image *i = *state;

	fixture_done(&i->f);
	free(i);
	return 0;
}

static struct wb_signature look(struct image *i, uint64_t offset)
{
	struct wb_signature s;

	fixture_bytes(&i->f, "image", i->data, i->size);
	assert_int_equal(wb_signature_read(&i->f.root, "/image", offset, &s), 0);
	return s;
}

static void assert_unsigned(struct image *i)
{
	struct wb_signature s = look(i, 0);

	assert_true(s.looked);
	assert_false(s.present);
	assert_null(s.names);
}

static void names(void **state)
{
	struct wb_signature s = look(*state, 0);

	assert_true(s.looked);
	assert_true(s.present);
	assert_int_equal(wb_strv_length(s.names), 2);
	assert_string_equal(s.names[0], "Some CA");
	assert_string_equal(s.names[1], "Some? Signer");
	wb_signature_done(&s);
}

/* The older kind, of 32 bits, has its directories elsewhere. */
static void older_kind(void **state)
{
	struct image *i = *state;
	struct wb_signature s;

	i->data[OPTIONAL] = 0x0b;
	i->data[OPTIONAL + 1] = 0x01;
	memset(i->data + OPTIONAL + 92, 0, 100);
	put32(i->data + OPTIONAL + 92, 16);
	put32(i->data + OPTIONAL + 96 + 32, TABLE);
	put32(i->data + OPTIONAL + 96 + 36, 200);
	s = look(i, 0);
	assert_true(s.present);
	wb_signature_done(&s);
}

static void inside_of_another(void **state)
{
	struct image *i = *state;
	struct wb_signature s;

	memmove(i->data + 64, i->data, sizeof(i->data) - 64);
	memset(i->data, 0, 64);
	s = look(i, 64);
	assert_true(s.present);
	assert_int_equal(wb_strv_length(s.names), 2);
	wb_signature_done(&s);
	assert_unsigned(i);
}

static void unsigned_ones(void **state)
{
	struct image *i = *state;

	put32(i->data + ENTRY_PLUS + 4, 0);
	assert_unsigned(i);
	put32(i->data + ENTRY_PLUS + 4, 200);
	/* It points behind the end of the file. */
	put32(i->data + ENTRY_PLUS, UINT32_MAX);
	assert_unsigned(i);
	put32(i->data + ENTRY_PLUS, TABLE);
	/* So few directories that this is none of them. */
	put32(i->data + OPTIONAL + 108, 4);
	assert_unsigned(i);
	put32(i->data + OPTIONAL + 108, 16);
	i->data[PE + 20] = 112;
	assert_unsigned(i);
	i->data[PE + 20] = 240;
	/* Cut off at each of its bytes: nothing outside is read, as the sanitizer sees.
	 */
	for (i->size = 0; i->size < ENTRY_PLUS + 8; i->size++)
		assert_unsigned(i);
	put32(i->data + 0x3c, 0xfffffff0);
	i->size = sizeof(i->data);
	assert_unsigned(i);
}

/* The table ends in the middle of a name, or names run on for ever. */
static void damaged_tables(void **state)
{
	struct image *i = *state;
	struct wb_signature s;

	for (i->size = TABLE + 1; i->size < TABLE + 48; i->size++) {
		s = look(i, 0);
		assert_true(s.present);
		wb_signature_done(&s);
	}
	i->size = sizeof(i->data);
	put32(i->data + ENTRY_PLUS + 4, UINT32_MAX);
	s = look(i, 0);
	assert_int_equal(wb_strv_length(s.names), 2);
	wb_signature_done(&s);
	for (size_t at = TABLE; at + 9 <= sizeof(i->data); at += 9) {
		char name[3] = { 'a', (char)('a' + at % 23), '\0' };

		put_name(i->data + at, name);
	}
	s = look(i, 0);
	assert_true(wb_strv_length(s.names) <= 8);
	wb_signature_done(&s);
}

/* As s390x and ppc64le have it. */
static void like_a_module(void **state)
{
	static const char text[] = "\x7f"
				   "ELF...~Module signature appended~\n";
	struct image *i = *state;
	struct wb_signature s;

	fixture_bytes(&i->f, "image", text, sizeof(text) - 1);
	assert_int_equal(wb_signature_read(&i->f.root, "/image", 0, &s), 0);
	assert_true(s.present);
	assert_null(s.names);
	fixture_bytes(&i->f, "image", text, sizeof(text) - 2);
	assert_int_equal(wb_signature_read(&i->f.root, "/image", 0, &s), 0);
	assert_true(s.looked);
	assert_false(s.present);
}

static void not_looked_at(void **state)
{
	struct image *i = *state;
	struct wb_signature s;

	assert_int_equal(wb_signature_read(&i->f.root, "/nowhere", 0, &s), 0);
	assert_false(s.looked);
	fixture_folder(&i->f, "folder");
	assert_int_equal(wb_signature_read(&i->f.root, "/folder", 0, &s), 0);
	assert_false(s.looked);
	s = look(i, UINT64_MAX);
	assert_false(s.looked);
	s = look(i, 1 << 30);
	assert_true(s.looked);
	assert_false(s.present);
}

#define signature_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		signature_test(names),          signature_test(older_kind),
		signature_test(unsigned_ones),  signature_test(inside_of_another),
		signature_test(damaged_tables), signature_test(like_a_module),
		signature_test(not_looked_at),
	};

	return RUN_TESTS(tests);
}
