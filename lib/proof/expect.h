/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How long this machine is going to be away, as far as its own past tells. */

#include "proof/history.h"

/* Fill in record->usual_usec, 0 where no warm boot came back yet, and record->worry_usec:
 * whoever has not heard from it by then has a reason to look. From the hand-over on. */
void wb_expect(const struct wb_history *history, struct wb_record *record);
/* The same as a sentence for who waits: "it is usually back after 34 s; ...". The
 * caller's; NULL without memory. */
char *wb_expect_sentence(const struct wb_record *record);
