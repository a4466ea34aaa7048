/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* warmboot.service: the terminal and the session that a run or an undo was called in may
 * end on its way, because of what it stops and starts. */

#include "cmd.h"

/* The path of this program; where a package has replaced it meanwhile, of the new one.
 * The caller's. 0 or negative errno. */
_must_check_ int wb_service_program(const struct wb_sys *sys, char **ret);
/*
 * Start this program there with a hidden verb and its word, and with what the outlet of
 * the service has to know of the caller. 0 also where Ctrl-C came
 * meanwhile; else an error, -EEXIST where the service is there already, and a sentence
 * in @problem, which is the caller's.
 */
_must_check_ int wb_service_start(struct wb_sys *sys, const char *description,
				  const char *verb, const char *word, char **problem);
