/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of the bus share. */

#include <systemd/sd-bus.h>

#include "base/macro.h"
#include "base/time-util.h"
#include "sys/bus.h"

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER     "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
#define UNIT        "org.freedesktop.systemd1.Unit"
/* How long PID 1 may take to answer a plain question while it is busy. */
#define CALL_TIMEOUT_USEC (60 * USEC_PER_SEC)

#define _cleanup_bus_     _cleanup_(sd_bus_flush_close_unrefp)
#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)
#define _cleanup_error_   _cleanup_(sd_bus_error_free)
#define _cleanup_slot_    _cleanup_(sd_bus_slot_unrefp)

_must_check_ int wb_bus_connect(sd_bus **ret);
/* A connection to the socket of a manager itself. */
_must_check_ int wb_bus_connect_address(const char *address, sd_bus **ret);
/* The same, to a process of @uid and of nobody else; else -EHOSTDOWN. */
_must_check_ int wb_bus_connect_user(const char *address, uid_t uid, sd_bus **ret);

/* Who signals come from: on a direct connection nobody has a name. */
static inline const char *wb_bus_sender(sd_bus *bus)
{
	return sd_bus_is_bus_client(bus) > 0 ? DESTINATION : NULL;
}

/* Process what has come, then wait for more: > 0 processed, 0 waited, or an error. */
_must_check_ int wb_bus_turn(sd_bus *bus, uint64_t deadline_usec);
/* Send @call, which answers with a job, and wait for its end: wb_bus_unit_job(). */
_must_check_ int wb_bus_call_job(sd_bus *bus, sd_bus_message *call, uint64_t timeout_usec,
				 char **ret_why);
/* wb_bus_unit_job() on a connection, without the wait for what an isolate stops. */
_must_check_ int wb_bus_verb_job(sd_bus *bus, enum wb_unit_verb verb, const char *unit,
				 uint64_t timeout_usec, char **ret_why);
/* Keep the words of @error in @ret_why; returns @r. */
int wb_bus_explain(int r, const sd_bus_error *error, char **ret_why);
/* A property of a unit, which is loaded if need be. The caller's. */
_must_check_ int wb_bus_unit_string(sd_bus *bus, const char *unit, const char *property,
				    char **ret);
