/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a run did: the plan with a result for each step, and how it ended. Kept in
 * /run/warmboot while it goes on and in /var/lib/warmboot for the next boot.
 */

#include "base/json.h"
#include "facts/state.h"
#include "plan/plan.h"
#include "run/result.h"
#include "sys/root.h"

#define WB_RECORD_FOLDER "/var/lib/warmboot"
#define WB_RECORD_LIVE   "/" WB_LIVE_PATH

/* How a run ended. */
enum wb_end {
	WB_END_RUNNING,     /* not yet; or it was killed */
	WB_END_HANDED_OVER, /* systemd, or with --force the kernel, has it */
	WB_END_REFUSED,     /* by a hook's veto, before anything was touched */
	WB_END_UNDONE,
	WB_END_UNDONE_WITH_LOSS, /* but for what nobody can start again: run/loss.h */
	WB_END_NOT_UNDONE,       /* failed, and could not be undone wholly */
	WB_END_COLD,             /* refused or failed: an ordinary reboot instead */
	WB_END_CONFIRMED,        /* the next boot said so */
	_WB_END_MAX,
};

/* What the next boot adds. Times are CLOCK_REALTIME; 0: not known. */
struct wb_confirmation {
	char *release;
	char *boot_id;
	uint64_t kernel_usec;    /* the new kernel's clock began */
	uint64_t initramfs_usec; /* its initramfs was reached, and left again */
	uint64_t switch_root_usec;
	uint64_t userspace_usec; /* its initramfs was done */
	uint64_t finished_usec;  /* its boot had finished */
};

struct wb_record {
	struct wb_plan *plan;
	struct wb_result *results; /* one for each step */
	char *user;                /* who asked, and from where */
	char *session; /* of logind that they came by, over the network; NULL: none */
	char *release; /* the kernel it began in */
	char *boot_id;
	uint64_t started_usec;   /* CLOCK_REALTIME */
	uint64_t committed_usec; /* when it was handed over; 0: never */
	uint64_t usual_usec;     /* how long it is away, from there on; 0: not known */
	uint64_t worry_usec;     /* after that time somebody should look; 0: not known */
	/* systemd was restarting the machine already, into an image that somebody else
	 * loaded: run/foreign.h. */
	bool foreign;
	enum wb_end end;
	char *failure; /* the sentence of the step that failed */
	struct wb_confirmation confirmation;
};

/* Takes ownership of @plan, also where it returns NULL. */
struct wb_record *wb_record_new(struct wb_plan *plan);
void wb_record_free(struct wb_record *record);
/* "/var/lib/warmboot/ID.json"; the caller's. */
char *wb_record_path(const char *id);
/* Which boot and which kernel it begins in, unless it says so already. */
_must_check_ int wb_record_name_boot(struct wb_record *record,
				     const struct wb_root *root);
/* Write it to @path, on disk when it returns. */
_must_check_ int wb_record_write(const struct wb_record *record,
				 const struct wb_root *root, const char *path);
_must_check_ int wb_record_read(const struct wb_root *root, const char *path,
				struct wb_record **ret);
/* The JSON of a record, which is an interface (warmboot(8)). The caller's. */
struct json_object *wb_record_to_json(const struct wb_record *record);
/* The time that the steps of a phase took. */
uint64_t wb_record_phase_usec(const struct wb_record *record, enum wb_phase phase);

const char *wb_end_to_string(enum wb_end end);

static inline void wb_record_freep(struct wb_record **record)
{
	wb_record_free(*record);
}
