/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/loss.h"

#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "run/again.h"

/* A process is called as it likes: "process 812 x.scope". */
static bool is_scope(const char *name)
{
	return !wb_startswith(name, WB_AGAIN_PROCESS) && !strchr(name, '/') &&
	       wb_endswith(name, ".scope");
}

bool wb_losses_is_work(const char *unit)
{
	/* As moby, podman, containerd, cri-o, nerdctl and systemd-machined name them. */
	static const char *const names[] = {
		"docker-", "libpod-", "cri-containerd-", "crio-", "nerdctl-", "machine-",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (wb_startswith(unit, names[i]))
			return wb_endswith(unit, ".scope");
	return false;
}

/* Without those that are there again. */
static void forget(char **lost, char *const *active)
{
	char **kept = lost;

	for (char **p = lost; p && *p; p++) {
		if (is_scope(*p) && wb_strv_contains(active, *p)) {
			free(*p);
			continue;
		}
		*kept++ = *p;
	}
	if (kept)
		*kept = NULL;
}

/* Each once: several steps may have missed it. */
static void say(const struct wb_record *record)
{
	_cleanup_strv_ char **lost = NULL;

	if (wb_losses(record, &lost) < 0)
		wb_error("out of memory");
	for (char **p = lost; p && *p; p++)
		if (is_scope(*p))
			wb_warning("%s has ended and cannot be started again", *p);
}

void wb_losses_settle(struct wb_run *run)
{
	struct wb_record *record = run->record;
	_cleanup_strv_ char **active = NULL;

	/* Where nobody can be asked, what was seen before stands. */
	if (run->sys->ops->active_units(run->sys, &active) < 0)
		wb_strv_free(TAKE_PTR(active));
	for (size_t i = 0; i < record->plan->n_steps; i++) {
		char ***lost = &record->results[i].lost;

		forget(*lost, active);
		if (*lost && !**lost)
			wb_strv_free(TAKE_PTR(*lost));
	}
	say(record);
}

int wb_losses(const struct wb_record *record, char ***ret)
{
	int r = 0;

	for (size_t i = 0; i < record->plan->n_steps; i++)
		for (char **p = record->results[i].lost; r >= 0 && p && *p; p++)
			r = wb_strv_add(ret, *p);
	return r;
}

/* "session-2.scope", or "user@1000.service/app.scope" in a user's own manager. */
static bool begins_with_login(const char *name)
{
	/* A process is called as it likes. */
	if (wb_startswith(name, WB_AGAIN_PROCESS))
		return false;
	return strchr(name, '/') ||
	       (wb_startswith(name, "session-") && wb_endswith(name, ".scope"));
}

bool wb_losses_matter(const struct wb_record *record)
{
	bool matter = false;

	for (size_t i = 0; i < record->plan->n_steps; i++)
		for (char **p = record->results[i].lost; !matter && p && *p; p++)
			matter = !begins_with_login(*p);
	return matter;
}

char *wb_losses_to_string(const struct wb_record *record)
{
	_cleanup_strv_ char **lost = NULL;
	_cleanup_free_ char *list = NULL;
	const char *cut;

	if (wb_losses(record, &lost) < 0)
		return NULL;
	if (!lost)
		return strdup("");
	cut = wb_strv_length(lost) > WB_STRV_SOME ? "; warmboot report names all" : "";
	list = wb_strv_join_some(lost);
	return list ? wb_format("; not started again, because only those who began them "
				"can do that: %s%s",
				list, cut)
		    : NULL;
}
