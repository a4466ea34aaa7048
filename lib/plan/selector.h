/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the word after --kernel means, among everything bootable. */

#include "facts/facts.h"

struct wb_selection {
	const struct wb_kernel **items; /* inside the facts; the array is the caller's */
	size_t n;
	const char *because; /* how the word was understood; for the plan */
	bool named; /* because goes on with what named it: "named by its id with" */
};

/*
 * running, default (what the boot loader would start next), latest (the highest version),
 * a path, an id, a title, a version, or a glob over these; NULL is running. More than one
 * item means that the word is ambiguous: they differ in what they would boot.
 */
_must_check_ int wb_select(const struct wb_facts *facts, const char *word,
			   struct wb_selection *ret);
