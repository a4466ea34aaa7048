/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/text.h"
#include "planning.h"
#include "unit.h"

static void the_running_one(void **state)
{
	struct planning *p = *state;

	planning_look(p);
	assert_non_null(p->choice.kernel);
	assert_string_equal(p->choice.kernel->version, MACHINE_RELEASE);
	assert_string_equal(p->choice.initrd[0], "/boot/initrd.img-" MACHINE_RELEASE);
	assert_string_equal(p->choice.options,
			    "root=/dev/sda1 ro quiet warmboot.id=" PLANNING_ID);
	assert_int_equal(p->choice.findings.n, 0);
}

/* A path, an id or a version. */
static void a_named_one(void **state)
{
	static const char *const names[] = {
		MACHINE_OLDER,
		"/boot/vmlinuz-" MACHINE_OLDER,
		"vmlinuz-" MACHINE_OLDER,
	};
	struct planning *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		p->request.kernel = names[i];
		planning_look(p);
		assert_non_null(p->choice.kernel);
		assert_string_equal(p->choice.kernel->version, MACHINE_OLDER);
		assert_string_equal(p->choice.initrd[0],
				    "/boot/initrd.img-" MACHINE_OLDER);
	}
}

static void one_that_is_not_there(void **state)
{
	struct planning *p = *state;
	const struct wb_finding *f;

	p->request.kernel = "6.1";
	planning_look(p);
	assert_null(p->choice.kernel);
	f = wb_findings_blocker(&p->choice.findings);
	assert_non_null(f);
	/* It says what there is instead. */
	assert_non_null(strstr(f->message, "'6.1'"));
	assert_non_null(strstr(f->message, MACHINE_RELEASE));
	assert_non_null(strstr(f->message, MACHINE_OLDER));
}

/* A menu that cannot be read may have had it. */
static void one_that_may_not_be_listed(void **state)
{
	static const char *const words[] = { NULL, "6.1", "default" };
	struct planning *p = *state;

	fixture_remove(&p->f, "boot/vmlinuz-" MACHINE_RELEASE);
	fixture_link(&p->f, "boot/grub/grub.cfg", "grub.cfg");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		p->request.kernel = words[i];
		planning_build(p);
		assert_null(p->choice.kernel);
		assert_true(
			planning_says(p, WB_BLOCKER, "and maybe others that are not"));
		assert_true(planning_says(p, WB_WARNING,
					  "GRUB's file /boot/grub/grub.cfg cannot be "
					  "read (Too many levels of symbolic links): "));
	}
}

static void no_image_of_the_running_one(void **state)
{
	struct planning *p = *state;

	fixture_remove(&p->f, "boot/vmlinuz-" MACHINE_RELEASE);
	planning_look(p);
	assert_null(p->choice.kernel);
	assert_non_null(strstr(wb_findings_blocker(&p->choice.findings)->message,
			       MACHINE_RELEASE));
}

static void with_its_options(void **state)
{
	char quiet[] = "quiet", console[] = "console=ttyS0", more[] = "single x=\"a  b\"";
	char *remove[] = { quiet, NULL }, *append[] = { console, more, NULL };
	struct planning *p = *state;

	p->request.append = append;
	p->request.remove = remove;
	p->request.initrd = "/srv/initrd";
	planning_look(p);
	assert_string_equal(p->choice.initrd[0], "/srv/initrd");
	assert_string_equal(p->choice.options,
			    "root=/dev/sda1 ro console=ttyS0 single x=\"a  b\" "
			    "warmboot.id=" PLANNING_ID);
}

/* "--initrd of a kernel that mounts its root by itself" */
static void without_an_initramfs(void **state)
{
	struct planning *p = *state;

	p->request.initrd = WB_INITRD_NONE;
	planning_look(p);
	assert_non_null(p->choice.kernel);
	assert_null(p->choice.initrd);
}

static void assert_because(struct planning *p, const char *kernel, const char *origin,
			   const char *expected)
{
	p->request.kernel = kernel;
	p->request.kernel_origin = origin;
	planning_look(p);
	assert_non_null(p->choice.kernel);
	assert_string_equal(p->choice.because, expected);
}

/* Whoever reads the plan learns who wanted it so. */
static void why(void **state)
{
	struct planning *p = *state;

	assert_because(p, NULL, NULL, "the running kernel is started again");
	assert_because(p, MACHINE_OLDER, NULL, "named by its version with --kernel");
	assert_because(p, MACHINE_OLDER, "Kernel= in /x",
		       "named by its version with Kernel= in /x");
	assert_because(p, "vmlinuz-" MACHINE_OLDER, "Kernel= in /x",
		       "named by its id with Kernel= in /x");
	assert_because(p, "*-55-*", "Kernel= in /x",
		       "it fits the pattern given with Kernel= in /x");
	assert_because(p, "latest", "Kernel= in /x",
		       "it has the highest version here (Kernel= in /x)");
}

static void refusals_say_who_named_it(void **state)
{
	static const char *const words[] = { "6.1", "default", "6.1.0-*" };
	struct planning *p = *state;

	p->request.kernel_origin = "Kernel= in /x";
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		p->request.kernel = words[i];
		planning_look(p);
		assert_null(p->choice.kernel);
		assert_ptr_equal(strstr(p->choice.findings.items[0].message,
					"Kernel= in /x: "),
				 p->choice.findings.items[0].message);
	}
}

static void assert_options(struct planning *p, const char *cmdline, const char *expected)
{
	_cleanup_free_ char *line = wb_format("%s warmboot.id=" PLANNING_ID, expected);

	fixture_file(&p->f, "proc/cmdline", cmdline);
	planning_look(p);
	assert_string_equal(p->choice.options, line);
}

/* The machine's edits, then the operator's; however often, they do not pile up. */
static void standing_options(void **state)
{
	static const char text[] = "[Warmboot]\nAppend=debug nokaslr\nRemove=quiet\n";
	char debug[] = "debug", quiet[] = "quiet";
	char *remove[] = { debug, NULL }, *append[] = { quiet, NULL };
	struct planning *p = *state;
	struct wb_config config = { 0 };

	assert_int_equal(wb_config_parse(&config, "/x", text, strlen(text)), 0);
	p->request.config = &config;
	assert_options(p, "root=/dev/sda1 quiet", "root=/dev/sda1 debug nokaslr");
	assert_options(p, "root=/dev/sda1 debug nokaslr", "root=/dev/sda1 debug nokaslr");
	assert_options(p, "root=/dev/sda1 nokaslr warmboot.id=1",
		       "root=/dev/sda1 nokaslr debug");
	p->request.remove = remove;
	p->request.append = append;
	assert_options(p, "root=/dev/sda1 debug quiet", "root=/dev/sda1 nokaslr quiet");
	p->request.config = NULL;
	wb_config_done(&config);
}

/* What a hook wants nothing beside may come from any of them, or go again. */
static void words_of_hooks(void **state)
{
	static const char text[] = "[Warmboot]\nAppend=nomodeset\n";
	char nomodeset[] = "nomodeset", word[] = "initcall_blacklist=sysfb_init";
	char *add[] = { nomodeset, NULL }, *drop[] = { word, NULL };
	struct planning *p = *state;
	struct wb_config config = { 0 };

	fixture_file(&p->f, "usr/lib/warmboot/hooks.d/screen",
		     "# Warmboot-Hook: 1\n"
		     "# Match: !sriov:enabled\n"
		     "# Cmdline: !nomodeset initcall_blacklist=sysfb_init\n");
	assert_options(p, "root=/dev/sda1",
		       "root=/dev/sda1 initcall_blacklist=sysfb_init");
	assert_int_equal(p->choice.findings.n, 1);
	p->request.append = add;
	assert_options(p, "root=/dev/sda1", "root=/dev/sda1 nomodeset");
	assert_int_equal(p->choice.findings.n, 0);
	p->request.append = NULL;
	assert_int_equal(wb_config_parse(&config, "/x", text, strlen(text)), 0);
	p->request.config = &config;
	assert_options(p, "root=/dev/sda1", "root=/dev/sda1 nomodeset");
	p->request.remove = add;
	assert_options(p, "root=/dev/sda1 nomodeset",
		       "root=/dev/sda1 initcall_blacklist=sysfb_init");
	p->request.config = NULL;
	p->request.remove = drop;
	assert_options(p, "root=/dev/sda1", "root=/dev/sda1");
	assert_int_equal(p->choice.findings.n, 0);
	wb_config_done(&config);
}

/* A word that takes the firmware's picture away until the driver is there. */
static void words_that_need_a_driver(void **state)
{
	static const char with[] = "root=/dev/sda1 a=b", without[] = "root=/dev/sda1";
	struct planning *p = *state;

	fixture_file(&p->f, "usr/lib/warmboot/hooks.d/screen",
		     "# Warmboot-Hook: 1\n# Match: !sriov:enabled\n"
		     "# Cmdline: a=b\n# Initramfs: nvidia\n");
	assert_options(p, without, without);
	assert_int_equal(p->choice.findings.n, 1);
	assert_non_null(strstr(p->choice.findings.items[0].message, "--append=a=b"));
	fixture_file(&p->f, "lib/modules/" MACHINE_RELEASE "/modules.builtin",
		     "kernel/drivers/nvidia.ko\n");
	assert_options(p, without, with);
	/* Of a kernel whose modules nobody can look at nothing is known. */
	fixture_remove(&p->f, "lib/modules/" MACHINE_RELEASE "/modules.builtin");
	assert_options(p, without, with);
}

#define choice_test(name)                                                                \
	cmocka_unit_test_setup_teardown(name, planning_setup, planning_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		choice_test(the_running_one),
		choice_test(a_named_one),
		choice_test(one_that_is_not_there),
		choice_test(one_that_may_not_be_listed),
		choice_test(no_image_of_the_running_one),
		choice_test(with_its_options),
		choice_test(without_an_initramfs),
		choice_test(why),
		choice_test(refusals_say_who_named_it),
		choice_test(standing_options),
		choice_test(words_of_hooks),
		choice_test(words_that_need_a_driver),
	};

	return RUN_TESTS(tests);
}
