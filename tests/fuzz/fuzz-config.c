/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "facts/config.h"
#include "facts/verdict.h"
#include "fuzz.h"

static void check_setting(const struct wb_setting *setting)
{
	CHECK(!setting->text == !setting->origin);
	/* Nothing in it can speak to a terminal. */
	for (const char *p = setting->text; p && *p; p++)
		CHECK((unsigned char)*p >= ' ' || *p == '\t');
}

static void check_modules(char *const *names)
{
	for (; names && *names; names++)
		CHECK(**names && !strpbrk(*names, "-/. "));
}

/* Pairs, of which the second is a verdict that can be asked for. */
static void check_verdicts(char *const *verdicts)
{
	for (; verdicts && *verdicts; verdicts += 2) {
		CHECK(**verdicts && !strpbrk(verdicts[0], "/ \t"));
		CHECK(verdicts[1] && wb_verdict_from_string(verdicts[1]) >= 0);
		CHECK(wb_verdict_from_string(verdicts[1]) != WB_VERDICT_UNKNOWN);
	}
}

/* From 1s to 10min, or not set. */
static void check_timeout(uint64_t usec)
{
	CHECK(usec == 0 || (usec >= 1000000 && usec <= 600000000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(wb_config_done) struct wb_config config = { 0 };

	CHECK(wb_config_parse(&config, "/input", (const char *)data, size) == 0);
	check_setting(&config.kernel);
	check_setting(&config.initrd);
	check_setting(&config.dtb);
	check_setting(&config.target);
	CHECK(!config.dtb.text || *config.dtb.text == '/');
	check_modules(config.unload);
	check_modules(config.keep);
	check_verdicts(config.verdicts);
	check_timeout(config.isolate_timeout_usec);
	check_timeout(config.unit_timeout_usec);
	check_timeout(config.module_timeout_usec);
	/* A bad file does not bury what else there is to say. */
	CHECK(config.findings.n <= 21);
	return 0;
}
