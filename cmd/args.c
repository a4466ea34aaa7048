/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "plan/check.h"

enum kind { FLAG, STRING, LIST };
/* What the run does, or how this call goes. */
enum scope { RUN, CALL };

static const struct option_row {
	const char *name;
	char letter; /* 0: none */
	enum kind kind;
	enum scope scope;
	size_t offset; /* in struct wb_cli: bool, const char *, char ** */
	const char *argument;
	const char *help;
} rows[] = {
	{ "kernel", 0, STRING, RUN, offsetof(struct wb_cli, request.kernel), "WHICH",
	  "running, default, latest, version, id, path" },
	{ "initrd", 0, STRING, RUN, offsetof(struct wb_cli, request.initrd), "PATH",
	  "its initramfs, instead of the one found; or none" },
	{ "dtb", 0, STRING, RUN, offsetof(struct wb_cli, request.dtb), "PATH",
	  "its device tree, instead of the running one" },
	{ "append", 0, LIST, RUN, offsetof(struct wb_cli, request.append), "STR",
	  "add to the command line" },
	{ "remove", 0, LIST, RUN, offsetof(struct wb_cli, request.remove), "WORD",
	  "drop from the command line" },
	{ "target", 0, STRING, RUN, offsetof(struct wb_cli, request.target), "UNIT",
	  "isolate this, not multi-user.target" },
	{ "no-isolate", 0, FLAG, RUN, offsetof(struct wb_cli, request.no_isolate), NULL,
	  "do not isolate a target" },
	{ "unload", 0, LIST, RUN, offsetof(struct wb_cli, request.unload), "MODULE",
	  "remove this module as well" },
	{ "keep", 0, LIST, RUN, offsetof(struct wb_cli, request.keep), "MODULE",
	  "leave this module and what it needs" },
	{ "kill", 0, FLAG, RUN, offsetof(struct wb_cli, request.kill), NULL,
	  "kill bare processes that do not let go" },
	{ "ignore", 0, LIST, RUN, offsetof(struct wb_cli, request.ignore), "CHECK",
	  "take the blocker of this check away" },
	{ "fallback", 0, STRING, RUN, offsetof(struct wb_cli, fallback), "WHAT",
	  "none, or reboot where a warm boot fails" },
	{ "when", 0, STRING, CALL, offsetof(struct wb_cli, when), "TIME",
	  "later: +MINUTES, or HH:MM" },
	{ "message", 0, STRING, RUN, offsetof(struct wb_cli, message), "TEXT",
	  "tell it to those who are logged in" },
	{ "no-wall", 0, FLAG, RUN, offsetof(struct wb_cli, no_wall), NULL,
	  "tell them nothing" },
	{ "dry-run", 'n', FLAG, CALL, offsetof(struct wb_cli, dry_run), NULL,
	  "the same as the verb plan" },
	{ "force", 0, FLAG, RUN, offsetof(struct wb_cli, request.force), NULL,
	  "jump after a sync, stop nothing in order" },
	{ "yes", 'y', FLAG, CALL, offsetof(struct wb_cli, yes), NULL, "do not ask" },
	{ "json", 0, FLAG, CALL, offsetof(struct wb_cli, json), NULL, "print JSON" },
	{ "why", 0, STRING, CALL, offsetof(struct wb_cli, why), "WORD",
	  "of the plan show what is about this" },
	{ "columns", 0, STRING, CALL, offsetof(struct wb_cli, columns), "LIST",
	  "show these columns of a table" },
	{ "no-legend", 0, FLAG, CALL, offsetof(struct wb_cli, no_legend), NULL,
	  "show no titles, and no last line" },
	{ "no-pager", 0, FLAG, CALL, offsetof(struct wb_cli, no_pager), NULL,
	  "do not use a pager" },
	{ "root", 0, STRING, CALL, offsetof(struct wb_cli, root), "DIR",
	  "look at the machine in this folder" },
	{ "quiet", 'q', FLAG, CALL, offsetof(struct wb_cli, quiet), NULL,
	  "say warnings and errors only" },
	{ "verbose", 'v', FLAG, CALL, offsetof(struct wb_cli, verbose), NULL,
	  "say more" },
	{ "help", 'h', FLAG, CALL, offsetof(struct wb_cli, help), NULL,
	  "show this help" },
	{ "version", 'V', FLAG, CALL, offsetof(struct wb_cli, version), NULL,
	  "show the version" },
};

/* getopt_long() gives rows back by number, above all letters. */
#define ROW_BASE 256

static void make_tables(struct option *longs, char *shorts)
{
	*shorts++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		longs[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].kind == FLAG ? no_argument : required_argument,
			.val = ROW_BASE + (int)i,
		};
		if (rows[i].letter)
			*shorts++ = rows[i].letter;
	}
	longs[ARRAY_SIZE(rows)] = (struct option){ 0 };
	*shorts = '\0';
}

static const struct option_row *find_row(int c)
{
	if (c >= ROW_BASE)
		return &rows[c - ROW_BASE];
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].letter == c)
			return &rows[i];
	return NULL;
}

static int apply(struct wb_cli *cli, const struct option_row *row, const char *argument)
{
	char *field = (char *)cli + row->offset;
	int r = 0;

	switch (row->kind) {
	case FLAG:
		*(bool *)field = true;
		break;
	case STRING:
		*(const char **)field = argument;
		break;
	case LIST:
		r = wb_strv_append((char ***)field, argument);
		break;
	}
	return r;
}

/* getopt's own abbreviations would make a new option break old scripts. */
static bool is_abbreviated(const char *word, const struct option_row *row)
{
	size_t n = strcspn(word, "=");

	return strncmp(word, "--", 2) == 0 &&
	       (n - 2 != strlen(row->name) || strncmp(word + 2, row->name, n - 2) != 0);
}

static int refuse(const char *format, const char *word)
{
	const char *hole = strstr(format, "%s");

	wb_error("%.*s%s%s; see warmboot --help", (int)(hole - format), format, word,
		 hole + 2);
	return -EINVAL;
}

static int read_option(struct wb_cli *cli, int c, const char *word)
{
	const struct option_row *row;
	char letter[3] = { '-', (char)optopt, '\0' };

	if (c == ':')
		return refuse("the option %s needs an argument", word);
	row = c == '?' ? NULL : find_row(c);
	if (!row)
		return refuse("there is no option %s",
			      optopt > 0 && optopt < ROW_BASE ? letter : word);
	if (is_abbreviated(word, row))
		return refuse("there is no option %s", word);
	if (row->kind != FLAG && *optarg == '\0')
		return refuse("the option %s needs an argument", word);
	return apply(cli, row, optarg);
}

/* The word that the option just read stood in; its argument may be one of its own. */
static const char *option_word(char *argv[], int at)
{
	if (optind >= 2 && optarg && optarg == argv[optind - 1])
		return argv[optind - 2];
	return argv[optind > at ? optind - 1 : at];
}

static int read_fallback(struct wb_cli *cli)
{
	const char *word = cli->fallback;

	cli->request.no_reboot = word && strcmp(word, "none") == 0;
	cli->request.reboot = word && strcmp(word, "reboot") == 0;
	if (!word || cli->request.no_reboot || cli->request.reboot)
		return 0;
	return refuse("the option --fallback takes none or reboot, and not '%s'", word);
}

/* There is no word for all of them. */
static int read_ignore(const struct wb_cli *cli)
{
	for (char **word = cli->request.ignore; word && *word; word++) {
		const char *why = NULL;
		int r = wb_check_parse_ignore(*word, &why);

		if (r < 0)
			return why ? refuse(why, *word) : r;
	}
	return 0;
}

static void make_module_names(char **names)
{
	for (; names && *names; names++)
		wb_module_name(*names);
}

int wb_args_parse(int argc, char *argv[], struct wb_cli *ret)
{
	struct option longs[ARRAY_SIZE(rows) + 1];
	char shorts[ARRAY_SIZE(rows) + 2];
	int c, r = 0;

	make_tables(longs, shorts);
	opterr = 0;
	do {
		/* Of letters in one word getopt stays at it until the last. */
		int at = optind;

		optarg = NULL;
		c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c != -1)
			r = read_option(ret, c, option_word(argv, at));
	} while (c != -1 && r >= 0);
	if (r >= 0)
		r = read_fallback(ret);
	if (r >= 0)
		r = read_ignore(ret);
	if (r < 0)
		return r;
	make_module_names(ret->request.unload);
	make_module_names(ret->request.keep);
	ret->verb = argv[optind];
	ret->words = ret->verb ? argv + optind + 1 : argv + optind;
	return 0;
}

void wb_cli_done(struct wb_cli *cli)
{
	wb_strv_free(cli->request.append);
	wb_strv_free(cli->request.remove);
	wb_strv_free(cli->request.unload);
	wb_strv_free(cli->request.keep);
	free(cli->session);
	wb_strv_free(cli->request.ignore);
	free(cli->kernel_path);
	free(cli->initrd_path);
	free(cli->dtb_path);
	wb_config_done(&cli->config);
}

static int repeat(const struct wb_cli *cli, const struct option_row *row, char ***argv)
{
	const char *field = (const char *)cli + row->offset, *text;
	int r = 0;

	switch (row->kind) {
	case FLAG:
		return *(const bool *)field ? wb_strv_appendf(argv, "--%s", row->name)
					    : 0;
	case STRING:
		text = *(const char *const *)field;
		return text ? wb_strv_appendf(argv, "--%s=%s", row->name, text) : 0;
	case LIST:
		for (char **p = *(char **const *)field; r >= 0 && p && *p; p++)
			r = wb_strv_appendf(argv, "--%s=%s", row->name, *p);
		break;
	}
	return r;
}

int wb_args_repeat(const struct wb_cli *cli, char ***argv)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(rows); i++)
		if (rows[i].scope == RUN)
			r = repeat(cli, &rows[i], argv);
	return r;
}

static void help_row(FILE *f, const struct option_row *row)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
		 row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
		 row->argument ? "=" : "", row->argument ? row->argument : "");
	fprintf(f, "  %-27s %s\n", left, row->help);
}

void wb_args_help(FILE *f)
{
	fputs("Usage: warmboot [OPTION...] [VERB]\n\n"
	      "Restart this machine through kexec, without firmware and boot loader,\n"
	      "after putting its drivers to rest.\n\nVerbs:\n",
	      f);
	for (unsigned int i = 0; i < wb_n_cmds; i++) {
		const struct wb_cmd *cmd = wb_cmds[i];
		char left[40];

		if (cmd->flags & WB_CMD_HIDDEN)
			continue;
		snprintf(left, sizeof(left), "%s%s%s", cmd->name, cmd->words ? " " : "",
			 cmd->words ? cmd->words : "");
		fprintf(f, "  %-27s %s\n", left, cmd->help);
	}
	fputs("\nOptions:\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		help_row(f, &rows[i]);
	fputs("\nExit status: 0 done, 1 failed and undone, 2 usage, 3 refused by a check,\n"
	      "4 failed and could not be undone wholly. See warmboot(8).\n",
	      f);
}
