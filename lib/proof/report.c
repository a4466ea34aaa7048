/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/report.h"

#include <string.h>
#include <time.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "run/loss.h"

static struct wb_span between(const char *name, const char *what, uint64_t from,
			      uint64_t to, bool across)
{
	/* A clock that was set back in between says nothing. */
	bool known = from > 0 && to >= from;

	return (struct wb_span){ name, what, known ? to - from : 0, known, across };
}

static struct wb_span of_phase(const char *what, const struct wb_record *record,
			       enum wb_phase phase)
{
	return (struct wb_span){ wb_phase_to_string(phase), what,
				 wb_record_phase_usec(record, phase), true, false };
}

void wb_report_spans(const struct wb_record *record, struct wb_span ret[WB_SPANS])
{
	const struct wb_confirmation *c = &record->confirmation;
	size_t n = 0;

	ret[n++] = of_phase("checks, image loaded", record, WB_PHASE_PREPARE);
	ret[n++] = of_phase("drivers put to rest", record, WB_PHASE_QUIESCE);
	ret[n++] = of_phase("record, sync, hand-over", record, WB_PHASE_COMMIT);
	ret[n++] = between("stop", "hand-over to the new kernel's first clock tick",
			   record->committed_usec, c->kernel_usec, true);
	ret[n++] = between("kernel", "kernel and initramfs", c->kernel_usec,
			   c->userspace_usec, false);
	ret[n++] = between("initramfs", "of that, in the initramfs", c->initramfs_usec,
			   c->switch_root_usec, false);
	ret[n++] = between("userspace", "until the boot had finished", c->userspace_usec,
			   c->finished_usec, false);
	ret[n++] = between("away", "hand-over to the end of the boot",
			   record->committed_usec, c->finished_usec, true);
}

static void format_time(uint64_t usec, char *text, size_t size)
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm;

	if (usec == 0 || !localtime_r(&seconds, &tm) ||
	    strftime(text, size, "%Y-%m-%d %H:%M:%S %Z", &tm) == 0)
		snprintf(text, size, "at an unknown time");
}

static void put_span(FILE *f, const struct wb_span *s)
{
	if (!s->known) {
		fprintf(f, "  %-10s        -   %s\n", s->name, s->what);
		return;
	}
	fprintf(f, "  %-10s %6ju.%01ju s%s %s\n", s->name,
		(uintmax_t)(s->usec / USEC_PER_SEC),
		(uintmax_t)(s->usec % USEC_PER_SEC / (USEC_PER_SEC / 10)),
		s->across ? " ±1" : "   ", s->what);
}

/* What the end of the run means, for somebody who was not there. */
static const char *const ends[_WB_END_MAX] = {
	[WB_END_RUNNING] = "not finished: it is still at work, or it was killed",
	[WB_END_HANDED_OVER] = "handed over, and no boot has confirmed it yet",
	[WB_END_REFUSED] = "refused by a hook; nothing was touched",
	[WB_END_UNDONE] = "failed and undone",
	[WB_END_UNDONE_WITH_LOSS] = "failed and undone, but for what ended for good",
	[WB_END_NOT_UNDONE] = "failed, and could not be undone wholly",
	[WB_END_COLD] = "no warm boot; an ordinary reboot followed instead",
	[WB_END_CONFIRMED] = "confirmed: the machine came back through kexec",
};

static const char *describe_end(const struct wb_record *record)
{
	if (record->end == WB_END_HANDED_OVER && record->confirmation.boot_id &&
	    record->failure)
		return "handed over; the machine is up again, but not through kexec";
	if (record->end == WB_END_HANDED_OVER && record->confirmation.boot_id)
		return "handed over; the machine is up again, but its kernel does not "
		       "say whether through kexec";
	return ends[record->end];
}

static void put_losses(FILE *f, const struct wb_record *record)
{
	_cleanup_strv_ char **lost = NULL;
	_cleanup_free_ char *list = NULL;

	if (wb_losses(record, &lost) >= 0 && lost)
		list = wb_strv_join(lost, ", ");
	/* Names of units below a user's manager are that user's. */
	if (list)
		wb_clean_text(list);
	if (list)
		fprintf(f, "  ended      %s\n", list);
}

static void put_head(FILE *f, const struct wb_record *record)
{
	char text[64];

	format_time(record->started_usec, text, sizeof(text));
	fprintf(f, "Warm boot %s\n\n", record->plan->id);
	fprintf(f, "  result     %s\n", describe_end(record));
	if (record->failure)
		fprintf(f, "  because    %s\n", record->failure);
	put_losses(f, record);
	fprintf(f, "  asked for  %s%s%s\n", text, record->user ? " by " : "",
		record->user ? record->user : "");
	if (record->foreign)
		fputs("  image      not warmboot's: loaded by whoever began the restart\n",
		      f);
	fprintf(f, "  kernel     %s -> %s\n", record->release ? record->release : "?",
		record->confirmation.release   ? record->confirmation.release
		: record->plan->kernel.version ? record->plan->kernel.version
					       : "?");
}

static void put_steps(FILE *f, const struct wb_record *record)
{
	fputs("\nSteps\n", f);
	for (size_t i = 0; i < record->plan->n_steps; i++) {
		const struct wb_step *s = &record->plan->steps[i];
		const struct wb_result *r = &record->results[i];

		fprintf(f, "  %-12s %6ju ms  %s %s%s%s\n",
			wb_outcome_to_string(r->outcome),
			(uintmax_t)(r->elapsed_usec / USEC_PER_MSEC),
			wb_step_kind_to_string(s->kind), s->target, r->detail ? ": " : "",
			r->detail ? r->detail : "");
	}
}

int wb_report_to_text(const struct wb_record *record, FILE *f)
{
	struct wb_span spans[WB_SPANS];

	put_head(f, record);
	fputs("\nTimes\n", f);
	wb_report_spans(record, spans);
	for (size_t i = 0; i < WB_SPANS; i++)
		put_span(f, &spans[i]);
	put_steps(f, record);
	return ferror(f) ? -EIO : 0;
}

struct json_object *wb_report_to_json(const struct wb_record *record)
{
	_cleanup_json_ struct json_object *o = wb_record_to_json(record);
	_cleanup_json_ struct json_object *times = json_object_new_object();
	struct wb_span spans[WB_SPANS];
	int r = o && times ? 0 : -ENOMEM;

	wb_report_spans(record, spans);
	for (size_t i = 0; r >= 0 && i < WB_SPANS; i++) {
		_cleanup_free_ char *key = wb_format("%s_usec", spans[i].name);

		if (!key)
			return NULL;
		r = spans[i].known ? wb_json_add_u64(times, key, spans[i].usec)
				   : wb_json_add_string(times, key, NULL);
	}
	if (r >= 0)
		r = wb_json_add(o, "times", TAKE_PTR(times));
	return r < 0 ? NULL : TAKE_PTR(o);
}
