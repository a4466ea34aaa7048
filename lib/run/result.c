/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/result.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"

static const char *const outcome_names[_WB_OUTCOME_MAX] = {
	[WB_OUTCOME_PENDING] = "pending",
	[WB_OUTCOME_RUNNING] = "running",
	[WB_OUTCOME_DONE] = "done",
	[WB_OUTCOME_SKIPPED] = "skipped",
	[WB_OUTCOME_FAILED] = "failed",
	[WB_OUTCOME_UNDONE] = "undone",
	[WB_OUTCOME_UNDO_FAILED] = "undo-failed",
};

const char *wb_outcome_to_string(enum wb_outcome outcome)
{
	return outcome_names[outcome];
}

void wb_result_done(struct wb_result *result)
{
	free(result->detail);
	wb_strv_free(result->saved);
	wb_strv_free(result->lost);
	*result = (struct wb_result){ 0 };
}

struct json_object *wb_result_to_json(const struct wb_result *result)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? 0 : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_string(o, "outcome", outcome_names[result->outcome]);
	if (r >= 0)
		r = wb_json_add(o, "error", json_object_new_int(result->error));
	if (r >= 0)
		r = wb_json_add_u64(o, "elapsed_usec", result->elapsed_usec);
	if (r >= 0)
		r = wb_json_add_string(o, "detail", result->detail);
	if (r >= 0)
		r = wb_json_add_strv(o, "saved", result->saved);
	if (r >= 0)
		r = wb_json_add_strv(o, "lost", result->lost);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static int find_outcome(const char *word)
{
	for (int i = 0; word && i < _WB_OUTCOME_MAX; i++)
		if (strcmp(outcome_names[i], word) == 0)
			return i;
	return -EINVAL;
}

int wb_result_from_json(struct json_object *o, struct wb_result *result)
{
	_cleanup_free_ char *outcome = NULL;
	struct json_object *error;
	int found, r = wb_json_get_string(o, "outcome", &outcome);

	if (r < 0)
		return r;
	found = find_outcome(outcome);
	if (found < 0)
		return found;
	result->outcome = (enum wb_outcome)found;
	if (!json_object_object_get_ex(o, "error", &error) ||
	    !json_object_is_type(error, json_type_int))
		return -EINVAL;
	result->error = json_object_get_int(error);
	r = wb_json_get_u64(o, "elapsed_usec", &result->elapsed_usec);
	if (r >= 0)
		r = wb_json_get_string(o, "detail", &result->detail);
	if (r >= 0)
		r = wb_json_get_strv(o, "saved", &result->saved);
	return r < 0 ? r : wb_json_get_strv(o, "lost", &result->lost);
}
