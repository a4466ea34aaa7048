/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/journal.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "base/text.h"

struct wb_journal {
	sd_journal *handle;
};

void wb_journal_sink(int level, const char *message, void *userdata)
{
	/* Nobody is left to be told where the journal itself fails. */
	(void)sd_journal_send("MESSAGE=%s", message, "PRIORITY=%i", level,
			      WB_JOURNAL_ID "=%s", (const char *)userdata, NULL);
}

void wb_journal_end(const char *id, int exit_status, const char *message)
{
	(void)sd_journal_send("MESSAGE=%s", message, "PRIORITY=%i",
			      exit_status == 0 ? LOG_NOTICE : LOG_ERR,
			      WB_JOURNAL_ID "=%s", id, WB_JOURNAL_EXIT "=%i", exit_status,
			      NULL);
}

int wb_journal_open(const char *id, struct wb_journal **ret)
{
	_cleanup_free_ char *match = wb_format(WB_JOURNAL_ID "=%s", id);
	struct wb_journal *journal = calloc(1, sizeof(*journal));
	int r = match && journal ? 0 : -ENOMEM;

	if (r >= 0)
		r = sd_journal_open(&journal->handle, SD_JOURNAL_LOCAL_ONLY);
	if (r >= 0)
		r = sd_journal_add_match(journal->handle, match, 0);
	/* The id is new, so everything that carries it is ours to show. */
	if (r >= 0)
		r = sd_journal_seek_head(journal->handle);
	/* Asking for the descriptor arms the watch: nothing is missed from here on. */
	if (r >= 0)
		r = sd_journal_get_fd(journal->handle);
	if (r < 0) {
		wb_journal_close(journal);
		return r;
	}
	*ret = journal;
	return 0;
}

void wb_journal_close(struct wb_journal *journal)
{
	if (!journal)
		return;
	sd_journal_close(journal->handle);
	free(journal);
}

int wb_journal_fd(struct wb_journal *journal)
{
	return sd_journal_get_fd(journal->handle);
}

/* A field's value, or NULL. The caller's. */
static char *field(sd_journal *handle, const char *name)
{
	const void *data;
	size_t size, skip = strlen(name) + 1;

	if (sd_journal_get_data(handle, name, &data, &size) < 0 || size < skip)
		return NULL;
	return strndup((const char *)data + skip, size - skip);
}

static int field_number(sd_journal *handle, const char *name, int fallback)
{
	_cleanup_free_ char *text = field(handle, name);
	uint64_t value;

	if (!text || wb_parse_u64(text, 10, &value) < 0 || value > 255)
		return fallback;
	return (int)value;
}

int wb_journal_next(struct wb_journal *journal, struct wb_journal_entry *ret)
{
	int r = sd_journal_process(journal->handle);

	if (r >= 0)
		r = sd_journal_next(journal->handle);
	if (r <= 0)
		return r;
	*ret = (struct wb_journal_entry){
		.level = field_number(journal->handle, "PRIORITY", LOG_INFO),
		.message = field(journal->handle, "MESSAGE"),
		.exit_status = field_number(journal->handle, WB_JOURNAL_EXIT, -1),
	};
	return ret->message ? 1 : -ENOMEM;
}
