/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is this machine ready, now? The findings of a plan by check, with those checks that had
 * nothing to say; and as root an image that is loaded for a moment. */

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "cmd.h"
#include "plan/check.h"
#include "prepare.h"
#include "run/lock.h"
#include "run/trial.h"
#include "show.h"
#include "sys/interrupt.h"

static const struct wb_column columns[] = {
	{ "name", "CHECK" },
	{ "verdict", "VERDICT" },
	{ "message", "SENTENCE" },
	{ "hint", "WHAT TO DO" },
};

/* --- the trial -------------------------------------------------------------------- */

static void drop(int level, const char *message, void *userdata)
{
	(void)level, (void)message, (void)userdata;
}

/* Its sentences are in the finding; as messages they would be said twice. */
static int load_quietly(struct wb_sys *sys, struct wb_plan *plan, char **ret_why)
{
	_cleanup_close_ int lock = wb_lock_take(&sys->root, "warmboot check");
	int r;

	if (lock < 0) {
		*ret_why = strdup("the lock in /run/warmboot is held by another");
		return -EBUSY;
	}
	/* A Ctrl-C in the middle must not leave the image in memory. */
	r = wb_interrupt_setup(/* terminate= */ true);
	if (r < 0)
		return r;
	wb_log_setup(LOG_ERR, drop, NULL);
	r = wb_trial_load(sys, plan, ret_why);
	wb_log_setup(LOG_INFO, NULL, NULL);
	return r;
}

/* A sentence, or NULL where nothing speaks against it. */
static const char *why_not(const struct wb_sys *sys, const struct wb_plan *plan)
{
	if (!sys->root.live)
		return "this is not the machine itself";
	if (geteuid() != 0)
		return "only root may load an image";
	if (wb_findings_blocker(&plan->findings))
		return "something else stands in the way";
	for (size_t i = 0; i < plan->findings.n; i++) {
		const char *check = plan->findings.items[i].check;

		if (check && strcmp(check, "loaded") == 0)
			return "an image is loaded already";
	}
	/* Each load counts, and none is given back: kernel.kexec_load_limit_reboot. */
	if (wb_root_exists(&sys->root, "proc/sys/kernel/kexec_load_limit_reboot")) {
		_cleanup_free_ char *limit = NULL;

		if (wb_root_read_line(&sys->root,
				      "proc/sys/kernel/kexec_load_limit_reboot",
				      &limit) >= 0 &&
		    strcmp(limit, "-1") != 0)
			return "this boot may load images only a few times more";
	}
	return plan->n_steps == 0 ? "there is no plan to load" : NULL;
}

static int try_load(struct wb_sys *sys, struct wb_plan *plan)
{
	const char *reason = why_not(sys, plan);
	_cleanup_free_ char *why = NULL;
	size_t first = plan->findings.n;
	int r;

	if (reason)
		r = wb_findings_add(&plan->findings, WB_INFO, "load", "not tried: %s",
				    reason);
	else
		r = load_quietly(sys, plan, &why);
	if (!reason && r == -EBUSY)
		r = wb_findings_add(&plan->findings, WB_INFO, "load", "not tried: %s",
				    why ? why : "somebody else is at work");
	else if (!reason && r < 0)
		r = wb_findings_advise(&plan->findings,
				       wb_findings_add(&plan->findings, WB_BLOCKER,
						       "load", "%s",
						       why ? why : strerror(-r)),
				       "the kernel's own words are in journalctl -k");
	return r < 0 ? r : wb_findings_name(&plan->findings, first, "load");
}

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

static int show(const struct wb_cli *cli, const struct wb_plan *plan)
{
	struct json_object *array = to_json(plan, cli->json || !cli->quiet);
	int status;

	if (!array)
		return wb_show_end(-ENOMEM);
	if (cli->json)
		return wb_show_json(array);
	if (isatty(STDOUT_FILENO) && json_object_array_length(array) > 0)
		status = wb_show_list(cli, array, columns, ARRAY_SIZE(columns));
	else
		status = put_lines(array);
	return status == WB_EXIT_DONE ? put_answer(&plan->findings) : status;
}

static int cmd_check(struct wb_cli *cli, struct wb_sys *sys)
{
	_cleanup_(wb_plan_freep) struct wb_plan *plan = NULL;
	int status;

	if (wb_prepare_plan(cli, sys, &plan) < 0)
		return WB_EXIT_FAILED;
	if (try_load(sys, plan) < 0) {
		wb_error("out of memory");
		return WB_EXIT_FAILED;
	}
	status = show(cli, plan);
	if (status == WB_EXIT_DONE && wb_findings_blocker(&plan->findings))
		status = WB_EXIT_REFUSED;
	return status;
}

const struct wb_cmd wb_cmd_check = {
	.name = "check",
	.help = "is this machine ready to be warm booted, now?",
	.flags = WB_CMD_JSON,
	.run = cmd_check,
};
