/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

static const char *const severity_names[_WB_SEVERITY_MAX] = {
	[WB_INFO] = "info",
	[WB_WARNING] = "warning",
	[WB_BLOCKER] = "blocker",
	[WB_IGNORED] = "ignored",
};

const char *wb_severity_to_string(enum wb_severity severity)
{
	return severity_names[severity];
}

int wb_severity_from_string(const char *word)
{
	return wb_find_name(severity_names, _WB_SEVERITY_MAX, word);
}

static void finding_done(struct wb_finding *f)
{
	free(f->subject);
	free(f->message);
	free(f->check);
}

/* Takes ownership of @message. */
static int findings_consume(struct wb_findings *list, enum wb_severity severity,
			    const char *subject, char *message, bool veto)
{
	struct wb_finding f = {
		.severity = severity,
		.subject = strdup(subject),
		.message = message,
		.veto = veto,
	};
	struct wb_finding *grown;

	grown = reallocarray(list->items, list->n + 1, sizeof(f));
	if (grown)
		list->items = grown;
	if (!grown || !f.subject || !f.message) {
		finding_done(&f);
		return -ENOMEM;
	}
	/* Names in it may be of users' making. */
	wb_clean_text(f.message);
	list->items[list->n++] = f;
	return 0;
}

int wb_findings_add(struct wb_findings *list, enum wb_severity severity,
		    const char *subject, const char *format, ...)
{
	char *message = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&message, format, ap);
	va_end(ap);
	return findings_consume(list, severity, subject, r < 0 ? NULL : message, false);
}

int wb_findings_add_veto(struct wb_findings *list, const char *subject,
			 const char *format, ...)
{
	char *message = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&message, format, ap);
	va_end(ap);
	return findings_consume(list, WB_BLOCKER, subject, r < 0 ? NULL : message, true);
}

int wb_findings_advise(struct wb_findings *list, int r, const char *format, ...)
{
	_cleanup_free_ char *hint = NULL;
	struct wb_finding *f;
	size_t length;
	va_list ap;

	if (r < 0)
		return r;
	f = &list->items[list->n - 1];
	va_start(ap, format);
	r = vasprintf(&hint, format, ap);
	va_end(ap);
	if (r < 0) {
		hint = NULL;
		return -ENOMEM;
	}
	length = strlen(f->message);
	r = wb_set_format(&f->message, "%s; %s", f->message, wb_clean_text(hint));
	if (r >= 0)
		f->hint = length + strlen("; ");
	return r;
}

int wb_findings_name(struct wb_findings *list, size_t first, const char *check)
{
	for (size_t i = first; i < list->n; i++) {
		if (list->items[i].check)
			continue;
		list->items[i].check = strdup(check);
		if (!list->items[i].check)
			return -ENOMEM;
	}
	return 0;
}

const char *wb_finding_hint(const struct wb_finding *finding)
{
	return finding->hint > 0 ? finding->message + finding->hint : NULL;
}

char *wb_finding_sentence(const struct wb_finding *finding)
{
	return finding->hint > 0 ? strndup(finding->message, finding->hint - strlen("; "))
				 : strdup(finding->message);
}

int wb_findings_join(struct wb_findings *list, const struct wb_findings *from)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < from->n; i++) {
		const struct wb_finding *f = &from->items[i];

		r = findings_consume(list, f->severity, f->subject, strdup(f->message),
				     f->veto);
		if (r >= 0)
			list->items[list->n - 1].hint = f->hint;
		if (r >= 0 && f->check)
			r = wb_findings_name(list, list->n - 1, f->check);
	}
	return r;
}

const struct wb_finding *wb_findings_blocker(const struct wb_findings *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].severity == WB_BLOCKER)
			return &list->items[i];
	return NULL;
}

const struct wb_finding *wb_findings_veto(const struct wb_findings *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].veto)
			return &list->items[i];
	return NULL;
}

void wb_findings_done(struct wb_findings *list)
{
	for (size_t i = 0; i < list->n; i++)
		finding_done(&list->items[i]);
	free(list->items);
	*list = (struct wb_findings){ 0 };
}
