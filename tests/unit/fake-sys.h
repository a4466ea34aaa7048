/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A machine that writes down what is done to it. Acts are a line each in the trace; one
 * that stands in the script fails, or counts, as it says there.
 */

#include "sys/sys.h"

struct fake_rule {
	const char *act; /* the line in the trace */
	int result;      /* negative errno; of a spawn: its exit status */
	int times;       /* that often from the first time in the trace on; 0: always */
};

struct fake_sys {
	struct wb_sys sys;
	char folder[32]; /* the root */
	char *trace;     /* lines; valid after fake_trace() */
	FILE *stream;
	struct fake_rule *rules; /* ends with act NULL */
	const char *target;
	const char *raise_at; /* SIGTERM comes during this act */
	pid_t run;            /* to whom */
	/* What else an act brings about; or NULL. */
	void (*on_act)(struct fake_sys *fake, const char *act);
	void (*on_done)(struct fake_sys *fake);
	bool interruptible; /* a pause ends with a signal, as a real one does */
	pid_t opened;       /* by process_open */
	uint32_t job;       /* that each unit waits for; 0: none */
};

/* Who hangs in a driver, where the script says -ETIMEDOUT. */
#define FAKE_STUCK_PID 4711

void fake_begin(struct fake_sys *fake);
void fake_end(struct fake_sys *fake);
/* A file below the root, with its folders. */
void fake_file(struct fake_sys *fake, const char *path, const char *text);
/* Whether a unit runs. */
void fake_unit(struct fake_sys *fake, const char *unit, bool active);
/* A link that stands there as it is. */
void fake_link(struct fake_sys *fake, const char *path, const char *target);
/* A file, or a folder with all that is in it. */
void fake_remove(struct fake_sys *fake, const char *path);
/* What was done so far counts no more. */
void fake_forget_trace(struct fake_sys *fake);
const char *fake_trace(struct fake_sys *fake);
