/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/bus.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "sys/interrupt.h"

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER     "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
#define UNIT        "org.freedesktop.systemd1.Unit"
/* How long PID 1 may take to answer a plain question while it is busy. */
#define CALL_TIMEOUT_USEC (60 * USEC_PER_SEC)

#define _cleanup_bus_     _cleanup_(sd_bus_flush_close_unrefp)
#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)
#define _cleanup_error_   _cleanup_(sd_bus_error_free)

static int open_bus(sd_bus **ret)
{
	sd_bus *bus;
	int r = sd_bus_open_system(&bus);

	if (r < 0)
		return r;
	r = sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_USEC);
	if (r < 0) {
		sd_bus_flush_close_unref(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

/* Keep the manager's own words beside the number. */
static int explain(int r, const sd_bus_error *error, char **ret_why)
{
	if (error->message && !*ret_why)
		*ret_why = strdup(error->message);
	return r;
}

/* Process what has come, then wait for more: > 0 processed, 0 waited, or an error. */
static int turn(sd_bus *bus, uint64_t deadline_usec)
{
	int fd, r = sd_bus_process(bus, NULL);

	if (r != 0)
		return r;
	fd = sd_bus_get_fd(bus);
	if (fd < 0)
		return fd;
	r = wb_wait(&fd, 1, deadline_usec);
	return r == 0 ? -ETIMEDOUT : r < 0 ? r : 0;
}

/* --- jobs ------------------------------------------------------------------------- */

struct job {
	const char *path;
	char *result; /* NULL until it was removed */
};

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *path, *unit, *result;
	struct job *job = userdata;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	if (job->path && strcmp(path, job->path) == 0 && !job->result)
		job->result = strdup(result);
	return 0;
}

/* Before the job is queued, so that its end cannot be missed. */
static int watch_jobs(sd_bus *bus, struct job *job)
{
	int r = sd_bus_match_signal(bus, NULL, DESTINATION, MANAGER, "JobRemoved",
				    on_job_removed, job);

	if (r < 0)
		return r;
	return sd_bus_call_method(bus, DESTINATION, MANAGER, "Subscribe", NULL, NULL, "");
}

static int wait_job(sd_bus *bus, struct job *job, uint64_t timeout_usec, char **ret_why)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + timeout_usec;
	int r = 0;

	while (!job->result && r >= 0)
		r = turn(bus, deadline);
	if (!job->result) {
		/* Else it would go on behind our back, against the undo. */
		(void)sd_bus_call_method(bus, DESTINATION, job->path,
					 "org.freedesktop.systemd1.Job", "Cancel", NULL,
					 NULL, "");
		return r;
	}
	if (strcmp(job->result, "done") == 0 || strcmp(job->result, "skipped") == 0)
		return 0;
	*ret_why = wb_format("systemd says of its job: %s", job->result);
	return -EIO;
}

/*
 * Send @call, which answers with a job, and wait for that. A JobRemoved that comes
 * before the answer is kept in the queue of the bus and processed afterwards.
 */
static int call_and_wait(sd_bus *bus, sd_bus_message *call, uint64_t timeout_usec,
			 char **ret_why)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_message_ sd_bus_message *reply = NULL;
	struct job job = { 0 };
	int r = watch_jobs(bus, &job);

	if (r < 0)
		return r;
	r = sd_bus_call(bus, call, 0, &error, &reply);
	if (r < 0)
		return explain(r, &error, ret_why);
	r = sd_bus_message_read(reply, "o", &job.path);
	if (r >= 0)
		r = wait_job(bus, &job, timeout_usec, ret_why);
	free(job.result);
	return r;
}

int wb_bus_unit_job(enum wb_unit_verb verb, const char *unit, uint64_t timeout_usec,
		    char **ret_why)
{
	static const struct {
		const char *method, *mode;
	} calls[_WB_UNIT_VERB_MAX] = {
		[WB_UNIT_START] = { "StartUnit", "replace" },
		[WB_UNIT_STOP] = { "StopUnit", "replace" },
		[WB_UNIT_ISOLATE] = { "StartUnit", "isolate" },
	};
	_cleanup_message_ sd_bus_message *call = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	if (r < 0)
		return r;
	r = sd_bus_message_new_method_call(bus, &call, DESTINATION, MANAGER,
					   calls[verb].method);
	if (r >= 0)
		r = sd_bus_message_append(call, "ss", unit, calls[verb].mode);
	if (r >= 0)
		r = call_and_wait(bus, call, timeout_usec, ret_why);
	/* What is not loaded does not run. */
	if (verb == WB_UNIT_STOP && r == -ENOENT) {
		free(TAKE_PTR(*ret_why));
		return 0;
	}
	return r;
}

int wb_bus_enqueue(const char *unit, char **ret_why)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	if (r < 0)
		return r;
	r = sd_bus_call_method(bus, DESTINATION, MANAGER, "StartUnit", &error, NULL, "ss",
			       unit, "replace-irreversibly");
	return r < 0 ? explain(r, &error, ret_why) : 0;
}

/* --- what is there ---------------------------------------------------------------- */

static int list_units(sd_bus *bus, const char *pattern, char ***ret)
{
	_cleanup_message_ sd_bus_message *call = NULL, *reply = NULL;
	_cleanup_strv_ char **units = NULL;
	const char *name;
	int r;

	r = sd_bus_message_new_method_call(bus, &call, DESTINATION, MANAGER,
					   "ListUnitsByPatterns");
	if (r >= 0)
		r = sd_bus_message_append(call, "asas", 2, "active", "reloading", 1,
					  pattern);
	if (r >= 0)
		r = sd_bus_call(bus, call, 0, NULL, &reply);
	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(reply, "(ssssssouso)", &name, NULL, NULL, NULL,
					NULL, NULL, NULL, NULL, NULL, NULL)) > 0) {
		r = wb_strv_append(&units, name);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(units);
	return 0;
}

int wb_bus_active_units(char ***ret)
{
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	return r < 0 ? r : list_units(bus, "*", ret);
}

/* Ask for the unit's object; loads the unit where that has not been done. */
static int unit_path(sd_bus *bus, const char *unit, char **ret)
{
	_cleanup_message_ sd_bus_message *reply = NULL;
	const char *path;
	int r;

	r = sd_bus_call_method(bus, DESTINATION, MANAGER, "LoadUnit", NULL, &reply, "s",
			       unit);
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &path);
	if (r < 0)
		return r;
	*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

static int unit_string(sd_bus *bus, const char *unit, const char *property, char **ret)
{
	_cleanup_free_ char *path = NULL;
	int r = unit_path(bus, unit, &path);

	if (r < 0)
		return r;
	return sd_bus_get_property_string(bus, DESTINATION, path, UNIT, property, NULL,
					  ret);
}

static int may_isolate(sd_bus *bus, const char *unit, bool *ret)
{
	_cleanup_free_ char *path = NULL;
	int allowed = 0, r = unit_path(bus, unit, &path);

	if (r >= 0)
		r = sd_bus_get_property_trivial(bus, DESTINATION, path, UNIT,
						"AllowIsolate", NULL, 'b', &allowed);
	*ret = allowed;
	return r < 0 ? r : 0;
}

/* Does any of @others pull @unit in? Then it is not the one that was asked for. */
static int is_pulled_in(sd_bus *bus, const char *unit, char *const *others, bool *ret)
{
	static const char *const properties[] = { "RequiredBy", "WantedBy" };
	_cleanup_free_ char *path = NULL;
	int r = unit_path(bus, unit, &path);

	*ret = false;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(properties); i++) {
		_cleanup_strv_ char **by = NULL;

		r = sd_bus_get_property_strv(bus, DESTINATION, path, UNIT, properties[i],
					     NULL, &by);
		for (char **p = by; r >= 0 && p && *p; p++)
			*ret = *ret || wb_strv_contains(others, *p);
	}
	return r < 0 ? r : 0;
}

static int isolatable_targets(sd_bus *bus, char ***ret)
{
	_cleanup_strv_ char **all = NULL, **some = NULL;
	int r = list_units(bus, "*.target", &all);

	for (char **p = all; r >= 0 && p && *p; p++) {
		bool allowed = false;

		r = may_isolate(bus, *p, &allowed);
		if (r >= 0 && allowed)
			r = wb_strv_append(&some, *p);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(some);
	return 0;
}

int wb_bus_current_target(char **ret)
{
	_cleanup_strv_ char **targets = NULL;
	_cleanup_free_ char *preferred = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	const char *top = NULL;
	int r = open_bus(&bus);

	if (r >= 0)
		r = isolatable_targets(bus, &targets);
	if (r < 0)
		return r;
	/* Where two stand side by side, the one the machine boots into is meant. */
	(void)unit_string(bus, "default.target", "Id", &preferred);
	for (char **p = targets; p && *p; p++) {
		bool pulled_in;

		r = is_pulled_in(bus, *p, targets, &pulled_in);
		if (r < 0)
			return r;
		if (!pulled_in && (!top || (preferred && strcmp(*p, preferred) == 0)))
			top = *p;
	}
	if (!top)
		return -ENOENT;
	*ret = strdup(top);
	return *ret ? 0 : -ENOMEM;
}

int wb_bus_is_active(const char *unit, bool *ret)
{
	_cleanup_free_ char *state = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	if (r >= 0)
		r = unit_string(bus, unit, "ActiveState", &state);
	if (r < 0)
		return r;
	*ret = strcmp(state, "inactive") != 0 && strcmp(state, "failed") != 0;
	return 0;
}

/* --- our own service -------------------------------------------------------------- */

static int append_exec(sd_bus_message *m, char *const *argv)
{
	int r = sd_bus_message_open_container(m, 'r', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", "ExecStart");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "a(sasb)");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "(sasb)");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'r', "sasb");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", argv[0]);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (char *const *p = argv; r >= 0 && *p; p++)
		r = sd_bus_message_append(m, "s", *p);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	if (r >= 0)
		r = sd_bus_message_append(m, "b", false);
	for (int i = 0; r >= 0 && i < 4; i++)
		r = sd_bus_message_close_container(m);
	return r;
}

static int append_properties(sd_bus_message *m, const struct wb_transient *what)
{
	int r = sd_bus_message_open_container(m, 'a', "(sv)");

	if (r >= 0)
		r = sd_bus_message_append(
			m, "(sv)(sv)(sv)(sv)(sv)(sv)(sv)",
			"Description", "s", what->description,
			/* The job is over when the program runs, not when it is forked. */
			"Type", "s", "exec",
			/* Isolating a target would stop us in the middle of it. */
			"IgnoreOnIsolate", "b", true,
			/* No trace of a failed run that would block the next one. */
			"CollectMode", "s", "inactive-or-failed",
			/* SIGTERM goes to the one who can undo, not to its children. */
			"KillMode", "s", "mixed",
			"TimeoutStopUSec", "t", what->stop_timeout_usec,
			/* The one process that must not go when memory is short. */
			"OOMScoreAdjust", "i", -900);
	if (r >= 0)
		r = append_exec(m, what->argv);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int wb_bus_start_transient(const struct wb_transient *what, char **ret_why)
{
	_cleanup_message_ sd_bus_message *call = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	if (r >= 0)
		r = sd_bus_message_new_method_call(bus, &call, DESTINATION, MANAGER,
						   "StartTransientUnit");
	if (r >= 0)
		r = sd_bus_message_append(call, "ss", what->unit, "fail");
	if (r >= 0)
		r = append_properties(call, what);
	if (r >= 0)
		/* No auxiliary units. */
		r = sd_bus_message_append(call, "a(sa(sv))", 0);
	return r < 0 ? r : call_and_wait(bus, call, CALL_TIMEOUT_USEC, ret_why);
}

int wb_bus_kill_main(const char *unit, int signal)
{
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	if (r < 0)
		return r;
	return sd_bus_call_method(bus, DESTINATION, MANAGER, "KillUnit", NULL, NULL,
				  "ssi", unit, "main", signal);
}

/* --- the boot --------------------------------------------------------------------- */

static int manager_stamp(sd_bus *bus, const char *property, uint64_t *ret)
{
	return sd_bus_get_property_trivial(bus, DESTINATION, MANAGER, property, NULL, 't',
					   ret);
}

int wb_bus_manager_stamp(const char *property, uint64_t *ret)
{
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = open_bus(&bus);

	return r < 0 ? r : manager_stamp(bus, property, ret);
}

static int on_finished(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)m;
	(void)error;
	*(bool *)userdata = true;
	return 0;
}

int wb_bus_wait_boot_finished(uint64_t timeout_usec)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + timeout_usec, stamp = 0;
	_cleanup_bus_ sd_bus *bus = NULL;
	bool finished = false;
	int r = open_bus(&bus);

	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, DESTINATION, MANAGER,
					"StartupFinished", on_finished, &finished);
	if (r >= 0)
		r = sd_bus_call_method(bus, DESTINATION, MANAGER, "Subscribe", NULL, NULL,
				       "");
	/* Only after the subscription: else it could fall between the two. */
	if (r >= 0)
		r = manager_stamp(bus, "FinishTimestampMonotonic", &stamp);
	while (r >= 0 && !finished && stamp == 0)
		r = turn(bus, deadline);
	return r < 0 ? r : 0;
}
