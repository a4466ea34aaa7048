/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/selector.h"

#include <string.h>

#include "unit.h"

static char boot_new[] = "/boot/vmlinuz-6.10", boot_old[] = "/boot/vmlinuz-6.9";
static char simple[] = "simple", advanced[] = "advanced-6.10",
	    recovery[] = "recovery-6.10", older[] = "advanced-6.9", broken[] = "broken",
	    v_new[] = "6.10", v_old[] = "6.9", v_broken[] = "6.11", quiet[] = "ro quiet",
	    single[] = "ro single", title[] = "Debian",
	    title_recovery[] = "Debian (recovery mode)", wrong[] = "it is empty";

/* As Debian's grub.cfg: the same kernel on top and in the submenu, and its recovery. */
static struct wb_kernel kernels[] = {
	{ .id = simple,
	  .title = title,
	  .version = v_new,
	  .linux = boot_new,
	  .options = quiet,
	  .is_default = true },
	{ .id = advanced,
	  .title = title,
	  .version = v_new,
	  .linux = boot_new,
	  .options = quiet },
	{ .id = recovery,
	  .title = title_recovery,
	  .version = v_new,
	  .linux = boot_new,
	  .options = single },
	{ .id = older,
	  .title = title,
	  .version = v_old,
	  .linux = boot_old,
	  .options = quiet,
	  .running = true },
	{ .id = broken,
	  .title = title,
	  .version = v_broken,
	  .options = quiet,
	  .problem = wrong },
};

static struct wb_facts facts = { .kernels = kernels, .n_kernels = ARRAY_SIZE(kernels) };

/* What the word means: the id of the one item, "" for none, "*" for several. */
static const char *meaning(const char *word)
{
	struct wb_selection s;
	const char *id;

	assert_int_equal(wb_select(&facts, word, &s), 0);
	id = s.n == 0 ? "" : s.n > 1 ? "*" : s.items[0]->id;
	if (s.n > 0)
		assert_non_null(s.because);
	free(s.items);
	return id;
}

static void keywords(void **state)
{
	(void)state;
	assert_string_equal(meaning(NULL), older);
	assert_string_equal(meaning("running"), older);
	assert_string_equal(meaning("default"), simple);
	/* By number and not by letter, and only what can be started. */
	assert_string_equal(meaning("latest"), simple);
}

static void a_one_shot_is_the_default_once(void **state)
{
	(void)state;
	kernels[2].oneshot = true;
	assert_string_equal(meaning("default"), recovery);
	kernels[2].oneshot = false;
}

static void no_default(void **state)
{
	(void)state;
	kernels[0].is_default = false;
	assert_string_equal(meaning("default"), "");
	kernels[0].is_default = true;
}

static void bad_ones_are_not_latest(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		kernels[i].bad = true;
	assert_string_equal(meaning("latest"), older);
	for (size_t i = 0; i < 3; i++)
		kernels[i].bad = false;
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(meaning("recovery-6.10"), recovery);
	assert_string_equal(meaning("Debian (recovery mode)"), recovery);
	assert_string_equal(meaning("6.9"), older);
	/* The plain entry of a version comes before its recovery. */
	assert_string_equal(meaning("6.10"), simple);
	assert_string_equal(meaning("/boot/vmlinuz-6.9"), older);
	assert_string_equal(meaning("6.1"), "");
	assert_string_equal(meaning(""), "");
}

static void several(void **state)
{
	(void)state;
	assert_string_equal(meaning("Debian"), "*");
	assert_string_equal(meaning("advanced-*"), "*");
	assert_string_equal(meaning("recovery*"), recovery);
	/* Two rows that would boot the same are one. */
	assert_string_equal(meaning("[as]*-6.10"), advanced);
	kernels[1].id = simple;
	assert_string_equal(meaning("simple"), simple);
	kernels[1].id = advanced;
}

static void which_is_latest(void **state)
{
	static char rc[] = "6.13.0-rc3", release[] = "6.13.0", next[] = "6.13.1-rc1";
	static char fedora[] = "6.11.4-301.fc41.x86_64",
		    fedora_debug[] = "6.11.4-301.fc41.x86_64+debug",
		    fedora_next[] = "6.11.5-300.fc41.x86_64+debug",
		    suse[] = "6.4.0-1-default", suse_debug[] = "6.4.0-1-debug";
	static const struct {
		char *first, *second, *latest;
	} cases[] = {
		{ rc, release, release },
		{ release, rc, release },
		{ release, next, next },
		/* Who wants the slow one names it; but what is newer is newer. */
		{ fedora, fedora_debug, fedora },
		{ fedora_debug, fedora, fedora },
		{ fedora, fedora_next, fedora_next },
		{ suse, suse_debug, suse },
		{ suse_debug, suse, suse },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct wb_kernel both[] = {
			{ .id = cases[i].first, .version = cases[i].first },
			{ .id = cases[i].second, .version = cases[i].second },
		};
		const struct wb_facts two = { .kernels = both, .n_kernels = 2 };
		struct wb_selection s;

		assert_int_equal(wb_select(&two, "latest", &s), 0);
		assert_int_equal(s.n, 1);
		assert_string_equal(s.items[0]->id, cases[i].latest);
		free(s.items);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keywords),
		cmocka_unit_test(a_one_shot_is_the_default_once),
		cmocka_unit_test(no_default),
		cmocka_unit_test(bad_ones_are_not_latest),
		cmocka_unit_test(which_is_latest),
		cmocka_unit_test(names),
		cmocka_unit_test(several),
	};

	return RUN_TESTS(tests);
}
