/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where a run speaks: always in the journal, and on the machine's console once nobody is
 * left who shows it to a person, as when its session was ended on the way.
 */

#include "base/log.h"
#include "sys/root.h"

struct wb_outlet {
	const struct wb_root *root;
	char *id;
	int caller;      /* pidfd of the process that shows it; -1: none does */
	bool on_console; /* and its terminal is the console */
	bool hangs;      /* the console does */
};

/* "812", "812/console" where its terminal is that, or "nobody" where it has none: what a
 * caller says of itself for wb_outlet_begin(). The caller's, NULL without memory. */
char *wb_outlet_caller(const struct wb_root *root);
/* @root and @id stay the caller's; NULL as @caller: nobody follows. */
void wb_outlet_begin(const struct wb_root *root, char *id, const char *caller,
		     struct wb_outlet *ret);
/* A wb_log_sink; @userdata is a struct wb_outlet. */
void wb_outlet_say(const struct wb_message *message, void *userdata);
/* The last words. The console gets them also where somebody follows from elsewhere. */
void wb_outlet_end(struct wb_outlet *outlet, enum wb_event event, int exit_status,
		   const char *text);
