/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What hooks add to the next kernel's command line. Pure. */

#include "base/finding.h"
#include "facts/target.h"

/*
 * The words that the hooks in use want and @line does not have; "" for none. A hook whose
 * header has "!WORD" wants nothing beside that word, and one with a line Initramfs where
 * @target is known to have none of these modules. The caller's; NULL without memory.
 */
char *wb_hook_cmdline(const struct wb_facts *facts, const struct wb_target *target,
		      const char *line);
/* Say which hook made words part of @options that @before did not have, and which did not
 * for lack of a module. */
_must_check_ int wb_hook_cmdline_explain(const struct wb_facts *facts,
					 const struct wb_target *target,
					 const char *before, const char *options,
					 struct wb_findings *findings);
