/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample-record.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "unit.h"

static void add_step(struct wb_plan *plan, enum wb_phase phase, enum wb_step_kind kind)
{
	assert_non_null(wb_plan_add(plan, phase, kind, "target", 1000000, "because"));
}

struct wb_record *sample_record(const char *id, uint64_t started_usec)
{
	struct wb_plan *plan = calloc(1, sizeof(*plan));
	struct wb_record *r;

	plan->id = strdup(id);
	plan->kernel.linux = strdup("/boot/vmlinuz");
	plan->kernel.version = strdup("6.1.1");
	add_step(plan, WB_PHASE_PREPARE, WB_STEP_LOAD_KERNEL);
	add_step(plan, WB_PHASE_QUIESCE, WB_STEP_ISOLATE);
	add_step(plan, WB_PHASE_QUIESCE, WB_STEP_REMOVE_MODULE);
	add_step(plan, WB_PHASE_COMMIT, WB_STEP_KEXEC);
	r = wb_record_new(plan);
	assert_non_null(r);
	r->user = strdup("alice on /dev/pts/0");
	r->release = strdup("6.1.0");
	r->boot_id = strdup("boot-1");
	r->failure = strdup("cannot remove \"nvidia\"");
	r->started_usec = started_usec;
	r->committed_usec = started_usec + 3000000;
	r->usual_usec = 34000000;
	r->worry_usec = 214000000;
	r->end = WB_END_UNDONE;
	r->confirmation = (struct wb_confirmation){
		.release = strdup("6.1.1"),
		.boot_id = strdup("boot-2"),
		.kernel_usec = started_usec + 5000000,
		.userspace_usec = started_usec + 7500000,
		.finished_usec = started_usec + 12000000,
	};
	r->results[0] =
		(struct wb_result){ .outcome = WB_OUTCOME_DONE, .elapsed_usec = 100 };
	r->results[1] =
		(struct wb_result){ .outcome = WB_OUTCOME_UNDONE, .elapsed_usec = 20 };
	r->results[2] = (struct wb_result){ .outcome = WB_OUTCOME_FAILED,
					    .error = -EBUSY,
					    .elapsed_usec = 3,
					    .detail = strdup("in use") };
	assert_int_equal(wb_strv_split(&r->results[1].saved,
				       "graphical.target a.service"),
			 0);
	return r;
}

char *record_text(const struct wb_record *record)
{
	_cleanup_json_ struct json_object *o = wb_record_to_json(record);

	assert_non_null(o);
	return wb_json_to_text(o);
}
