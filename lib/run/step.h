/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a kind of step is made of. Each stands in a file of its own, step-KIND.c. */

#include "run/run.h"

struct wb_step_ops {
	const char *doing;   /* "loading %s" */
	const char *undoing; /* "unloading %s"; NULL where there is nothing to undo */
	/* What is said in its place where @run did not come so far: "%s has stayed", or
	 * NULL where it did. NULL: it always does. */
	const char *(*stayed)(struct wb_run *run, const struct wb_step *step,
			      const struct wb_result *result);
	bool undo_first; /* it stands in the way of the other undos */
	bool may_freeze; /* drivers are taken away: not every machine survives it */
	bool may_hang;   /* it reads or writes what may never answer */
	/* How much longer than the limits of the step its undo may take, for what is in
	 * result->saved; NULL: no longer. */
	uint64_t (*undo_usec)(const struct wb_step *step, const struct wb_result *result);
	/* 0, 1 where there was nothing to do, or what wb_step_fail() returned. */
	int (*run)(struct wb_run *run, const struct wb_step *step,
		   struct wb_result *result);
	/* Also called after a run() that failed half way. */
	int (*undo)(struct wb_run *run, const struct wb_step *step,
		    struct wb_result *result);
};

extern const struct wb_step_ops wb_step_run_hook;
extern const struct wb_step_ops wb_step_load_kernel;
extern const struct wb_step_ops wb_step_isolate;
extern const struct wb_step_ops wb_step_stop_unit;
extern const struct wb_step_ops wb_step_release_devices;
extern const struct wb_step_ops wb_step_unbind_console;
extern const struct wb_step_ops wb_step_block_modules;
extern const struct wb_step_ops wb_step_unbind_device;
extern const struct wb_step_ops wb_step_remove_module;
extern const struct wb_step_ops wb_step_write_record;
extern const struct wb_step_ops wb_step_sync;
extern const struct wb_step_ops wb_step_kexec;

/* The one place where a failure is said: logs the sentence and keeps it in the result.
 * Returns @error, a negative errno. */
int wb_step_fail(struct wb_result *result, int error, const char *format, ...)
	_printf_(3, 4);

/*
 * Note the result as it is, before the act that result->saved undoes: whoever is killed
 * in the middle leaves enough behind. An error, which is said and in the result, where it
 * cannot be noted and all can still be undone: then there is to be no act. After the
 * quiesce phase there is only forward, and a warning.
 */
int wb_step_note(struct wb_run *run, struct wb_result *result);
/* ": its process 4711 hangs in drm_dev_unplug" for the end of a sentence; "" where there
 * is none (0). The caller's, NULL without memory. */
char *wb_step_where(struct wb_run *run, pid_t stuck);

/* Run argv of a step with its environment and the files in @fds, one for each of its
 * inputs (or NULL); output lines go to the log after @prefix. As wb_spawn(), which says
 * what @expendable is. */
_must_check_ int wb_step_spawn(struct wb_run *run, const struct wb_step *step,
			       char *const *argv, const int *fds, bool expendable,
			       const char *prefix, struct wb_spawn_result *ret);
/* The nodes that the step names, as the caller's; -EINVAL for what is none. */
_must_check_ int wb_step_nodes(const struct wb_step *step, struct wb_node **ret,
			       size_t *ret_n);
