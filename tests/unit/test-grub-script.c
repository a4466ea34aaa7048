/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/grub/script.h"
#include "grub-samples.h"
#include "unit.h"

static struct wb_grub_script script;

static int teardown(void **state)
{
	(void)state;
	wb_grub_script_done(&script);
	return 0;
}

static void read_with(const char *text, const char *grubenv, const char *custom)
{
	const struct wb_grub_input input = { .text = text,
					     .grubenv = grubenv,
					     .custom = custom };

	wb_grub_script_done(&script);
	assert_int_equal(wb_grub_script_read(&input, &script), 0);
}

static const struct wb_grub_entry *entry(size_t i)
{
	assert_true(i < script.menu.n);
	return &script.menu.entries[i];
}

/* The options of the only entry, whose block is @block. */
static const char *options_of(const char *block)
{
	_cleanup_free_ char *text = wb_format("menuentry a {\n%s\n}\n", block);

	read_with(text, NULL, NULL);
	assert_string_equal(entry(0)->linux, "/l");
	return entry(0)->options;
}

static const char *problem_of(const char *block)
{
	options_of(block);
	return entry(0)->problem;
}

static void assert_default(const char *title, enum wb_grub_choice choice)
{
	const struct wb_grub_entry *found;

	assert_int_equal(wb_grub_script_default(&script, &found), choice);
	if (title)
		assert_string_equal(found->title, title);
	else
		assert_null(found);
}

static void debian(void **state)
{
	const struct wb_grub_entry *e;

	(void)state;
	read_with(GRUB_DEBIAN, NULL, NULL);
	assert_int_equal(script.menu.n, 4);
	e = entry(0);
	assert_string_equal(e->title, "Debian GNU/Linux");
	assert_string_equal(e->id, "gnulinux-simple-1");
	assert_string_equal(e->linux, "/boot/vmlinuz-6.1.0-2");
	assert_string_equal(e->options, "root=UUID=1111-22 ro quiet");
	assert_string_equal(e->initrd[0], "/boot/initrd.img-6.1.0-2");
	assert_string_equal(e->fs_uuid, "1111-22");
	assert_null(e->problem);
	e = entry(1);
	assert_true(e->is_submenu);
	assert_int_equal(e->submenu.n, 3);
	assert_string_equal(e->submenu.entries[2].id, "gnulinux-6.1.0-1-advanced-1");
	assert_string_equal(e->submenu.entries[1].options,
			    "root=UUID=1111-22 ro single quiet");
	assert_null(e->submenu.entries[1].problem);
	assert_string_equal(entry(2)->loader, "chainloader");
	/* fwsetup --is-supported */
	assert_true(entry(3)->conditional);
	assert_non_null(entry(3)->problem);
	assert_string_equal(script.default_value, "");
	assert_false(script.incomplete || script.uses_blscfg || script.oneshot);
	assert_default("Debian GNU/Linux", WB_GRUB_FALLBACK);
}

static void ubuntu(void **state)
{
	(void)state;
	read_with(GRUB_UBUNTU, "recordfail=1\n", NULL);
	assert_null(entry(0)->problem);
	assert_string_equal(entry(0)->options,
			    "root=/dev/mapper/vg-root ro quiet splash");
	/* Whether the screen is handed over is the firmware's matter. */
	read_with(GRUB_UBUNTU, NULL, NULL);
	assert_null(entry(0)->problem);
	assert_string_equal(entry(0)->options,
			    "root=/dev/mapper/vg-root ro quiet splash");
}

static void suse(void **state)
{
	(void)state;
	read_with("if [ -f ${config_directory}/grubenv ]; then\n"
		  "  load_env -f ${config_directory}/grubenv\nfi\n"
		  "if [ \"${env_block}\" ]; then\n"
		  "  set env_block=\"(${root})${env_block}\"\n"
		  "  load_env -f \"${env_block}\"\nfi\n"
		  "set default=\"${saved_entry}\"\n"
		  "menuentry 'openSUSE'  --class os --id 'o' {\n"
		  "\tlinux /@/.snapshots/1/snapshot/boot/vmlinuz-6 ${extra_cmdline} "
		  "root=UUID=1\n}\n",
		  "saved_entry=openSUSE\n", NULL);
	assert_string_equal(entry(0)->linux, "/@/.snapshots/1/snapshot/boot/vmlinuz-6");
	assert_string_equal(entry(0)->options, "root=UUID=1");
	assert_default("openSUSE", WB_GRUB_NAMED);
	/* On btrfs the block stands outside of any file. */
	read_with("load_env\nif [ \"${env_block}\" ]; then load_env -f x; fi\n"
		  "set default=\"${saved_entry}\"\nmenuentry a {\n}\n",
		  "env_block=512+1\nsaved_entry=1\n", NULL);
	assert_null(script.default_value);
	assert_default(NULL, WB_GRUB_NONE);
}

static void arch(void **state)
{
	(void)state;
	read_with(GRUB_HEADER "menuentry 'Arch Linux' $menuentry_id_option 'a' "
			      "{\n" GRUB_SEARCH
			      "\tlinux\t/vmlinuz-linux root=UUID=3 rw loglevel=3\n"
			      "\tinitrd\t/amd-ucode.img /initramfs-linux.img\n}\n",
		  NULL, NULL);
	assert_int_equal(wb_strv_length(entry(0)->initrd), 2);
	assert_string_equal(entry(0)->initrd[1], "/initramfs-linux.img");
}

static void defaults(void **state)
{
	static const struct {
		const char *env, *title;
		enum wb_grub_choice choice;
	} cases[] = {
		{ "saved_entry=0\n", "Debian GNU/Linux", WB_GRUB_NAMED },
		{ "saved_entry=1>2\n", "Debian, with Linux 6.1.0-1", WB_GRUB_NAMED },
		{ "saved_entry=1\n", "Debian, with Linux 6.1.0-2", WB_GRUB_NAMED },
		{ "saved_entry=gnulinux-simple-1\n", "Debian GNU/Linux", WB_GRUB_NAMED },
		{ "saved_entry=gnulinux-advanced-1>gnulinux-6.1.0-1-advanced-1\n",
		  "Debian, with Linux 6.1.0-1", WB_GRUB_NAMED },
		{ "saved_entry=Advanced options for Debian GNU/Linux>Debian, with Linux "
		  "6.1.0-1\n",
		  "Debian, with Linux 6.1.0-1", WB_GRUB_NAMED },
		{ "saved_entry=gnulinux-advanced-1>gone\n", "Debian, with Linux 6.1.0-2",
		  WB_GRUB_FALLBACK },
		{ "saved_entry=Windows Boot Manager\n", "Windows Boot Manager",
		  WB_GRUB_NAMED },
		{ "saved_entry=gone\n", "Debian GNU/Linux", WB_GRUB_FALLBACK },
		{ "saved_entry=99\n", "Debian GNU/Linux", WB_GRUB_FALLBACK },
		{ "saved_entry=2\nnext_entry=0\n", "Debian GNU/Linux", WB_GRUB_NAMED },
		/* Which is the third depends on the firmware. */
		{ "saved_entry=3\n", NULL, WB_GRUB_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		read_with(GRUB_DEBIAN, cases[i].env, NULL);
		assert_default(cases[i].title, cases[i].choice);
		assert_int_equal(script.oneshot, strstr(cases[i].env, "next_") != NULL);
	}
	read_with("default='a>>b'\nmenuentry 'x' {\n}\nmenuentry 'a>b' {\n}\n", NULL,
		  NULL);
	assert_default("a>b", WB_GRUB_NAMED);
	/* The first of one id. */
	read_with("default=i\nmenuentry x --id i {\n}\nmenuentry y --id i {\n}\n", NULL,
		  NULL);
	assert_default("x", WB_GRUB_NAMED);
	read_with("", NULL, NULL);
	assert_default(NULL, WB_GRUB_NONE);
	read_with("submenu s {\n}\n", NULL, NULL);
	assert_default(NULL, WB_GRUB_NONE);
}

/* As GRUB hands them on. */
static void words(void **state)
{
	(void)state;
	assert_string_equal(options_of("linux /l a  'b c' d\"e f\"g"),
			    "a \"b c\" \"de fg\"");
	assert_string_equal(options_of("linux /l 'a\"b' it\\'s x\\\\y"),
			    "a\\\"b it\\'s x\\\\y");
	assert_string_equal(options_of("linux /l 'a\\x20b' # no"), "a\\x20b");
	assert_string_equal(options_of("linux /l a \\\n b; linux /l c"), "c");
	assert_string_equal(options_of("linux /l a \\\r\n b"), "a b");
	assert_string_equal(options_of("set v='p q'\nlinux /l $v \"$v\" ${v}r $ $- '$v'"),
			    "p q \"p q\" p qr $ $- $v");
	assert_string_equal(options_of("linux /l x$none a#b $none \"\""), "x a#b ");
	assert_string_equal(options_of("linux /l \"a\\$b\\\"c\\d\""), "a$b\\\"c\\\\d");
	assert_string_equal(options_of("linux ($root)/l a"), "a");
	assert_string_equal(options_of("set root='hd0,1'\nlinux (hd0,1)/l a"), "a");
}

static void not_followed(void **state)
{
	(void)state;
	assert_null(problem_of("linux /l a"));
	assert_non_null(strstr(problem_of("linux /l a$grub_cpu"), "$grub_cpu"));
	assert_non_null(problem_of("linux /l\ninitrd /i-$net_ip"));
	assert_non_null(problem_of("if foo; then linux /l a; else linux /l b; fi"));
	assert_non_null(problem_of("linux /l\nif foo; then initrd /i; fi"));
	assert_non_null(problem_of("for x in a b; do linux /l $x; done"));
	assert_non_null(problem_of("while foo; do linux /l; done"));
	assert_non_null(problem_of("if foo; then set a=b; fi\nlinux /l $a"));
	assert_non_null(problem_of("probe --set=a -u $root\nlinux /l root=$a"));
	assert_non_null(problem_of("linux /l\ninitrd newc:a:/b"));
	assert_non_null(problem_of("eval \"linux /l b\"\nlinux /l"));
	/* Both ways lead to the same. */
	assert_null(problem_of("set a=b\nif foo; then set a=b; fi\nlinux /l $a"));
}

static void conditions(void **state)
{
	static const struct {
		const char *test, *result;
	} cases[] = {
		{ "[ a = a ]", "yes" },
		{ "[ a != a ]", "no" },
		{ "! [ a = b ]", "yes" },
		{ "[ ! a = b ]", "yes" },
		{ "[ -n \"$none\" ]", "no" },
		{ "[ -z \"$none\" ]", "yes" },
		{ "[ \"$none\" ]", "no" },
		{ "[ a ]", "yes" },
		{ "[ ]", "no" },
		{ "[ a = b -o c = c ]", "yes" },
		{ "[ a = a -a c = d ]", "no" },
		{ "[ ( a = b ) -o ( c = c ) ]", "yes" },
		{ "[ x$feature_x = xy ]", "yes" },
		{ "[ 3 -gt 20 ]", "no" },
		{ "[ -s $prefix/grubenv ]", "no" },
		{ "[ -d $prefix/x -a a = b ]", "no" },
		{ "true", "yes" },
		{ "false", "no" },
		{ "test a = a", "yes" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *block =
			wb_format("if %s; then linux /l yes\nelse linux /l no\nfi",
				  cases[i].test);

		assert_string_equal(options_of(block), cases[i].result);
		assert_null(entry(0)->problem);
	}
	assert_string_equal(options_of("if false; then linux /l a; elif true; then linux "
				       "/l b; elif true; then linux /l c; fi"),
			    "b");
}

static void other_files(void **state)
{
	(void)state;
	read_with(GRUB_DEBIAN, NULL, "set default=mine\nmenuentry mine {\nlinux /m\n}\n");
	assert_default("mine", WB_GRUB_NAMED);
	read_with("source /x.cfg\nmenuentry a {\nlinux /l $foo\n}\n", NULL, NULL);
	assert_true(script.incomplete);
	assert_non_null(entry(0)->problem);
	read_with("source $prefix/custom.cfg", NULL, "source $prefix/custom.cfg");
	assert_true(script.incomplete);
	read_with("set default=0\nblscfg\nmenuentry a {\n}\n", NULL, NULL);
	assert_true(script.uses_blscfg);
	assert_default(NULL, WB_GRUB_NONE);
}

/* A submenu sees what is exported; an entry what the whole menu has set. */
static void scopes(void **state)
{
	(void)state;
	read_with("set a=1\nset b=2\nexport b\nsubmenu s {\nmenuentry e {\n"
		  "linux /l a=$a b=$b\n}\n}\nmenuentry f {\nlinux /l $c\nset c=4\n}\n"
		  "menuentry g {\nlinux /l $c\n}\nset c=3\n",
		  NULL, NULL);
	assert_string_equal(entry(0)->submenu.entries[0].options, "a= b=2");
	assert_string_equal(entry(1)->options, "3");
	assert_string_equal(entry(2)->options, "3");
}

static void ends_of_lines(void **state)
{
	_cleanup_free_ char *text = malloc(2 * sizeof(GRUB_DEBIAN));
	char *p = text;

	(void)state;
	for (const char *s = GRUB_DEBIAN; *s; s++) {
		if (*s == '\n')
			*p++ = '\r';
		*p++ = *s;
	}
	*p = '\0';
	read_with(text, "saved_entry=1>2\n", NULL);
	assert_default("Debian, with Linux 6.1.0-1", WB_GRUB_NAMED);
	assert_string_equal(entry(0)->options, "root=UUID=1111-22 ro quiet");
}

static void long_line(void **state)
{
	_cleanup_free_ char *word = malloc(65536), *text = NULL;

	(void)state;
	memset(word, 'x', 65535);
	word[65535] = '\0';
	text = wb_format("linux /l %s end", word);
	assert_int_equal(strlen(options_of(text)), 65535 + 4);
}

/* Cut anywhere it gives what could be understood. */
static void cut(void **state)
{
	static const char *const samples[] = { GRUB_DEBIAN, GRUB_UBUNTU };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		for (size_t n = 0; n < strlen(samples[i]); n++) {
			_cleanup_free_ char *text = strndup(samples[i], n);
			const struct wb_grub_entry *found;

			read_with(text, "saved_entry=1>2\n", NULL);
			wb_grub_script_default(&script, &found);
		}
}

static void hostile(void **state)
{
	static const char *const texts[] = {
		"}",
		"{",
		"fi",
		"if",
		"if if if",
		"for",
		"function",
		"function f",
		"function f { f; f; }\nf",
		"$",
		"${",
		"'",
		"\"",
		"\\",
		"menuentry",
		"menuentry {",
		"menuentry a b {}}}",
		"[",
		"[ ( ( (",
		"[ ! ! ! ]",
		"set",
		"set =",
		"!",
		"! ! }",
		"load_env -f",
		"search --set=",
		"while true; do f",
		"\xff\xfe\x01{\x80 menuentry \xff { linux",
		"linux /x",
		"initrd",
		"submenu a { submenu b { submenu c {",
		"menuentry $grub_cpu --id $x {",
	};
	char doubled[4000] = "set a=0123456789\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		read_with(texts[i], "=\n=x\nx\n", NULL);
	for (int i = 0; i < 60; i++)
		strcat(doubled, "set a=$a$a\n");
	strcat(doubled, "menuentry a {\nlinux /l $a\n}\n");
	read_with(doubled, NULL, NULL);
	assert_non_null(entry(0)->problem);
	for (size_t i = 0; i < 1000; i++)
		memcpy(doubled + 3 * i, "if ", 4);
	read_with(doubled, NULL, NULL);
	assert_true(script.incomplete);
}

#define grub_test(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		grub_test(debian),       grub_test(ubuntu),        grub_test(suse),
		grub_test(arch),         grub_test(defaults),      grub_test(words),
		grub_test(not_followed), grub_test(conditions),    grub_test(other_files),
		grub_test(scopes),       grub_test(ends_of_lines), grub_test(long_line),
		grub_test(cut),          grub_test(hostile),
	};

	return RUN_TESTS(tests);
}
