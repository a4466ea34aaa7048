/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The plan is a value: plan, --dry-run, --json, the tests and the execution all use it,
 * and nobody changes it once it is built. No I/O in this folder.
 */

#include <errno.h>
#include <stdint.h>

#include "base/finding.h"
#include "facts/facts.h"

enum wb_phase {
	WB_PHASE_PREPARE, /* nobody notices; a refusal costs nothing */
	WB_PHASE_QUIESCE, /* visible, and undone when something fails */
	WB_PHASE_COMMIT,  /* there is only forward */
	WB_PHASE_LATE,    /* when systemd has stopped everything */
	WB_PHASE_EXITRD,  /* when the root is unmounted, from the shutdown initramfs */
	WB_PHASE_CONFIRM, /* in the next boot */
	_WB_PHASE_MAX,
};

enum wb_step_kind {
	WB_STEP_RUN_HOOK,
	WB_STEP_LOAD_KERNEL,
	WB_STEP_ISOLATE,
	WB_STEP_STOP_UNIT,
	WB_STEP_RELEASE_DEVICES,
	WB_STEP_UNBIND_CONSOLE,
	WB_STEP_BLOCK_MODULES,
	WB_STEP_UNBIND_DEVICE,
	WB_STEP_REMOVE_MODULE,
	WB_STEP_WRITE_RECORD,
	WB_STEP_SYNC,
	WB_STEP_KEXEC,
	_WB_STEP_KIND_MAX,
};

/* A file in memory for the program of a step, made of pieces one behind the other. */
struct wb_input {
	struct wb_piece *pieces;
	size_t n_pieces;
};

/* Where the program finds the first; the others follow. */
#define WB_INPUT_FD 3

struct wb_step {
	enum wb_step_kind kind;
	enum wb_phase phase;
	char *target;            /* a kernel, unit, module, hook, console, file; a device
				  * as "pci 0000:00:03.0" */
	char **argv;             /* what will be executed, or NULL */
	char **undo_argv;        /* what undoes it, or NULL */
	char **environment;      /* of argv and undo_argv */
	char **devices;          /* "c 226:0": nodes to be released */
	char **held_by;          /* who has them now, one a line, to be read */
	char **spare;            /* units with devices that stay for a later step */
	char **modules;          /* that are not to be loaded meanwhile */
	struct wb_input *inputs; /* argv names them /proc/self/fd/3, ... */
	size_t n_inputs;
	struct wb_stamp *files; /* what the plan was made of: if one changed, it fails */
	size_t n_files;
	char *because;
	uint64_t timeout_usec;
	unsigned int group; /* neighbours of one number go at the same time; 0: alone */
	bool kill;          /* SIGKILL, too, for a process without a unit */
	bool look_only; /* of release-devices: nobody is ended, any holder is a failure */
	bool required;  /* a failure stops the plan */
};

struct wb_plan {
	char *id;
	struct wb_kernel kernel; /* with the options that it will get */
	struct wb_step *steps;
	size_t n_steps;
	struct wb_findings findings;
	bool reboot; /* where it cannot be done, an ordinary reboot instead */
};

/* Append a step with everything but its argv, for the caller to complete; NULL without
 * memory. Valid until the next is added. */
struct wb_step *wb_plan_add(struct wb_plan *plan, enum wb_phase phase,
			    enum wb_step_kind kind, const char *target,
			    uint64_t timeout_usec, const char *because, ...)
	_printf_(6, 7);
/* Append a file in memory with a copy of @piece, the first of its pieces; NULL without
 * memory. */
struct wb_input *wb_step_add_input(struct wb_step *step, const struct wb_piece *piece);
void wb_plan_free(struct wb_plan *plan);

const char *wb_phase_to_string(enum wb_phase phase);
const char *wb_step_kind_to_string(enum wb_step_kind kind);
/* -EINVAL for a word that is none. */
int wb_phase_from_string(const char *word);
int wb_step_kind_from_string(const char *word);

static inline void wb_plan_freep(struct wb_plan **plan)
{
	wb_plan_free(*plan);
}
