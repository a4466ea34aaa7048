/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A verb is a file that ends in its struct wb_cmd; --help is printed from the table. */

#include "plan/request.h"
#include "sys/sys.h"

/* Exit statuses: an interface, see warmboot(8). */
enum wb_exit {
	WB_EXIT_DONE = 0,
	WB_EXIT_FAILED = 1, /* and undone: the system is as before */
	WB_EXIT_USAGE = 2,
	WB_EXIT_REFUSED = 3, /* by a check, a hook or the operator: nothing was touched */
	WB_EXIT_NOT_UNDONE = 4, /* failed, and could not be undone wholly */
};

/* What the command line said. */
struct wb_cli {
	struct wb_request request;
	const char *root;     /* NULL: "/" */
	const char *fallback; /* the word of --fallback; NULL: none was given */
	const char *when;     /* NULL: at once */
	uint64_t when_usec;   /* CLOCK_REALTIME */
	const char *message;  /* for those who are warned; NULL: none */
	bool no_wall;
	const char *user; /* for whom it is; NULL: for who calls */
	bool json;
	const char *columns; /* NULL: those of each table */
	bool no_legend;
	const char *why; /* NULL: all of the plan */
	bool no_pager;
	bool dry_run;
	bool yes;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
	char *session;     /* behind the request */
	char *kernel_path; /* behind the request, where those were relative */
	char *initrd_path;
	char *dtb_path;
	struct wb_config config; /* behind the request, once the facts are read */
	const char *verb;        /* NULL: none, which is to run */
	char **words;            /* what follows the verb; inside argv */
};

enum {
	WB_CMD_LIVE = 1 << 0,   /* acts on the running machine: no --root */
	WB_CMD_HIDDEN = 1 << 1, /* for our own units */
	WB_CMD_JSON = 1 << 2,   /* shows something: knows --json, and uses a pager */
	WB_CMD_TABLE = 1 << 3,  /* namely a table: knows --columns */
};

struct wb_cmd {
	const char *name;
	const char *words; /* what it takes, for the help; NULL: nothing */
	const char *help;
	unsigned int max_words;
	unsigned int flags;
	/* An exit status. */
	int (*run)(struct wb_cli *cli, struct wb_sys *sys);
};

extern const struct wb_cmd wb_cmd_run;
extern const struct wb_cmd wb_cmd_plan;
extern const struct wb_cmd wb_cmd_check;
extern const struct wb_cmd wb_cmd_kernels;
extern const struct wb_cmd wb_cmd_devices;
extern const struct wb_cmd wb_cmd_hooks;
extern const struct wb_cmd wb_cmd_report;
extern const struct wb_cmd wb_cmd_restore;
extern const struct wb_cmd wb_cmd_execute;
extern const struct wb_cmd wb_cmd_undo;
extern const struct wb_cmd wb_cmd_confirm;
extern const struct wb_cmd wb_cmd_cancel;
extern const struct wb_cmd wb_cmd_scheduled;
extern const struct wb_cmd wb_cmd_quiesce;

/* All verbs in the order of the help. The first is the one without a word. */
extern const struct wb_cmd *const wb_cmds[];
extern const unsigned int wb_n_cmds;
