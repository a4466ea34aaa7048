/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/bus.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "sys/bus-call.h"
#include "sys/interrupt.h"

int wb_bus_connect_address(const char *address, sd_bus **ret)
{
	sd_bus *bus;
	int r = sd_bus_new(&bus);

	if (r < 0)
		return r;
	r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0) {
		sd_bus_unref(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

static bool peer_is(sd_bus *bus, uid_t uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = sd_bus_get_fd(bus);

	return fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) >= 0 &&
	       peer.uid == uid;
}

int wb_bus_connect_user(const char *address, uid_t uid, sd_bus **ret)
{
	sd_bus *bus;
	int r = wb_bus_connect_address(address, &bus);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return -EHOSTDOWN;
	/* The folder is the user's: what stands there may be a link to PID 1's socket. */
	if (!peer_is(bus, uid)) {
		/* Without a flush, which waits for an answer. */
		sd_bus_close(bus);
		sd_bus_unref(bus);
		return -EHOSTDOWN;
	}
	*ret = bus;
	return 0;
}

int wb_bus_connect(sd_bus **ret)
{
	/* PID 1's own socket, as systemctl(1) uses it for root: it is there also while
	 * the bus is stopped or restarted. */
	static const char address[] = "unix:path=/run/systemd/private";
	sd_bus *bus;
	int r = wb_bus_connect_address(address, &bus);

	if (r < 0)
		r = sd_bus_open_system(&bus);
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
int wb_bus_explain(int r, const sd_bus_error *error, char **ret_why)
{
	if (error->message && !*ret_why)
		*ret_why = strdup(error->message);
	return r;
}

/* Process what has come, then wait for more: > 0 processed, 0 waited, or an error. */
int wb_bus_turn(sd_bus *bus, uint64_t deadline_usec)
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

/* Listen before the job is queued, so that its end cannot be missed. */
static int watch_jobs(sd_bus *bus, sd_bus_slot **ret_slot,
		      sd_bus_message_handler_t callback, void *userdata)
{
	return sd_bus_match_signal(bus, ret_slot, wb_bus_sender(bus), MANAGER,
				   "JobRemoved", callback, userdata);
}

static int wait_job(sd_bus *bus, struct job *job, uint64_t timeout_usec, char **ret_why)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + timeout_usec;
	int r = 0;

	while (!job->result && r >= 0)
		r = wb_bus_turn(bus, deadline);
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
int wb_bus_call_job(sd_bus *bus, sd_bus_message *call, uint64_t timeout_usec,
		    char **ret_why)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_message_ sd_bus_message *reply = NULL;
	_cleanup_slot_ sd_bus_slot *slot = NULL;
	struct job job = { 0 };
	int r = watch_jobs(bus, &slot, on_job_removed, &job);

	if (r >= 0)
		/* Once for a connection; a second time is an error. */
		r = sd_bus_call_method(bus, DESTINATION, MANAGER, "Subscribe", NULL, NULL,
				       "");
	if (r < 0)
		return r;
	r = sd_bus_call(bus, call, 0, &error, &reply);
	if (r < 0)
		return wb_bus_explain(r, &error, ret_why);
	r = sd_bus_message_read(reply, "o", &job.path);
	if (r >= 0)
		r = wait_job(bus, &job, timeout_usec, ret_why);
	free(job.result);
	return r;
}

/* One that is still being stopped, or NULL. Our own is, when it was told to undo; it does
 * not wait for itself. */
static int find_stopping(sd_bus *bus, char **ret)
{
	_cleanup_message_ sd_bus_message *reply = NULL;
	const char *type, *unit;
	int r = sd_bus_call_method(bus, DESTINATION, MANAGER, "ListJobs", NULL, &reply,
				   "");

	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "(usssoo)");
	free(TAKE_PTR(*ret));
	while (r >= 0 && !*ret &&
	       (r = sd_bus_message_read(reply, "(usssoo)", NULL, &unit, &type, NULL, NULL,
					NULL)) > 0)
		if (strcmp(type, "stop") == 0 && strcmp(unit, WB_BUS_SERVICE) != 0) {
			*ret = strdup(unit);
			r = *ret ? 0 : -ENOMEM;
		}
	return r;
}

static int on_any_job(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)m;
	(void)userdata;
	(void)error;
	return 0;
}

/* An isolate is over when its target is reached; what it stops may go on stopping. */
static int wait_for_stops(sd_bus *bus, uint64_t timeout_usec, char **ret_why)
{
	uint64_t deadline = wb_now_usec(CLOCK_BOOTTIME) + timeout_usec;
	_cleanup_slot_ sd_bus_slot *slot = NULL;
	_cleanup_free_ char *unit = NULL;
	int r = watch_jobs(bus, &slot, on_any_job, NULL);

	if (r >= 0)
		r = find_stopping(bus, &unit);
	while (r >= 0 && unit) {
		r = wb_bus_turn(bus, deadline);
		if (r >= 0)
			r = find_stopping(bus, &unit);
	}
	if (r == -ETIMEDOUT && unit)
		*ret_why = wb_format("%s does not stop", unit);
	return r < 0 ? r : 0;
}

int wb_bus_verb_job(sd_bus *bus, enum wb_unit_verb verb, const char *unit,
		    uint64_t timeout_usec, char **ret_why)
{
	static const struct {
		const char *method, *mode;
	} calls[_WB_UNIT_VERB_MAX] = {
		[WB_UNIT_START] = { "StartUnit", "replace" },
		[WB_UNIT_STOP] = { "StopUnit", "replace" },
		[WB_UNIT_ISOLATE] = { "StartUnit", "isolate" },
	};
	_cleanup_message_ sd_bus_message *call = NULL;
	int r = sd_bus_message_new_method_call(bus, &call, DESTINATION, MANAGER,
					       calls[verb].method);

	if (r >= 0)
		r = sd_bus_message_append(call, "ss", unit, calls[verb].mode);
	if (r >= 0)
		r = wb_bus_call_job(bus, call, timeout_usec, ret_why);
	/* What is not loaded does not run. */
	if (verb == WB_UNIT_STOP && r == -ENOENT) {
		free(TAKE_PTR(*ret_why));
		return 0;
	}
	return r;
}

int wb_bus_unit_job(enum wb_unit_verb verb, const char *unit, uint64_t timeout_usec,
		    char **ret_why)
{
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = wb_bus_connect(&bus);

	if (r >= 0)
		r = wb_bus_verb_job(bus, verb, unit, timeout_usec, ret_why);
	if (r >= 0 && verb == WB_UNIT_ISOLATE)
		r = wait_for_stops(bus, timeout_usec, ret_why);
	return r;
}

int wb_bus_enqueue(const char *unit, char **ret_why)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = wb_bus_connect(&bus);

	if (r < 0)
		return r;
	r = sd_bus_call_method(bus, DESTINATION, MANAGER, "StartUnit", &error, NULL, "ss",
			       unit, "replace-irreversibly");
	return r < 0 ? wb_bus_explain(r, &error, ret_why) : 0;
}
