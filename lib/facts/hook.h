/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Hooks: warmboot-hooks(7). Found in four folders, the later one wins; read, never run.
 * A hook that cannot be used is in the list with its problem, so that nobody wonders.
 */

#include "facts/facts.h"

/* Below it each hook has a folder of its own, from prepare to the jump. */
#define WB_HOOK_STATE_FOLDER "/run/warmboot/hooks"

_must_check_ int wb_hooks_read(const struct wb_root *root, struct wb_hook **ret,
			       size_t *ret_n);
void wb_hooks_free(struct wb_hook *hooks, size_t n);
/* Parse the header in @text into @hook: 0, with hook->problem set where it is broken. */
_must_check_ int wb_hook_parse(const char *text, struct wb_hook *hook);
/* Do the lines of a parsed header agree with each other? 0, with hook->problem set where
 * they do not. */
_must_check_ int wb_hook_check(struct wb_hook *hook);
const char *wb_hook_phase_to_string(enum wb_hook_phase phase);
