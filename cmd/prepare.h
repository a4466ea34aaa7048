/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From a command line to facts and a plan: what all verbs begin with. */

#include "cmd.h"
#include "plan/plan.h"

/* Make the paths in the request absolute; a relative one is the kernel's where such a
 * file is there. 0, or negative errno after saying which cannot be. */
_must_check_ int wb_prepare_paths(struct wb_cli *cli, const struct wb_sys *sys);
/* The facts that the request asks for, once the configuration has completed it. Says
 * itself what failed. */
_must_check_ int wb_prepare_facts(struct wb_cli *cli, struct wb_sys *sys,
				  struct wb_facts *ret);
/* The plan, under a new id. Says itself what failed. */
_must_check_ int wb_prepare_plan(struct wb_cli *cli, struct wb_sys *sys,
				 struct wb_plan **ret);
/* A plan of nothing, under a new id: what a record is about where there is no plan to be
 * had. The caller's; NULL where not even that is. */
struct wb_plan *wb_prepare_empty_plan(void);
