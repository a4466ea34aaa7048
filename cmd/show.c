/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "sys/pager.h"
#include "terminal.h"

/* 0: there is none. Its terminal's width has to be asked for before. */
static pid_t pager;
static unsigned int pager_columns;

void wb_show_begin(const struct wb_cli *cli)
{
	int r;

	if (cli->no_pager || cli->json || !wb_terminal_is_live(STDOUT_FILENO))
		return;
	pager_columns = wb_terminal_columns(STDOUT_FILENO);
	r = wb_pager_start(&pager);
	if (r < 0)
		wb_warning("cannot start a pager: %s, continuing without", strerror(-r));
}

unsigned int wb_show_columns(void)
{
	if (pager > 0)
		return pager_columns;
	/* A file or a pipe has no width. */
	return isatty(STDOUT_FILENO) ? wb_terminal_columns(STDOUT_FILENO) : 0;
}

/* Whoever leaves the pager early has seen enough. */
static bool is_enough(void)
{
	return pager > 0 && errno == EPIPE;
}

void wb_show_done(void)
{
	if (pager > 0)
		wb_pager_end(pager);
	pager = 0;
}

int wb_show_end(int r)
{
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)) && !is_enough())
		r = errno > 0 ? -errno : -EIO;
	wb_show_done();
	if (r >= 0)
		return WB_EXIT_DONE;
	wb_error("cannot print: %s", strerror(-r));
	return WB_EXIT_FAILED;
}

int wb_show_json(struct json_object *o)
{
	_cleanup_free_ char *text = o ? wb_json_to_text(o) : NULL;

	json_object_put(o);
	if (!text)
		return wb_show_end(-ENOMEM);
	fputs(text, stdout);
	return wb_show_end(0);
}
