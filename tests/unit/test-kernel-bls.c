/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Entries of the Boot Loader Specification as systemd-boot reads them. */

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "bls-machine.h"
#include "facts/bls/efivar.h"
#include "unit.h"

static void put_two(struct bls_machine *m, const char *top)
{
	bls_entry(m, top, "linux-6.9", "6.9");
	bls_entry(m, top, "linux-6.10", "6.10");
}

static void nothing(void **state)
{
	struct bls_machine *m = *state;

	bls_assert_marks(m, NULL, NULL);
	fixture_folder(&m->f, "boot/loader/entries");
	fixture_file(&m->f, "boot/loader/entries/README", "x");
	fixture_file(&m->f, "efi/loader/entries", "a file");
	bls_assert_marks(m, NULL, NULL);
	assert_int_equal(m->list.n, 0);
}

/* Somebody has to be told, and what is the default is not known then. */
static void a_folder_that_cannot_be_read(void **state)
{
	static const char *const folders[] = { "efi/loader/entries", "efi/EFI/Linux" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_free_ char *said = wb_format(
			"the folder /%s cannot be read (Too many levels of symbolic "
			"links): boot entries in it are not listed",
			folders[i]);
		struct bls_machine *m;

		bls_teardown(state);
		bls_setup(state);
		m = *state;
		put_two(m, "boot");
		bls_assert_marks(m, "linux-6.10", NULL);
		assert_null(m->list.unlisted);
		fixture_link(&m->f, folders[i], wb_basename(folders[i]));
		bls_assert_marks(m, NULL, NULL);
		assert_int_equal(m->list.n, 2);
		/* Once, though both types of entries are read. */
		assert_int_equal(wb_strv_length(m->list.unlisted), 1);
		assert_string_equal(m->list.unlisted[0], said);
	}
}

/* The partition may be mounted in each of three places. */
static void in_each_place(void **state)
{
	static const char *const tops[] = { "boot", "efi", "boot/efi" };

	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		_cleanup_free_ char *linux_path = wb_format("/%s/linux-6.9", tops[i]);
		_cleanup_free_ char *initrd = wb_format("/%s/initrd-6.9", tops[i]);
		const struct wb_kernel *k;
		struct bls_machine *m;

		bls_teardown(state);
		bls_setup(state);
		m = *state;
		put_two(m, tops[i]);
		bls_assert_marks(m, "linux-6.10", NULL);
		assert_int_equal(m->list.n, 2);
		assert_string_equal(m->list.items[0].id, "linux-6.10");
		k = bls_find(m, "linux-6.9");
		assert_string_equal(k->source, "bls");
		assert_string_equal(k->title, "Linux 6.9");
		assert_string_equal(k->version, "6.9");
		assert_string_equal(k->linux, linux_path);
		assert_string_equal(k->initrd[0], initrd);
		assert_null(k->initrd[1]);
		assert_string_equal(k->options, "root=/dev/sda1 v=6.9");
		assert_null(k->problem);
		assert_false(k->bad);
	}
}

/* Entries of XBOOTLDR and of the ESP are one menu; loader.conf is on the ESP. */
static void xbootldr(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux-6.9", "6.9");
	bls_entry(m, "efi", "linux-6.10", "6.10");
	fixture_file(&m->f, "boot/loader/loader.conf", "default none*\n");
	bls_assert_marks(m, "linux-6.10", NULL);
	fixture_file(&m->f, "efi/loader/loader.conf", "default linux-6.9.conf\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	assert_int_equal(m->list.n, 2);
}

/* One partition by two names is one menu. */
static void same_partition(void **state)
{
	struct bls_machine *m = *state;

	put_two(m, "boot");
	fixture_link(&m->f, "efi", "boot");
	fixture_link(&m->f, "boot/efi", ".");
	bls_read(m);
	assert_int_equal(m->list.n, 2);
}

static void defaults(void **state)
{
	struct bls_machine *m = *state;

	put_two(m, "boot");
	bls_entry(m, "boot", "linux-6.8", "6.8");
	fixture_file(&m->f, "boot/loader/loader.conf",
		     "timeout 3\ndefault LINUX-6.[89]*\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	/* What names nothing is passed over. */
	bls_efivar(m, "LoaderEntryDefault", "gone.conf");
	bls_assert_marks(m, "linux-6.9", NULL);
	bls_efivar(m, "LoaderEntryDefault", "linux-6.8.conf");
	bls_assert_marks(m, "linux-6.8", NULL);
	/* Stale after a kexec. */
	bls_efivar(m, "LoaderEntrySelected", "linux-6.9.conf");
	bls_assert_marks(m, "linux-6.8", NULL);
	bls_efivar(m, "LoaderEntryDefault", "");
	fixture_file(&m->f, "boot/loader/loader.conf", "default gone\n");
	bls_assert_marks(m, "linux-6.10", NULL);
}

static void saved(void **state)
{
	struct bls_machine *m = *state;

	put_two(m, "boot");
	fixture_file(&m->f, "boot/loader/loader.conf", "default @saved\n");
	bls_assert_marks(m, "linux-6.10", NULL);
	bls_efivar(m, "LoaderEntryLastBooted", "linux-6.9.conf");
	bls_assert_marks(m, "linux-6.9", NULL);
	bls_efivar(m, "LoaderEntryLastBooted", "gone.conf");
	bls_assert_marks(m, "linux-6.10", NULL);
}

static void oneshot(void **state)
{
	struct bls_machine *m = *state;

	put_two(m, "boot");
	bls_efivar(m, "LoaderEntryOneShot", "linux-6.9.conf");
	bls_assert_marks(m, "linux-6.10", "linux-6.9");
	/* Not even where an entry has this name. */
	bls_entry(m, "boot", "kexec reboot", "6.8");
	bls_efivar(m, "LoaderEntryOneShot", "kexec reboot");
	bls_assert_marks(m, "linux-6.10", NULL);
	bls_efivar(m, "LoaderEntryOneShot", "gone");
	bls_assert_marks(m, "linux-6.10", NULL);
}

static void counted(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux-6.9+2-1", "6.9");
	bls_entry(m, "boot", "linux-6.10+0-3", "6.10");
	bls_assert_marks(m, "linux-6.9", NULL);
	assert_true(bls_find(m, "linux-6.10")->bad);
	assert_false(bls_find(m, "linux-6.9")->bad);
	/* The name in the variable has no counter. */
	bls_efivar(m, "LoaderEntryOneShot", "linux-6.9.conf");
	bls_assert_marks(m, "linux-6.9", "linux-6.9");
	/* Where all are bad, the first of them is started. */
	fixture_remove(&m->f, "boot/loader/entries/linux-6.9+2-1.conf");
	bls_assert_marks(m, "linux-6.10", NULL);
}

static void two_of_one_id(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux", "6.9");
	bls_entry(m, "efi", "linux", "6.10");
	fixture_file(&m->f, "efi/loader/loader.conf", "default linux.conf\n");
	bls_assert_marks(m, "linux", NULL);
	assert_int_equal(m->list.n, 2);
	assert_true(m->list.items[0].is_default);
	assert_string_equal(m->list.items[0].linux, "/efi/linux-6.10");
	assert_string_equal(m->list.items[1].linux, "/boot/linux-6.9");
}

/* Another installation's entry, and no sort-key: all are listed. */
static void of_another_machine(void **state)
{
	struct bls_machine *m = *state;

	bls_entry(m, "boot", "linux-6.9", "6.9");
	fixture_file(&m->f, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	fixture_file(&m->f, "boot/loader/entries/other.conf",
		     "machine-id ffffffffffffffffffffffffffffffff\nlinux linux-6.9\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	assert_string_equal(bls_find(m, "other")->linux, "/boot/linux-6.9");
	assert_string_equal(bls_find(m, "other")->title, "6.9");
	assert_string_equal(bls_find(m, "other")->options, "");
}

static void with_problems(void **state)
{
	struct bls_machine *m = *state;
	char garbage[1000];

	memset(garbage, 0xe7, sizeof(garbage));
	bls_entry(m, "boot", "linux-6.9", "6.9");
	bls_image(m, "boot/linux-7", "7");
	fixture_file(&m->f, "boot/shell.efi", "MZ");
	fixture_file(&m->f, "boot/loader/entries/a-shell.conf",
		     "title Shell\nsort-key z\nefi /shell.efi\n");
	fixture_file(&m->f, "boot/loader/entries/b-arm.conf",
		     "sort-key a\narchitecture aa64\nlinux /linux-7\n");
	fixture_file(&m->f, "boot/loader/entries/c-gone.conf",
		     "sort-key a\nlinux /gone\n");
	fixture_file(&m->f, "boot/loader/entries/d-noinitrd.conf",
		     "sort-key z\nlinux /linux-7\ninitrd /gone.img\n");
	fixture_file(&m->f, "boot/loader/entries/e-empty.conf", "");
	fixture_bytes(&m->f, "boot/loader/entries/f-garbage.conf", garbage,
		      sizeof(garbage));
	fixture_folder(&m->f, "boot/loader/entries/g-folder.conf");
	fixture_link(&m->f, "boot/loader/entries/h-circle.conf", "h-circle.conf");
	fixture_link(&m->f, "boot/loader/entries/i-outside.conf",
		     "/../../../../etc/passwd");
	fixture_file(&m->f, "boot/loader/entries/j-options.conf",
		     "linux /linux-7\noptions $kernelopts quiet\n");
	bls_assert_marks(m, "linux-6.9", NULL);
	assert_int_equal(m->list.n, 11);
	bls_assert_problem(m, "a-shell", "not a kernel");
	bls_assert_problem(m, "b-arm", "aa64");
	bls_assert_problem(m, "c-gone", "");
	bls_assert_problem(m, "d-noinitrd", "/boot/gone.img");
	bls_assert_problem(m, "e-empty", "names no kernel");
	bls_assert_problem(m, "f-garbage", "names no kernel");
	bls_assert_problem(m, "g-folder", "cannot be read");
	bls_assert_problem(m, "h-circle", "cannot be read");
	bls_assert_problem(m, "i-outside", "cannot be read");
	bls_assert_problem(m, "j-options", "kernelopts");
	assert_string_equal(bls_find(m, "j-options")->options, " quiet");
	assert_null(bls_find(m, "linux-6.9")->problem);
	/* An EFI program may be the default all the same. */
	fixture_file(&m->f, "boot/loader/loader.conf", "default a-shell.conf");
	bls_assert_marks(m, "a-shell", NULL);
}

static void huge(void **state)
{
	enum { SIZE = 2 * 1024 * 1024 };
	struct bls_machine *m = *state;
	char *text = malloc(SIZE);

	assert_non_null(text);
	memset(text, 'x', SIZE);
	memcpy(text, "linux /", 7);
	bls_entry(m, "boot", "linux-6.9", "6.9");
	fixture_bytes(&m->f, "boot/loader/entries/z.conf", text, SIZE);
	free(text);
	bls_assert_marks(m, "linux-6.9", NULL);
	bls_assert_problem(m, "z", "too large");
}

/* What systemd-boot finds by itself is none of the entries. */
static void of_another_system(void **state)
{
	struct bls_machine *m = *state;

	put_two(m, "boot");
	bls_efivar(m, "LoaderEntryDefault", "auto-windows");
	bls_assert_marks(m, NULL, NULL);
}

/* --- EFI variables ---------------------------------------------------------------- */

static void assert_decoded(const char *data, size_t size, const char *expected)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(wb_efivar_decode(data, size, &text), 0);
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
}

static void efi_variables(void **state)
{
	static const char text[] = "\7\0\0\0a\0b\0\0\0c\0";

	(void)state;
	assert_decoded(text, sizeof(text) - 1, "ab");
	assert_decoded(text, 8, "ab");
	assert_decoded(text, 7, "a");
	assert_decoded(text, 6, "a");
	for (size_t n = 0; n < 6; n++)
		assert_decoded(text, n, NULL);
	assert_decoded("\7\0\0\0\0\0", 6, NULL);
	assert_decoded("\7\0\0\0\xe4\0\xac\x20\x3d\xd8\x27\xdc\x1b\0", 14,
		       "\xc3\xa4\xe2\x82\xac???");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bls_setup, bls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(a_folder_that_cannot_be_read),
		TEST(in_each_place),
		TEST(xbootldr),
		TEST(same_partition),
		TEST(defaults),
		TEST(saved),
		TEST(oneshot),
		TEST(counted),
		TEST(two_of_one_id),
		TEST(of_another_machine),
		TEST(with_problems),
		TEST(huge),
		TEST(of_another_system),
		TEST(efi_variables),
	};

	return RUN_TESTS(tests);
}
