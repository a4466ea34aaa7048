/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/history.h"

#include <string.h>

#include "base/strv.h"
#include "base/text.h"

static int by_time(const void *a, const void *b)
{
	const struct wb_record *x = *(struct wb_record *const *)a;
	const struct wb_record *y = *(struct wb_record *const *)b;

	return x->started_usec < y->started_usec   ? 1
	       : x->started_usec > y->started_usec ? -1
						   : 0;
}

static int read_one(const struct wb_root *root, const char *name,
		    struct wb_history *history)
{
	_cleanup_free_ char *path = NULL;
	int r;

	if (*name == '.' || !wb_endswith(name, ".json"))
		return 0;
	path = wb_format(WB_RECORD_FOLDER "/%s", name);
	if (!path)
		return -ENOMEM;
	r = wb_record_read(root, path, &history->records[history->n]);
	if (r >= 0)
		history->n++;
	return r == -ENOMEM ? r : 0;
}

int wb_history_read(const struct wb_root *root, struct wb_history *ret)
{
	struct wb_history history = { 0 };
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, WB_RECORD_FOLDER, &names);

	if (r < 0 && r != -ENOENT)
		return r;
	history.records = calloc(wb_strv_length(names) + 1, sizeof(*history.records));
	r = history.records ? 0 : -ENOMEM;
	for (char **name = names; r >= 0 && name && *name; name++)
		r = read_one(root, *name, &history);
	if (r < 0) {
		wb_history_done(&history);
		return r;
	}
	qsort(history.records, history.n, sizeof(*history.records), by_time);
	*ret = history;
	return 0;
}

void wb_history_done(struct wb_history *history)
{
	for (size_t i = 0; i < history->n; i++)
		wb_record_free(history->records[i]);
	free(history->records);
	*history = (struct wb_history){ 0 };
}

const struct wb_record *wb_history_find(const struct wb_history *history,
					const char *prefix)
{
	for (size_t i = 0; i < history->n; i++)
		if (!prefix || wb_startswith(history->records[i]->plan->id, prefix))
			return history->records[i];
	return NULL;
}
