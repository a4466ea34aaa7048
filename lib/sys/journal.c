/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/journal.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include "base/text.h"

struct wb_journal {
	sd_journal *handle;
};

#define FIELDS_MAX 16

struct entry {
	char *fields[FIELDS_MAX];
	int n;
};

/* Out of memory leaves a field out: the words matter most, and come first. */
static void put(struct entry *e, char *field)
{
	if (field && e->n < FIELDS_MAX)
		e->fields[e->n++] = field;
	else
		free(field);
}

/* Nobody is left to be told where the journal itself fails. */
static void flush(struct entry *e)
{
	struct iovec vector[FIELDS_MAX];

	for (int i = 0; i < e->n; i++)
		vector[i] = (struct iovec){ e->fields[i], strlen(e->fields[i]) };
	(void)sd_journal_sendv(vector, e->n);
	while (e->n > 0)
		free(e->fields[--e->n]);
}

static void put_message(struct entry *e, const char *id, const struct wb_message *m)
{
	put(e, wb_format("MESSAGE=%s", m->text));
	put(e, wb_format("PRIORITY=%i", m->level));
	if (id)
		put(e, wb_format(WB_JOURNAL_ID "=%s", id));
	if (m->event != WB_EVENT_NONE)
		put(e, wb_format("MESSAGE_ID=%s", wb_event_id(m->event)));
}

void wb_journal_sink(const struct wb_message *message, void *userdata)
{
	struct entry entry = { 0 };

	put_message(&entry, userdata, message);
	for (char *const *field = message->fields; field && *field; field++)
		put(&entry, strdup(*field));
	flush(&entry);
}

void wb_journal_end(const char *id, enum wb_event event, int exit_status,
		    const char *message)
{
	struct wb_message last = {
		.level = exit_status == 0 ? LOG_NOTICE : LOG_ERR,
		.text = message,
		.event = event,
	};
	struct entry entry = { 0 };

	put_message(&entry, id, &last);
	put(&entry, wb_format(WB_JOURNAL_EXIT "=%i", exit_status));
	flush(&entry);
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
	/* Everybody may write to the journal, and everybody can read the id. */
	if (r >= 0)
		r = sd_journal_add_match(journal->handle, "_UID=0", 0);
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

static uint64_t field_number(sd_journal *handle, const char *name, uint64_t max,
			     uint64_t fallback)
{
	_cleanup_free_ char *text = field(handle, name);
	uint64_t value;

	if (!text || wb_parse_u64(text, 10, &value) < 0 || value > max)
		return fallback;
	return value;
}

static int exit_status(sd_journal *handle)
{
	uint64_t status = field_number(handle, WB_JOURNAL_EXIT, 255, UINT64_MAX);

	return status == UINT64_MAX ? -1 : (int)status;
}

static enum wb_event event(sd_journal *handle)
{
	_cleanup_free_ char *id = field(handle, "MESSAGE_ID");

	return wb_event_from_id(id);
}

int wb_journal_next(struct wb_journal *journal, struct wb_journal_entry *ret)
{
	int r = sd_journal_process(journal->handle);

	if (r >= 0)
		r = sd_journal_next(journal->handle);
	if (r <= 0)
		return r;
	*ret = (struct wb_journal_entry){
		.level = (int)field_number(journal->handle, "PRIORITY", 7, LOG_INFO),
		.message = field(journal->handle, "MESSAGE"),
		.event = event(journal->handle),
		.step = (unsigned int)field_number(journal->handle, "WARMBOOT_STEP",
						   UINT_MAX, 0),
		.outcome = field(journal->handle, "WARMBOOT_OUTCOME"),
		.elapsed_usec = field_number(journal->handle, "WARMBOOT_ELAPSED_USEC",
					     UINT64_MAX, 0),
		.exit_status = exit_status(journal->handle),
	};
	if (ret->message)
		return 1;
	wb_journal_entry_done(ret);
	return -ENOMEM;
}

void wb_journal_entry_done(struct wb_journal_entry *entry)
{
	free(entry->message);
	free(entry->outcome);
	*entry = (struct wb_journal_entry){ 0 };
}
