/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A run on a machine that writes down what is done to it, of steps that a test adds. */

#include "fake-sys.h"
#include "run/run.h"

#define SCENE_ID "11111111-2222-3333-4444-555555555555"

struct scene {
	struct fake_sys fake;
	struct wb_plan *plan; /* the record's */
	struct wb_record *record;
	uint64_t margin_usec; /* as in struct wb_run */
};

/* For cmocka_unit_test_setup_teardown(): *state is a scene with an empty plan. */
int scene_set_up(void **state);
int scene_tear_down(void **state);

/* A step of the phase quiesce, required, with a limit of a fifth of a second; or of
 * another phase. Valid until the next one is added. */
struct wb_step *scene_add(struct scene *scene, enum wb_step_kind kind,
			  const char *target);
struct wb_step *scene_add_phase(struct scene *scene, enum wb_phase phase,
				enum wb_step_kind kind, const char *target);
/* The last step of quiesce that always fails: all before it are undone. */
void scene_fail_at_the_end(struct scene *scene);
enum wb_end scene_run(struct scene *scene, struct fake_rule *rules);
/*
 * What the record in /run said when @act was about to happen, as one who comes after a
 * SIGKILL finds it, is restored. The acts of that alone are in the trace then. 0 or
 * what wb_run_restore() gave.
 */
int scene_restore_from(struct scene *scene, const char *record_text);
/* /run/warmboot/record.json; the caller's. */
char *scene_record_text(struct scene *scene);

/* A PCI device with a driver (NULL: none) and, where @override is not NULL, that
 * attribute. */
void scene_pci(struct scene *scene, const char *id, const char *driver,
	       const char *override);
/* The driver that it has now, or "". The caller's. */
char *scene_driver(struct scene *scene, const char *id);
/* A process that has the node "c 226:0" open at /dev/dri/card0. */
void scene_holder(struct scene *scene, int pid, const char *comm, const char *cgroup);
