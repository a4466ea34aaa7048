/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/step.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"

/* What a talkative program may put into the log; the rest of it is counted. */
#define LOG_LINES_MAX 100

int wb_step_fail(struct wb_result *result, int error, const char *format, ...)
{
	char *detail = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&detail, format, ap);
	va_end(ap);
	result->error = error;
	if (r >= 0) {
		free(result->detail);
		result->detail = detail;
	}
	wb_error("%s", r < 0 ? "out of memory" : detail);
	return error;
}

char *wb_step_where(struct wb_run *run, pid_t stuck)
{
	_cleanup_free_ char *path = wb_format("proc/%d/wchan", stuck), *place = NULL;

	if (stuck == 0)
		return strdup("");
	/* "0" is what those get who may not know. */
	if (!path || wb_root_read_line(&run->sys->root, path, &place) < 0 ||
	    strcmp(place, "0") == 0)
		return wb_format(": its process %d hangs", stuck);
	return wb_format(": its process %d hangs in %s", stuck, place);
}

struct output {
	const char *prefix;
	unsigned int n;
};

static void log_line(const char *line, void *userdata)
{
	struct output *o = userdata;

	if (o->n++ < LOG_LINES_MAX)
		wb_info("%s: %s", o->prefix, line);
}

int wb_step_spawn(struct wb_run *run, const struct wb_step *step, char *const *argv,
		  const int *fds, bool expendable, const char *prefix,
		  struct wb_spawn_result *ret)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C.UTF-8";
	static char *const plain[] = { path, locale, NULL };
	struct output output = { .prefix = prefix };
	struct wb_spawn what = {
		.argv = argv,
		.environment = step->environment ? step->environment : plain,
		.fds = fds,
		.n_fds = fds ? step->n_inputs : 0,
		.timeout_usec = step->timeout_usec,
		.expendable = expendable,
		.line = log_line,
		.userdata = &output,
	};
	int r = run->sys->ops->spawn(run->sys, &what, ret);

	if (output.n > LOG_LINES_MAX)
		wb_info("%s: %u more lines are not shown", prefix,
			output.n - LOG_LINES_MAX);
	return r;
}

int wb_step_nodes(const struct wb_step *step, struct wb_node **ret, size_t *ret_n)
{
	size_t n = wb_strv_length(step->devices);
	_cleanup_free_ struct wb_node *nodes = calloc(n + 1, sizeof(*nodes));

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (wb_node_from_string(step->devices[i], &nodes[i]) < 0)
			return -EINVAL;
	*ret = TAKE_PTR(nodes);
	*ret_n = n;
	return 0;
}
