/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd.h"
#include "plan/plan.h"

/* Show each finding of the plan under its check, what matters most first, and behind them
 * the checks that had nothing to say: JSON, a table on a terminal or of chosen columns,
 * or lines. Below it, but with --no-legend, the answer. An exit status, of the output
 * alone. */
int wb_check_show(const struct wb_cli *cli, const struct wb_plan *plan);
/* Before anything is tried: are the words of --columns columns here? WB_EXIT_DONE, or the
 * exit status after saying which one is not. */
int wb_check_columns(const struct wb_cli *cli);
