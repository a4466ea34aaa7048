/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Would the kernel take the image? It is loaded as the plan's step loads it, and taken
 * out of memory again at once. Only where nothing is loaded, and by who has the lock.
 */

#include "plan/plan.h"
#include "sys/sys.h"

/* 0 where it was loaded and unloaded again; else negative errno, and a sentence in
 * @ret_why, the caller's (NULL without memory). -EBUSY: an image is loaded already, and
 * nothing was done. */
_must_check_ int wb_trial_load(struct wb_sys *sys, struct wb_plan *plan, char **ret_why);
