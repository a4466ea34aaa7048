/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/event.h"

#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"

static int add(char ***fields, const char *name, const char *value)
{
	_cleanup_free_ char *field = wb_format("%s=%s", name, value);

	return field ? wb_strv_append(fields, field) : -ENOMEM;
}

static int add_number(char ***fields, const char *name, uint64_t value)
{
	_cleanup_free_ char *field = wb_format("%s=%ju", name, (uintmax_t)value);

	return field ? wb_strv_append(fields, field) : -ENOMEM;
}

static bool is_end(enum wb_event event)
{
	return event == WB_EVENT_STEP_ENDED || event == WB_EVENT_STEP_UNDONE;
}

static int make_fields(const struct wb_run *run, size_t i, enum wb_event event,
		       char ***ret)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	const struct wb_result *result = &run->record->results[i];
	int r = add_number(ret, "WARMBOOT_STEP", i + 1);

	if (r >= 0)
		r = add_number(ret, "WARMBOOT_STEPS", run->record->plan->n_steps);
	if (r >= 0)
		r = add(ret, "WARMBOOT_PHASE", wb_phase_to_string(step->phase));
	if (r >= 0)
		r = add(ret, "WARMBOOT_KIND", wb_step_kind_to_string(step->kind));
	if (r >= 0)
		r = add(ret, "WARMBOOT_TARGET", step->target);
	if (r < 0 || !is_end(event))
		return r;
	r = add(ret, "WARMBOOT_OUTCOME", wb_outcome_to_string(result->outcome));
	if (r >= 0)
		r = add_number(ret, "WARMBOOT_ELAPSED_USEC", result->elapsed_usec);
	return r;
}

/* For whoever reads the journal later; the caller's course counts steps by the fields. */
static void say_end(const struct wb_step *step, const struct wb_result *result,
		    enum wb_event event, char *const *fields)
{
	wb_log_event(LOG_DEBUG, event, fields, "%s %s: %s after %u ms",
		     wb_step_kind_to_string(step->kind), step->target,
		     wb_outcome_to_string(result->outcome),
		     (unsigned int)(result->elapsed_usec / USEC_PER_MSEC));
}

void wb_tell_step(const struct wb_run *run, size_t i, enum wb_event event,
		  const char *format)
{
	const struct wb_step *step = &run->record->plan->steps[i];
	const char *hole = format ? strstr(format, "%s") : NULL;
	_cleanup_strv_ char **fields = NULL;

	/* The words alone are better than nothing. */
	if (make_fields(run, i, event, &fields) < 0)
		wb_error("out of memory");
	if (!hole)
		say_end(step, &run->record->results[i], event, fields);
	else
		wb_log_event(LOG_INFO, event, fields, "%.*s%s%s", (int)(hole - format),
			     format, step->target, hole + 2);
}

void wb_tell_run(const struct wb_run *run, enum wb_event event, const char *format, ...)
{
	_cleanup_strv_ char **fields = NULL;
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r >= 0 &&
	    add_number(&fields, "WARMBOOT_STEPS", run->record->plan->n_steps) < 0)
		wb_error("out of memory");
	wb_log_event(LOG_INFO, event, fields, "%s", r < 0 ? "out of memory" : text);
}
