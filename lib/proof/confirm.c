/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proof/confirm.h"

#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "proof/history.h"
#include "proof/arrival.h"

#define BOOT_ID "proc/sys/kernel/random/boot_id"
#define RELEASE "proc/sys/kernel/osrelease"

/* A UUID and nothing that could be a path. */
static bool is_id(const char *id)
{
	return strlen(id) == 36 && strspn(id, "0123456789abcdef-") == 36;
}

static int save(struct wb_sys *sys, const struct wb_record *record)
{
	_cleanup_free_ char *path = wb_record_path(record->plan->id);

	return path ? wb_record_write(record, &sys->root, path) : -ENOMEM;
}

int wb_confirm_read(struct wb_sys *sys, const char *id, struct wb_record **ret)
{
	_cleanup_free_ char *path = NULL;
	int r;

	if (!is_id(id))
		return -EINVAL;
	path = wb_record_path(id);
	if (!path)
		return -ENOMEM;
	r = wb_record_read(&sys->root, path, ret);
	return r < 0 ? r : 1;
}

int wb_confirm_read_own(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_free_ char *cmdline = NULL, *id = NULL;
	int r = wb_root_read_line(&sys->root, "proc/cmdline", &cmdline);

	if (r < 0)
		return r;
	id = wb_cmdline_get(cmdline, "warmboot.id");
	return id ? wb_confirm_read(sys, id, ret) : 0;
}

/* With --force nobody was left to write down that the jump succeeded; being here is. */
static void complete_jump(struct wb_record *record)
{
	for (size_t i = 0; i < record->plan->n_steps; i++)
		if (record->plan->steps[i].kind == WB_STEP_KEXEC &&
		    record->results[i].outcome == WB_OUTCOME_RUNNING)
			record->results[i].outcome = WB_OUTCOME_DONE;
}

int wb_confirm_note_boot(struct wb_sys *sys, struct wb_record *record)
{
	struct wb_confirmation *c = &record->confirmation;
	int r = wb_root_read_line(&sys->root, BOOT_ID, &c->boot_id);

	if (r >= 0)
		r = wb_root_read_line(&sys->root, RELEASE, &c->release);
	return r < 0 ? r : save(sys, record);
}

int wb_confirm_arrival(struct wb_sys *sys, struct wb_record **ret)
{
	_cleanup_(wb_record_freep) struct wb_record *record = NULL;
	int r = wb_confirm_read_own(sys, &record);

	if (r <= 0)
		return r;
	if (record->end == WB_END_CONFIRMED)
		return 0;
	record->end = WB_END_CONFIRMED;
	complete_jump(record);
	r = wb_confirm_note_boot(sys, record);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(record);
	return 1;
}

int wb_confirm_times(struct wb_sys *sys, struct wb_record *record)
{
	struct wb_confirmation *c = &record->confirmation;
	const struct {
		const char *property;
		uint64_t *ret;
	} stamps[] = {
		{ "KernelTimestamp", &c->kernel_usec },
		{ "UserspaceTimestamp", &c->userspace_usec },
		{ "FinishTimestamp", &c->finished_usec },
	};
	struct wb_arrival stamp;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(stamps); i++)
		r = wb_bus_manager_stamp(stamps[i].property, stamps[i].ret);
	if (r >= 0 && wb_arrival_read(&sys->root, &stamp) >= 0)
		wb_arrival_apply(&stamp, c);
	return r < 0 ? r : save(sys, record);
}

int wb_confirm_prune(struct wb_sys *sys, size_t keep)
{
	_cleanup_(wb_history_done) struct wb_history history = { 0 };
	int r = wb_history_read(&sys->root, &history);

	for (size_t i = keep; r >= 0 && i < history.n; i++) {
		_cleanup_free_ char *path = wb_record_path(history.records[i]->plan->id);

		r = path ? wb_root_remove(&sys->root, path) : -ENOMEM;
	}
	return r;
}
