/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a loaded module is besides being there: its parameters and the devices that its
 * drivers have. As lines of a result: "option NAME=VALUE", "device BUS ID DRIVER" and,
 * on buses that have it, "override BUS ID VALUE": driver_override, "(null)" for nothing.
 */

#include "run/run.h"

/* Append the lines of a module to @lines. What cannot be read is left out. */
_must_check_ int wb_module_state_save(struct wb_run *run, const char *module,
				      char ***lines);
/* The options of @lines as modprobe takes them; the caller's, NULL where there are none.
 * A value that cannot be said there is left out. */
_must_check_ int wb_module_state_options(char *const *lines, char **ret);
/* Make what differs from @lines as it was, where that can be written, and name in @ret
 * what still differs; the caller's. @timeout_usec is for each. */
_must_check_ int wb_module_state_settle(struct wb_run *run, const char *module,
					char *const *lines, uint64_t timeout_usec,
					char ***ret);
/* How many acts wb_module_state_tie() may need for @lines. */
size_t wb_module_state_ties(char *const *lines);
/* Give all devices of @lines back to their drivers. What could not be is in @ret, a
 * sentence for each; the caller's. */
_must_check_ int wb_module_state_tie(struct wb_run *run, char *const *lines,
				     uint64_t timeout_usec, char ***ret);
