/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The screen that the virtual terminals are on: whose frame buffer it is, and whether the
 * console can be taken from it (drivers/tty/vt/vt.c). Pure.
 */

#include "facts/facts.h"
#include "plan/judgement.h"
#include "plan/removal.h"

/* Does the console draw, or may it, into a frame buffer that goes with @display? */
bool wb_screen_is_on(const struct wb_facts *facts, const struct wb_device *display);
/* Does the console hold the module of the driver as long as it is on that frame buffer?
 */
bool wb_screen_pins(const struct wb_facts *facts, const struct wb_device *display);
/* Why the console would stay bound to its frame buffer, whatever is written to `bind`; a
 * part of a sentence. NULL: it can be unbound, or is not bound. */
const char *wb_screen_obstacle(const struct wb_facts *facts);
/* Would the kernel bind the console again, as long as the driver stays? */
bool wb_screen_can_return(const struct wb_facts *facts);
/*
 * Where the console cannot be unbound, its driver stays: a reason not to begin where it
 * has to go, else one to leave it to its shutdown, and to say so.
 */
_must_check_ int wb_screen_keep(struct wb_judgements *judgements,
				struct wb_removals *removals,
				const struct wb_facts *facts,
				struct wb_findings *findings);
