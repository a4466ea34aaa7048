/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line that a later warm boot is asked for with. */

#include "args.h"

#include <getopt.h>
#include <string.h>

#include "base/strv.h"
#include "unit.h"

const struct wb_cmd *const wb_cmds[] = { NULL };
const unsigned int wb_n_cmds = 0;

static char *repeat(int argc, char *argv[])
{
	_cleanup_strv_ char **again = NULL;
	struct wb_cli cli = { 0 };
	char *joined;

	optind = 0;
	assert_int_equal(wb_args_parse(argc, argv, &cli), 0);
	assert_int_equal(wb_args_repeat(&cli, &again), 0);
	joined = again ? wb_strv_join(again, "|") : strdup("");
	wb_cli_done(&cli);
	return joined;
}

static void nothing(void **state)
{
	char name[] = "warmboot", *argv[] = { name, NULL };
	_cleanup_free_ char *again = repeat(1, argv);

	(void)state;
	assert_string_equal(again, "");
}

/* What the run does is kept, with the message; how this call goes is not. */
static void every_kind(void **state)
{
	char words[][32] = { "warmboot",         "--when=+5",    "--append=a b",
			     "--append=-c",      "--keep=i-9",   "--kill",
			     "--kernel",         "latest",       "-y",
			     "--message=a\nb",   "--no-isolate", "--verbose",
			     "--fallback=reboot" };
	char *argv[ARRAY_SIZE(words) + 1] = { NULL };
	_cleanup_free_ char *again = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		argv[i] = words[i];
	again = repeat(ARRAY_SIZE(words), argv);
	assert_string_equal(again,
			    "--kernel=latest|--append=a b|--append=-c|--no-isolate|"
			    "--keep=i_9|--kill|--fallback=reboot|--message=a\nb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(every_kind),
	};

	return RUN_TESTS(tests);
}
