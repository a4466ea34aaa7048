/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-show.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/check.h"
#include "show.h"

/* How wide the columns before the sentence are, and what is left for it at the least. */
#define NAME_WIDTH     24
#define SENTENCE_WIDTH 15

static const struct wb_column columns[] = {
	{ "name", "CHECK" },
	{ "verdict", "VERDICT" },
	{ "text", "SENTENCE" },
};

/* --- the list --------------------------------------------------------------------- */

static struct json_object *make_row(const struct wb_check *check, const char *verdict,
				    const char *subject, const char *message,
				    const char *hint, const char *ignore)
{
	const struct {
		const char *key, *value;
	} members[] = {
		{ "name", check->name }, { "verdict", verdict }, { "subject", subject },
		{ "message", message },  { "hint", hint },       { "ignore", ignore },
	};
	_cleanup_json_ struct json_object *o = json_object_new_object();
	int r = o ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(members); i++)
		r = wb_json_add_string(o, members[i].key, members[i].value);
	return r < 0 ? NULL : TAKE_PTR(o);
}

static struct json_object *finding_to_row(const struct wb_check *check,
					  const struct wb_finding *f)
{
	_cleanup_free_ char *sentence = wb_finding_sentence(f), *word = NULL;

	if (!sentence || wb_check_ignore_word(f, &word) < 0)
		return NULL;
	return make_row(check, wb_severity_to_string(f->severity), f->subject, sentence,
			wb_finding_hint(f), word);
}

static bool is_of(const struct wb_finding *f, const struct wb_check *check)
{
	return f->check && strcmp(f->check, check->name) == 0;
}

static int add_findings(struct json_object *array, const struct wb_findings *findings,
			enum wb_severity severity)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < wb_n_checks; i++)
		for (size_t j = 0; r >= 0 && j < findings->n; j++) {
			const struct wb_finding *f = &findings->items[j];

			if (f->severity == severity && is_of(f, &wb_checks[i]))
				r = wb_json_append(array,
						   finding_to_row(&wb_checks[i], f));
		}
	return r;
}

static bool has_finding(const struct wb_findings *findings, const struct wb_check *check)
{
	for (size_t i = 0; i < findings->n; i++)
		if (is_of(&findings->items[i], check))
			return true;
	return false;
}

/* Without a kernel that was chosen, what is asked of one is not known to be well. */
static int add_good(struct json_object *array, const struct wb_plan *plan)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < wb_n_checks; i++) {
		const struct wb_check *check = &wb_checks[i];

		if ((check->flags & WB_CHECK_SILENT) ||
		    has_finding(&plan->findings, check) ||
		    ((check->flags & WB_CHECK_KERNEL) && plan->n_steps == 0))
			continue;
		r = wb_json_append(array, make_row(check, "ok", check->name, check->good,
						   NULL, NULL));
	}
	return r;
}

/* What matters most first. */
static struct json_object *to_json(const struct wb_plan *plan, bool all)
{
	static const enum wb_severity order[] = { WB_BLOCKER, WB_IGNORED, WB_WARNING,
						  WB_INFO };
	_cleanup_json_ struct json_object *array = json_object_new_array();
	int r = array ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(order); i++)
		if (all || order[i] != WB_INFO)
			r = add_findings(array, &plan->findings, order[i]);
	if (r >= 0 && all)
		r = add_good(array, plan);
	return r < 0 ? NULL : TAKE_PTR(array);
}

/* --- for people ------------------------------------------------------------------- */

static const char *member(struct json_object *row, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(row, key, &value);
	return json_object_get_string(value);
}

static int put_lines(struct json_object *array)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *row = json_object_array_get_idx(array, i);
		const char *hint = member(row, "hint");

		printf("%-8s %s: %s%s%s\n", member(row, "verdict"), member(row, "name"),
		       member(row, "message"), hint ? "; " : "", hint ? hint : "");
	}
	json_object_put(array);
	return wb_show_end(0);
}

/* The last line is the answer. */
static int put_answer(const struct wb_findings *findings)
{
	_cleanup_strv_ char **words = NULL;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < findings->n; i++) {
		_cleanup_free_ char *word = NULL;

		n += findings->items[i].severity == WB_BLOCKER;
		if (findings->items[i].severity == WB_BLOCKER)
			r = wb_check_ignore_word(&findings->items[i], &word);
		if (r >= 0 && word)
			r = wb_strv_add(&words, word);
	}
	if (r < 0)
		return wb_show_end(r);
	if (n == 0)
		printf("\nready to be warm booted\n");
	else
		printf("\nnot ready: %zu blocker%s\n", n, n == 1 ? "" : "s");
	for (char **word = words; word && *word; word++)
		printf("  --ignore=%s takes one away\n", *word);
	return wb_show_end(0);
}

static size_t sentence_width(void)
{
	struct winsize size = { 0 };
	size_t width = 80;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) >= 0 && size.ws_col > 0)
		width = size.ws_col;
	return width > NAME_WIDTH + SENTENCE_WIDTH ? width - NAME_WIDTH : SENTENCE_WIDTH;
}

/* Break the line at blanks so that none is longer than @width, in place; a word that is
 * longer stays whole. */
static void break_line(char *line, size_t width)
{
	char *blank = NULL;

	for (char *p = line; *p; p++) {
		if (*p == ' ')
			blank = p;
		if ((size_t)(p - line) < width || !blank)
			continue;
		*blank = '\n';
		line = blank + 1;
		blank = NULL;
	}
}

/* The table's third column: the sentence, and what to do about it below. */
static int add_text(struct json_object *row, size_t width)
{
	_cleanup_free_ char *sentence = strdup(member(row, "message"));
	_cleanup_free_ char *hint = NULL, *text = NULL;

	if (member(row, "hint"))
		hint = wb_format("-> %s", member(row, "hint"));
	if (!sentence || (member(row, "hint") && !hint))
		return -ENOMEM;
	break_line(sentence, width);
	if (hint)
		break_line(hint, width);
	text = wb_format("%s%s%s", sentence, hint ? "\n" : "", hint ? hint : "");
	return text ? wb_json_add_string(row, "text", text) : -ENOMEM;
}

static int put_table(const struct wb_cli *cli, struct json_object *array)
{
	size_t width = sentence_width();
	int r = 0;

	for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
		r = add_text(json_object_array_get_idx(array, i), width);
	if (r >= 0)
		return wb_show_list(cli, array, columns, ARRAY_SIZE(columns));
	json_object_put(array);
	return wb_show_end(r);
}

int wb_check_show(const struct wb_cli *cli, const struct wb_plan *plan)
{
	struct json_object *array = to_json(plan, cli->json || !cli->quiet);
	int status;

	if (!array)
		return wb_show_end(-ENOMEM);
	if (cli->json)
		return wb_show_json(array);
	if (isatty(STDOUT_FILENO) && json_object_array_length(array) > 0)
		status = put_table(cli, array);
	else
		status = put_lines(array);
	return status == WB_EXIT_DONE ? put_answer(&plan->findings) : status;
}
