/* SPDX-License-Identifier: GPL-2.0-or-later */

/* warmboot.conf: what each key takes, which file wins, and what bad ones are told. */

#include "facts/config.h"

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "fixture.h"
#include "unit.h"

#define CONF  "etc/warmboot.conf"
#define ETC   "etc/warmboot.conf.d/"
#define RUN   "run/warmboot.conf.d/"
#define LOCAL "usr/local/lib/warmboot.conf.d/"
#define USR   "usr/lib/warmboot.conf.d/"

struct configs {
	struct fixture f;
	struct wb_config c;
};

static int setup(void **state)
{
	struct configs *s = calloc(1, sizeof(*s));

	fixture_init(&s->f);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct configs *s = *state;

	wb_config_done(&s->c);
	fixture_done(&s->f);
	free(s);
	return 0;
}

static void read_all(struct configs *s)
{
	wb_config_done(&s->c);
	assert_int_equal(wb_config_read(&s->f.root, &s->c), 0);
}

/* Lines of [Warmboot], in a file of this name. */
static void put(struct configs *s, const char *path, const char *lines)
{
	_cleanup_free_ char *text = wb_format("[Warmboot]\n%s\n", lines);

	fixture_file(&s->f, path, text);
}

static void parse(struct configs *s, const char *lines)
{
	put(s, CONF, lines);
	read_all(s);
}

static void assert_text(const struct wb_setting *setting, const char *expected)
{
	if (expected)
		assert_string_equal(setting->text, expected);
	else
		assert_null(setting->text);
	assert_true(!setting->text == !setting->origin);
}

static void assert_list(char *const *list, const char *expected)
{
	_cleanup_free_ char *text = wb_strv_join(list, "|");

	assert_string_equal(text, expected);
}

/* One finding of this severity, in which each part stands. */
static void assert_says(struct configs *s, enum wb_severity severity, const char *part,
			const char *other)
{
	const struct wb_finding *f = s->c.findings.items;

	if (s->c.findings.n != 1)
		fail_msg("%zu findings, not one with '%s'", s->c.findings.n, part);
	assert_int_equal(f->severity, severity);
	assert_string_equal(f->subject, "configuration");
	if (!strstr(f->message, part) || !strstr(f->message, other))
		fail_msg("'%s' does not say '%s' and '%s'", f->message, part, other);
}

/* --- keys --------------------------------------------------------------------------- */

static void no_file(void **state)
{
	struct configs *s = *state;

	read_all(s);
	assert_text(&s->c.kernel, NULL);
	assert_null(s->c.append);
	assert_int_equal(s->c.findings.n, 0);
}

static void every_key(void **state)
{
	struct configs *s = *state;

	parse(s, "Kernel=Debian GNU/Linux, with Linux 6.1\n"
		 "Initrd=/boot/initrd\n"
		 "Dtb=/boot/board.dtb\n"
		 "Append=quiet  x=\"a  b\"\n"
		 "Append=console=ttyS0,115200\n"
		 "Remove=splash console=tty0,1 dyndbg=\"a b\"\n"
		 "Target=rescue.target\n"
		 "Isolate=no\n"
		 "Unload=nvidia-drm, mlx5_core\n"
		 "Keep=i915 xe\n"
		 "Verdict=mlx5_core late\n"
		 "Verdict=0000:00:03.0  keep\n"
		 "Kill=yes\n"
		 "Fallback=reboot\n"
		 "IsolateTimeout=2min\n"
		 "UnitTimeout=1500ms\n"
		 "ModuleTimeout=45\n");
	assert_int_equal(s->c.findings.n, 0);
	assert_text(&s->c.kernel, "Debian GNU/Linux, with Linux 6.1");
	assert_string_equal(s->c.kernel.origin, "Kernel= in /" CONF);
	assert_text(&s->c.initrd, "/boot/initrd");
	assert_text(&s->c.dtb, "/boot/board.dtb");
	assert_string_equal(s->c.dtb.origin, "Dtb= in /" CONF);
	assert_list(s->c.append, "quiet  x=\"a  b\"|console=ttyS0,115200");
	assert_list(s->c.remove, "splash|console=tty0,1|dyndbg=\"a b\"");
	assert_text(&s->c.target, "rescue.target");
	assert_true(s->c.no_isolate);
	assert_list(s->c.unload, "nvidia_drm|mlx5_core");
	assert_list(s->c.keep, "i915|xe");
	assert_list(s->c.verdicts, "mlx5_core|late|0000:00:03.0|keep");
	assert_true(s->c.kill);
	assert_true(s->c.reboot);
	assert_int_equal(s->c.isolate_timeout_usec, 120000000);
	assert_int_equal(s->c.unit_timeout_usec, 1500000);
	assert_int_equal(s->c.module_timeout_usec, 45000000);
}

static void verdicts(void **state)
{
	static const struct {
		const char *value;
		const char *pair;
	} rows[] = {
		{ "e1000e shutdown", "e1000e|shutdown" },
		{ "snd_* unload", "snd_*|unload" },
		{ "virtio-pci\tunbind", "virtio-pci|unbind" },
		{ "[xe]hci_hcd late", "[xe]hci_hcd|late" },
		{ "* exitrd", "*|exitrd" },
		{ "03:00.7 bad", "0000:03:00.7|bad" },
		{ "0000:AF:00.0 keep", "0000:af:00.0|keep" },
		{ "10000:e1:00.0 late", "10000:e1:00.0|late" },
	};
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *line = wb_format("Verdict=%s", rows[i].value);

		parse(s, line);
		assert_int_equal(s->c.findings.n, 0);
		assert_list(s->c.verdicts, rows[i].pair);
	}
}

static void limits(void **state)
{
	static const struct {
		const char *value;
		uint64_t usec;
	} rows[] = {
		{ "1", 1000000 },     { "1s", 1000000 },      { "1000ms", 1000000 },
		{ "600", 600000000 }, { "10min", 600000000 }, { "599999ms", 599999000 },
		{ "90s", 90000000 },
	};
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *line = wb_format("UnitTimeout=%s", rows[i].value);

		parse(s, line);
		assert_int_equal(s->c.findings.n, 0);
		assert_int_equal(s->c.unit_timeout_usec, rows[i].usec);
		assert_int_equal(s->c.isolate_timeout_usec, 0);
		assert_int_equal(s->c.module_timeout_usec, 0);
	}
}

static void the_last_one_counts(void **state)
{
	struct configs *s = *state;

	parse(s, "Kernel=running\nKernel=latest\nIsolate=no\nIsolate=yes\n"
		 "Kill=yes\nKill=no\nFallback=reboot\nFallback=none\n"
		 "UnitTimeout=9\nUnitTimeout=8\nUnitTimeout=never\n");
	assert_text(&s->c.kernel, "latest");
	assert_false(s->c.no_isolate);
	assert_false(s->c.kill);
	assert_false(s->c.reboot);
	assert_int_equal(s->c.unit_timeout_usec, 8000000);
}

static void an_empty_value_takes_back(void **state)
{
	struct configs *s = *state;

	parse(s, "Kernel=latest\nKernel=\nInitrd=none\nInitrd=\nDtb=/x\nDtb=\n"
		 "Target=a.target\nTarget=\nIsolate=no\nIsolate=\n"
		 "Append=a\nAppend=\nAppend=b\nRemove=a\nRemove=\n"
		 "Unload=a\nUnload=\nUnload=b\nKeep=a b\nKeep=\n"
		 "Verdict=a late\nVerdict=b late\nVerdict=\nVerdict=c bad\n"
		 "Kill=yes\nKill=\nFallback=reboot\nFallback=\n"
		 "IsolateTimeout=9\nIsolateTimeout=\nUnitTimeout=9\nUnitTimeout=\n"
		 "ModuleTimeout=9\nModuleTimeout=\n");
	assert_int_equal(s->c.findings.n, 0);
	assert_text(&s->c.kernel, NULL);
	assert_text(&s->c.initrd, NULL);
	assert_text(&s->c.dtb, NULL);
	assert_text(&s->c.target, NULL);
	assert_false(s->c.no_isolate);
	assert_list(s->c.append, "b");
	assert_list(s->c.remove, "");
	assert_list(s->c.unload, "b");
	assert_list(s->c.keep, "");
	assert_list(s->c.verdicts, "c|bad");
	assert_false(s->c.kill);
	assert_false(s->c.reboot);
	assert_int_equal(s->c.isolate_timeout_usec, 0);
	assert_int_equal(s->c.unit_timeout_usec, 0);
	assert_int_equal(s->c.module_timeout_usec, 0);
}

/* systemd.syntax(7) */
static void booleans(void **state)
{
	static const char *const no[] = { "no", "0", "false", "off", "n", "f", "No" };
	static const char *const yes[] = { "yes", "1", "true", "on", "y", "t", "YES" };
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		_cleanup_free_ char *a = wb_format("Isolate=%s", no[i]);
		_cleanup_free_ char *b = wb_format("Isolate=no\nIsolate=%s", yes[i]);

		parse(s, a);
		assert_true(s->c.no_isolate);
		parse(s, b);
		assert_false(s->c.no_isolate);
		assert_int_equal(s->c.findings.n, 0);
	}
}

/* Each is a warning that names the file and the line, and what stands beside it counts.
 */
static void bad_lines(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} rows[] = {
		{ "Kernl=latest", "unknown key 'Kernl'" },
		{ "kernel=latest", "unknown key 'kernel'" },
		{ "=latest", "unknown key ''" },
		{ "Initrd=initrd.img", "an absolute path, or none" },
		{ "Dtb=board.dtb", "an absolute path" },
		{ "Target=/etc/x.target", "a target unit" },
		{ "Target=a.target b.target", "a target unit" },
		{ "Isolate=maybe", "Isolate=maybe, but Isolate= takes yes or no" },
		{ "Unload=../x", "names of modules" },
		{ "Keep=a;b", "names of modules" },
		{ "Verdict=mlx5_core", "a driver or a PCI address, and one of" },
		{ "Verdict=late", "a driver or a PCI address" },
		{ "Verdict=mlx5_core sooner", "shutdown, unload, unbind, late" },
		{ "Verdict=mlx5_core unknown", "a driver or a PCI address" },
		{ "Verdict=mlx5_core none", "a driver or a PCI address" },
		{ "Verdict=mlx5_core late keep", "a driver or a PCI address" },
		{ "Verdict=0000:00:03 keep", "a driver or a PCI address" },
		{ "Verdict=0000:00:03.8 keep", "a driver or a PCI address" },
		{ "Verdict=000:00:03.0 keep", "a driver or a PCI address" },
		{ "Verdict=0000:0g:03.0 keep", "a driver or a PCI address" },
		{ "Verdict=0000:*:03.0 keep", "a driver or a PCI address" },
		{ "Verdict=../x keep", "a driver or a PCI address" },
		{ "Kill=always", "Kill=always, but Kill= takes yes or no" },
		{ "Fallback=yes", "Fallback=yes, but Fallback= takes none or reboot" },
		{ "Fallback=Reboot", "none or reboot" },
		{ "IsolateTimeout=0", "a time from 1s to 10min" },
		{ "IsolateTimeout=infinity", "a time from 1s to 10min" },
		{ "UnitTimeout=999ms", "a time from 1s to 10min" },
		{ "UnitTimeout=601", "a time from 1s to 10min" },
		{ "ModuleTimeout=11min", "a time from 1s to 10min" },
		{ "ModuleTimeout=-5", "a time from 1s to 10min" },
		{ "ModuleTimeout=99999999999999999999", "a time from 1s to 10min" },
		{ "some words", "neither a [Section] nor a Key=value" },
		{ "Kernel=\x1b[31m", "control character" },
	};
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *lines =
			wb_format("Append=a\n%s\nAppend=b", rows[i].line);

		parse(s, lines);
		assert_says(s, WB_WARNING, "line 3 of /" CONF, rows[i].says);
		assert_list(s->c.append, "a|b");
		assert_text(&s->c.kernel, NULL);
		assert_false(s->c.no_isolate);
		assert_null(s->c.verdicts);
		assert_false(s->c.kill);
		assert_false(s->c.reboot);
		assert_int_equal(s->c.isolate_timeout_usec, 0);
		assert_int_equal(s->c.unit_timeout_usec, 0);
		assert_int_equal(s->c.module_timeout_usec, 0);
	}
}

static void sections(void **state)
{
	struct configs *s = *state;

	fixture_file(&s->f, CONF, "Kernel=latest\nKeep=a\n[Warmboot]\nUnload=b\n");
	read_all(s);
	assert_says(s, WB_WARNING, "line 1 of /" CONF, "before the first section");
	assert_list(s->c.unload, "b");
	/* Once for all of its lines. */
	fixture_file(&s->f, CONF,
		     "[Other]\nKernel=latest\nKeep=a\n[Warmboot]\nUnload=b\n");
	read_all(s);
	assert_says(s, WB_WARNING, "line 2 of /" CONF, "[Other]");
	assert_text(&s->c.kernel, NULL);
	/* systemd leaves these to others. */
	fixture_file(&s->f, CONF, "[X-Site]\nKernel=latest\n[Warmboot]\nUnload=b\n");
	read_all(s);
	assert_int_equal(s->c.findings.n, 0);
	assert_text(&s->c.kernel, NULL);
}

/* --- files -------------------------------------------------------------------------- */

static void the_one_file(void **state)
{
	static const char *const paths[] = { "usr/lib/warmboot.conf",
					     "usr/local/lib/warmboot.conf",
					     "run/warmboot.conf", CONF };
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *text = wb_format("Kernel=%zu\nAppend=%zu", i, i);
		_cleanup_free_ char *origin = wb_format("Kernel= in /%s", paths[i]);

		put(s, paths[i], text);
		read_all(s);
		assert_string_equal(s->c.kernel.origin, origin);
		/* It decides alone. */
		assert_int_equal(wb_strv_length(s->c.append), 1);
	}
	fixture_remove(&s->f, CONF);
	fixture_link(&s->f, CONF, "/dev/null");
	read_all(s);
	assert_text(&s->c.kernel, NULL);
	assert_int_equal(s->c.findings.n, 0);
}

static void drop_ins(void **state)
{
	struct configs *s = *state;

	put(s, CONF, "Kernel=main\nAppend=main");
	put(s, ETC "50-b.conf", "Append=b");
	put(s, USR "10-a.conf", "Kernel=a\nAppend=a");
	put(s, RUN "90-c.conf", "Append=c");
	put(s, LOCAL "20-x.conf", "Append=x");
	read_all(s);
	assert_list(s->c.append, "main|a|x|b|c");
	assert_text(&s->c.kernel, "a");
	assert_string_equal(s->c.kernel.origin, "Kernel= in /" USR "10-a.conf");
}

static void drop_ins_of_one_name(void **state)
{
	static const char *const paths[] = { USR "x.conf", LOCAL "x.conf", RUN "x.conf",
					     ETC "x.conf" };
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *text = wb_format("Append=%zu", i);

		put(s, paths[i], text);
		read_all(s);
		assert_list(s->c.append, strchr(text, '=') + 1);
	}
	fixture_remove(&s->f, ETC "x.conf");
	fixture_link(&s->f, ETC "x.conf", "/dev/null");
	read_all(s);
	assert_list(s->c.append, "");
	assert_int_equal(s->c.findings.n, 0);
}

static void other_files_are_not_read(void **state)
{
	static const char *const names[] = {
		ETC "README",  ETC "x.conf~",         ETC "x.conf.bak",
		ETC ".x.conf", ETC "x.conf.dpkg-old", "etc/warmboot/warmboot.conf"
	};
	struct configs *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		put(s, names[i], "Append=x");
	read_all(s);
	assert_list(s->c.append, "");
	assert_int_equal(s->c.findings.n, 0);
}

/* --- bad files ---------------------------------------------------------------------- */

static void empty_and_without_an_end(void **state)
{
	struct configs *s = *state;

	fixture_file(&s->f, CONF, "");
	read_all(s);
	assert_int_equal(s->c.findings.n, 0);
	fixture_file(&s->f, CONF, "[Warmboot]\nKernel=latest");
	read_all(s);
	assert_text(&s->c.kernel, "latest");
}

static void a_long_line(void **state)
{
	struct configs *s = *state;
	char *word = calloc(65537, 1), *lines;

	memset(word, 'x', 65536);
	lines = wb_format("Append=%s\nKernel=latest", word);
	parse(s, lines);
	free(word);
	free(lines);
	assert_says(s, WB_WARNING, "line 2 of /" CONF, "too long");
	assert_text(&s->c.kernel, "latest");
}

static void binary(void **state)
{
	struct configs *s = *state;
	unsigned char bytes[50000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7919 >> 3);
	fixture_bytes(&s->f, CONF, bytes, sizeof(bytes));
	put(s, ETC "x.conf", "Kernel=latest");
	read_all(s);
	/* It says so a few times, and not for each of ten thousand lines. */
	assert_in_range(s->c.findings.n, 1, 21);
	assert_text(&s->c.kernel, "latest");
}

static void not_understood_at_all(void **state)
{
	struct configs *s = *state;
	char *text = calloc(1, 100 * 5 + 1);

	for (size_t i = 0; i < 100; i++)
		strcat(text, "text\n");
	fixture_file(&s->f, CONF, text);
	free(text);
	read_all(s);
	assert_int_equal(s->c.findings.n, 21);
	assert_non_null(strstr(s->c.findings.items[20].message, "from line 21 on"));
}

static void huge(void **state)
{
	struct configs *s = *state;
	_cleanup_free_ char *path = NULL;

	put(s, CONF, "Kernel=latest");
	path = fixture_outside(&s->f, CONF);
	assert_int_equal(truncate(path, (off_t)1 << 34), 0);
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" CONF, "File too large");
}

static void refused(void **state)
{
	struct configs *s = *state;

	put(s, CONF, "Kernel=latest");
	fixture_mode(&s->f, CONF, 0664);
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" CONF " is refused", "chmod go-w");
	assert_text(&s->c.kernel, NULL);
	fixture_mode(&s->f, CONF, 0644);
	fixture_mode(&s->f, "etc", 0777);
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" CONF " is refused", "its folder");
	fixture_mode(&s->f, "etc", 0755);
	read_all(s);
	assert_int_equal(s->c.findings.n, 0);
}

static void owned_by_another(void **state)
{
	struct configs *s = *state;
	_cleanup_free_ char *path = NULL;

	if (geteuid() != 0)
		skip();
	put(s, ETC "x.conf", "Kernel=latest");
	path = fixture_outside(&s->f, ETC "x.conf");
	assert_int_equal(chown(path, 1234, (gid_t)-1), 0);
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" ETC "x.conf is refused", "1234");
	assert_text(&s->c.kernel, NULL);
}

static void no_files(void **state)
{
	struct configs *s = *state;

	fixture_folder(&s->f, ETC "folder.conf");
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" ETC "folder.conf", "not a regular file");
	fixture_remove(&s->f, ETC "folder.conf");
	fixture_link(&s->f, ETC "lost.conf", "nowhere");
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" ETC "lost.conf", "No such file");
	fixture_remove(&s->f, ETC "lost.conf");
	fixture_link(&s->f, ETC "circle.conf", "circle.conf");
	read_all(s);
	assert_says(s, WB_BLOCKER, "/" ETC "circle.conf", "cannot be read");
}

#define config_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		config_test(no_file),
		config_test(every_key),
		config_test(verdicts),
		config_test(limits),
		config_test(the_last_one_counts),
		config_test(an_empty_value_takes_back),
		config_test(booleans),
		config_test(bad_lines),
		config_test(sections),
		config_test(the_one_file),
		config_test(drop_ins),
		config_test(drop_ins_of_one_name),
		config_test(other_files_are_not_read),
		config_test(empty_and_without_an_end),
		config_test(a_long_line),
		config_test(binary),
		config_test(not_understood_at_all),
		config_test(huge),
		config_test(refused),
		config_test(owned_by_another),
		config_test(no_files),
	};

	return RUN_TESTS(tests);
}
