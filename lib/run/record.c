/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/record.h"

#include <string.h>

#include "base/text.h"
#include "plan/plan-json.h"

static const char *const end_names[_WB_END_MAX] = {
	[WB_END_RUNNING] = "running",
	[WB_END_HANDED_OVER] = "handed-over",
	[WB_END_REFUSED] = "refused",
	[WB_END_UNDONE] = "undone",
	[WB_END_NOT_UNDONE] = "not-undone",
	[WB_END_COLD] = "cold",
	[WB_END_CONFIRMED] = "confirmed",
	[WB_END_UNDONE_WITH_LOSS] = "undone-with-loss",
};

const char *wb_end_to_string(enum wb_end end)
{
	return end_names[end];
}

struct wb_record *wb_record_new(struct wb_plan *plan)
{
	struct wb_record *record = calloc(1, sizeof(*record));

	if (!record) {
		wb_plan_free(plan);
		return NULL;
	}
	record->plan = plan;
	record->results = calloc(plan->n_steps + 1, sizeof(struct wb_result));
	if (!record->results) {
		wb_record_free(record);
		return NULL;
	}
	return record;
}

void wb_record_free(struct wb_record *record)
{
	if (!record)
		return;
	for (size_t i = 0; record->results && i < record->plan->n_steps; i++)
		wb_result_done(&record->results[i]);
	free(record->results);
	wb_plan_free(record->plan);
	free(record->user);
	free(record->session);
	free(record->release);
	free(record->boot_id);
	free(record->failure);
	free(record->confirmation.release);
	free(record->confirmation.boot_id);
	free(record);
}

char *wb_record_path(const char *id)
{
	return wb_format(WB_RECORD_FOLDER "/%s.json", id);
}

static int read_once(const struct wb_root *root, const char *path, char **ret)
{
	return *ret ? 0 : wb_root_read_line(root, path, ret);
}

int wb_record_name_boot(struct wb_record *record, const struct wb_root *root)
{
	int r = read_once(root, "proc/sys/kernel/random/boot_id", &record->boot_id);

	return r < 0 ? r : read_once(root, "proc/sys/kernel/osrelease", &record->release);
}

uint64_t wb_record_phase_usec(const struct wb_record *record, enum wb_phase phase)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < record->plan->n_steps; i++)
		if (record->plan->steps[i].phase == phase)
			sum += record->results[i].elapsed_usec;
	return sum;
}

/* --- writing ---------------------------------------------------------------------- */

static struct json_object *results_to_json(const struct wb_record *record)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < record->plan->n_steps; i++)
		if (wb_json_append(array, wb_result_to_json(&record->results[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

/* The single members, with where they are. */
static const struct {
	const char *key;
	size_t offset;
} strings[] = {
	{ "user", offsetof(struct wb_record, user) },
	{ "session", offsetof(struct wb_record, session) },
	{ "release", offsetof(struct wb_record, release) },
	{ "boot_id", offsetof(struct wb_record, boot_id) },
	{ "failure", offsetof(struct wb_record, failure) },
	{ "confirmed_release", offsetof(struct wb_record, confirmation.release) },
	{ "confirmed_boot_id", offsetof(struct wb_record, confirmation.boot_id) },
}, numbers[] = {
	{ "started_usec", offsetof(struct wb_record, started_usec) },
	{ "committed_usec", offsetof(struct wb_record, committed_usec) },
	{ "usual_usec", offsetof(struct wb_record, usual_usec) },
	{ "worry_usec", offsetof(struct wb_record, worry_usec) },
	{ "kernel_usec", offsetof(struct wb_record, confirmation.kernel_usec) },
	{ "initramfs_usec", offsetof(struct wb_record, confirmation.initramfs_usec) },
	{ "switch_root_usec", offsetof(struct wb_record, confirmation.switch_root_usec) },
	{ "userspace_usec", offsetof(struct wb_record, confirmation.userspace_usec) },
	{ "finished_usec", offsetof(struct wb_record, confirmation.finished_usec) },
};

struct json_object *wb_record_to_json(const struct wb_record *record)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	const char *base = (const char *)record;
	int r = o ? wb_json_add_string(o, "id", record->plan->id) : -ENOMEM;

	if (r >= 0)
		r = wb_json_add_string(o, "end", end_names[record->end]);
	if (r >= 0)
		r = wb_json_add_bool(o, "foreign", record->foreign);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(strings); i++)
		r = wb_json_add_string(o, strings[i].key,
				       *(char *const *)(base + strings[i].offset));
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(numbers); i++)
		r = wb_json_add_u64(o, numbers[i].key,
				    *(const uint64_t *)(base + numbers[i].offset));
	if (r >= 0)
		r = wb_json_add(o, "plan", wb_plan_to_json(record->plan));
	if (r >= 0)
		r = wb_json_add(o, "results", results_to_json(record));
	return r < 0 ? NULL : TAKE_PTR(o);
}

int wb_record_write(const struct wb_record *record, const struct wb_root *root,
		    const char *path)
{
	_cleanup_json_ struct json_object *o = wb_record_to_json(record);
	_cleanup_free_ char *text = o ? wb_json_to_text(o) : NULL;

	return text ? wb_root_replace(root, path, text) : -ENOMEM;
}

/* --- reading ---------------------------------------------------------------------- */

static int read_results(struct json_object *o, struct wb_record *record)
{
	struct json_object *array = wb_json_get_array(o, "results");
	int r = 0;

	if (!array || json_object_array_length(array) != record->plan->n_steps)
		return -EINVAL;
	for (size_t i = 0; r >= 0 && i < record->plan->n_steps; i++)
		r = wb_result_from_json(json_object_array_get_idx(array, i),
					&record->results[i]);
	return r;
}

static int read_members(struct json_object *o, struct wb_record *record)
{
	_cleanup_free_ char *end = NULL;
	char *base = (char *)record;
	int found, r = wb_json_get_string(o, "end", &end);

	if (r < 0)
		return r;
	found = wb_find_name(end_names, _WB_END_MAX, end);
	if (found < 0)
		return found;
	record->end = (enum wb_end)found;
	r = wb_json_get_bool(o, "foreign", &record->foreign);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(strings); i++)
		r = wb_json_get_string(o, strings[i].key,
				       (char **)(base + strings[i].offset));
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(numbers); i++)
		r = wb_json_get_u64(o, numbers[i].key,
				    (uint64_t *)(base + numbers[i].offset));
	return r;
}

static int record_from_json(struct json_object *o, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	struct json_object *plan_object;
	struct wb_plan *plan;
	int r;

	if (!json_object_object_get_ex(o, "plan", &plan_object))
		return -EINVAL;
	r = wb_plan_from_json(plan_object, &plan);
	if (r < 0)
		return r;
	record = wb_record_new(plan);
	if (!record)
		return -ENOMEM;
	r = read_members(o, record);
	if (r >= 0)
		r = read_results(o, record);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(record);
	return 0;
}

int wb_record_read(const struct wb_root *root, const char *path, struct wb_record **ret)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ struct json_object *o = NULL;
	int r = wb_root_read(root, path, &text, NULL);

	if (r < 0)
		return r;
	o = json_tokener_parse(text);
	return o ? record_from_json(o, ret) : -EINVAL;
}
