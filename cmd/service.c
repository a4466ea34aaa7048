/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "outlet.h"

/* An undo starts services again and may wait for each of them. */
#define STOP_TIMEOUT_USEC (600 * USEC_PER_SEC)

int wb_service_program(const struct wb_sys *sys, char **ret)
{
	/* As the kernel says of a file that has no name any more: d_path(). */
	static const char gone[] = " (deleted)";
	int r = wb_root_readlink(&sys->root, "proc/self/exe", ret);

	if (r >= 0 && wb_endswith(*ret, gone) && !wb_root_exists(&sys->root, *ret))
		(*ret)[strlen(*ret) - strlen(gone)] = '\0';
	return r;
}

static int make_argv(struct wb_sys *sys, const char *verb, const char *word, char ***ret)
{
	_cleanup_free_ char *program = NULL, *caller = wb_outlet_caller(&sys->root);
	int r = wb_service_program(sys, &program);

	if (r >= 0)
		r = wb_strv_append(ret, program);
	if (r >= 0)
		r = wb_strv_append(ret, verb);
	if (r >= 0)
		r = wb_strv_append(ret, word);
	if (r >= 0)
		r = caller ? wb_strv_append(ret, caller) : -ENOMEM;
	return r;
}

int wb_service_start(struct wb_sys *sys, const char *description, const char *verb,
		     const char *word, char **problem)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_free_ char *why = NULL;
	struct wb_transient what = {
		.unit = WB_BUS_SERVICE,
		.description = description,
		.stop_timeout_usec = STOP_TIMEOUT_USEC,
	};
	int r = make_argv(sys, verb, word, &argv);

	what.argv = argv;
	if (r >= 0)
		r = wb_bus_start_transient(&what, &why);
	/* Ctrl-C while it was started: it runs, and whoever follows it sees to that. */
	if (r == -EINTR)
		return 0;
	if (r == -EEXIST)
		*problem = strdup("another warmboot is at work; wait for it, or stop it "
				  "with systemctl stop " WB_BUS_SERVICE);
	else if (r < 0)
		*problem = wb_format("cannot start " WB_BUS_SERVICE ": %s",
				     why ? why : strerror(-r));
	return r;
}
