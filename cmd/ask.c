/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <stdio.h>
#include <unistd.h>

bool wb_ask_may(const struct wb_cli *cli)
{
	return !cli->yes && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool wb_ask_yes(void)
{
	char answer[16] = "";

	fputs(" [y/N] ", stdout);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}
