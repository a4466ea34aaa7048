/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdio.h>

#include "cmd.h"

/* Read the command line by the table of options. 0, -EINVAL after saying what is wrong
 * with it, or -ENOMEM. wb_cli_done() frees @ret. */
_must_check_ int wb_args_parse(int argc, char *argv[], struct wb_cli *ret);
void wb_cli_done(struct wb_cli *cli);
/* Append the options with which the same run could be asked for once more, at once. */
_must_check_ int wb_args_repeat(const struct wb_cli *cli, char ***argv);
/* Verbs and options, from the tables. */
void wb_args_help(FILE *f);
