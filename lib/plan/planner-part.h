/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the parts of the planner share while a plan is built. */

#include "plan/check.h"
#include "facts/hook-match.h"
#include "plan/judgement.h"
#include "plan/plan.h"
#include "plan/removal.h"

/* What goes for the sake of no hook, in the plan. */
#define WB_FAMILY_OF_NONE "other modules"

/* A device that its driver is to let go of. */
struct wb_unbinding {
	const struct wb_device *device;
	const struct wb_judgement *judgement;
	enum wb_phase phase;
	unsigned int level; /* those of one level have nothing to do with each other */
};

struct wb_planner {
	const struct wb_check_input *in;
	const struct wb_facts *facts;
	struct wb_judgements judgements;
	struct wb_removals removals;
	struct wb_unbinding *unbindings; /* by phase, and what is inside before */
	size_t n_unbindings;
	unsigned int n_groups;
	struct wb_plan *plan;
};

/* planner-holders.c: who holds what a hook does not let go of is a reason not to begin.
 */
_must_check_ int wb_planner_check_holders(struct wb_planner *p);
/* And look again, as the last thing before anything is touched. */
_must_check_ int wb_planner_add_looks(struct wb_planner *p);
/* Append "qemu-system-x86 (pid 812, machine-vm1.scope, /dev/kvm)", each process once:
 * those of the units @only, or of all others; NULL: all. */
_must_check_ int wb_planner_list_holders(const struct wb_facts *facts,
					 const struct wb_node *nodes, size_t n,
					 char *const *only, char *const *except,
					 char ***ret);
/* Append what is ended with them, each once: "gpu-job.service", "session-3.scope". */
_must_check_ int wb_planner_list_owners(const struct wb_facts *facts,
					const struct wb_node *nodes, size_t n,
					char *const *except, char ***ret);
/* planner-engine.c: what would start a container again that holds such devices. */
_must_check_ int wb_planner_add_engine_stops(struct wb_planner *p);
/* The code of all hooks that have something to do here, in this phase. */
_must_check_ int wb_planner_add_hooks(struct wb_planner *p, enum wb_phase phase);

/* planner-quiesce.c: the way down: target, units, devices, hooks, consoles, drivers. */
_must_check_ int wb_planner_add_quiesce(struct wb_planner *p);
/* planner-release.c: whoever holds what has to go, family by family: mounts and swap,
 * then processes. */
_must_check_ int wb_planner_add_releases(struct wb_planner *p);
/* The devices of a step. */
_must_check_ int wb_planner_append_nodes(struct wb_step *s, const struct wb_node *nodes,
					 size_t n);
/* A step that stops @unit. */
struct wb_step *wb_planner_add_unit_stop(struct wb_planner *p, const char *unit,
					 const char *because, ...) _printf_(3, 4);
/* planner-family.c: is there anything of this hook, or of none, that goes in quiesce? */
bool wb_planner_family_goes(const struct wb_planner *p, const struct wb_hook *hook);
/* Is nobody to hold its devices by then? */
bool wb_planner_family_releases(const struct wb_planner *p, const struct wb_hook *hook);
/* Does a step that concerns it have to succeed? */
bool wb_planner_family_is_required(const struct wb_hook *hook);
/* Append its nodes; the caller's. */
_must_check_ int wb_planner_family_nodes(const struct wb_planner *p,
					 const struct wb_hook *hook, struct wb_node **ret,
					 size_t *ret_n);
/* Append the nodes of the module's family to @step: not to act on, but so that a refusal
 * can name who holds them. */
_must_check_ int wb_planner_name_nodes(const struct wb_planner *p,
				       const struct wb_hook *hook, struct wb_step *step);
/* planner-driver.c: what the verdicts ask for of drivers. */
_must_check_ int wb_planner_find_unbindings(struct wb_planner *p);
_must_check_ int wb_planner_add_unbindings(struct wb_planner *p, enum wb_phase phase);
_must_check_ int wb_planner_add_modules(struct wb_planner *p);
/* "; /srv is mounted from it (srv.mount), eth0 is up"; "" where nothing hangs on it. The
 * caller's. */
char *wb_planner_describe_uses(const struct wb_device *device);
/* planner-verdict.c: verdicts that are reasons not to begin, or to know of. */
_must_check_ int wb_planner_check_verdicts(struct wb_planner *p);
/* planner-foreign.c: modules that are not of this kernel's tree. */
_must_check_ int wb_planner_check_foreign(struct wb_planner *p);
/* Does the device go in quiesce, by unloading or unbinding? */
bool wb_planner_goes(const struct wb_planner *p, size_t device);
/* Of one removal or unbinding. */
uint64_t wb_planner_module_timeout(const struct wb_planner *p);
