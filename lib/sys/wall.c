/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/wall.h"

#include <errno.h>

#include "base/strv.h"
#include "base/time-util.h"
#include "sys/spawn.h"

/* It gives up by itself on a terminal that does not take it. */
#define TIMEOUT_USEC (60 * USEC_PER_SEC)

int wb_wall(const char *text)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	static char *const environment[] = { locale, NULL };
	_cleanup_(wb_spawn_result_done) struct wb_spawn_result result = { 0 };
	_cleanup_strv_ char **argv = NULL;
	struct wb_spawn what = { .environment = environment,
				 .timeout_usec = TIMEOUT_USEC };
	int r = wb_strv_append(&argv, "/usr/bin/wall");

	/* One argument could be the name of a file. */
	if (r >= 0)
		r = wb_strv_append(&argv, "--");
	if (r >= 0)
		r = wb_strv_append(&argv, text);
	if (r >= 0)
		r = wb_strv_append(&argv, "");
	what.argv = argv;
	if (r >= 0)
		r = wb_spawn(&what, &result);
	return r < 0 ? r : result.status == 0 ? 0 : -EIO;
}
