/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Questions to whoever sits at the terminal. */

#include "cmd.h"

/* Is there somebody to be asked, who has not said --yes? */
bool wb_ask_may(const struct wb_cli *cli);
/* The answer to the question that has just been printed; all but a yes is a no. */
bool wb_ask_yes(void);
