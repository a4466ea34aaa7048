/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check-show.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "plan/check.h"
#include "show.h"

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

static void put_lines(struct json_object *array)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *row = json_object_array_get_idx(array, i);
		const char *hint = member(row, "hint");

		printf("%-8s %s: %s%s%s\n", member(row, "verdict"), member(row, "name"),
		       member(row, "message"), hint ? "; " : "", hint ? hint : "");
	}
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
		return r;
	if (n == 0)
		printf("\nready to be warm booted\n");
	else
		printf("\nnot ready: %zu blocker%s\n", n, n == 1 ? "" : "s");
	for (char **word = words; word && *word; word++)
		printf("  --ignore=%s takes one away\n", *word);
	return 0;
}

/* The table's third column: the sentence, and what to do about it below. */
static int add_text(struct json_object *row)
{
	const char *hint = member(row, "hint");
	_cleanup_free_ char *text = wb_format("%s%s%s", member(row, "message"),
					      hint ? "\n-> " : "", hint ? hint : "");

	return text ? wb_json_add_string(row, "text", text) : -ENOMEM;
}

static int put_table(const struct wb_cli *cli, struct json_object *array)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
		r = add_text(json_object_array_get_idx(array, i));
	return r < 0 ? r : wb_show_table(cli, array, columns, ARRAY_SIZE(columns));
}

static bool is_table(const struct wb_cli *cli, struct json_object *array)
{
	return cli->columns ||
	       (wb_show_columns() > 0 && json_object_array_length(array) > 0);
}

int wb_check_show(const struct wb_cli *cli, const struct wb_plan *plan)
{
	_cleanup_json_ struct json_object *array =
		to_json(plan, cli->json || !cli->quiet);
	int r = array ? 0 : -ENOMEM;

	if (r >= 0 && cli->json)
		return wb_show_json(TAKE_PTR(array));
	if (r >= 0 && is_table(cli, array))
		r = put_table(cli, array);
	else if (r >= 0)
		put_lines(array);
	if (r == 0 && !cli->no_legend)
		r = put_answer(&plan->findings);
	return r > 0 ? r : wb_show_end(r);
}

int wb_check_columns(const struct wb_cli *cli)
{
	/* Any row has the keys of all. */
	_cleanup_json_ struct json_object *array = json_object_new_array();
	int r = array ? wb_json_append(array, make_row(&wb_checks[0], "ok", NULL,
						       wb_checks[0].good, NULL, NULL))
		      : -ENOMEM;

	if (r >= 0)
		r = add_text(json_object_array_get_idx(array, 0));
	if (r >= 0)
		r = wb_show_check_columns(cli, array, columns, ARRAY_SIZE(columns));
	return r < 0 ? wb_show_end(r) : r;
}
