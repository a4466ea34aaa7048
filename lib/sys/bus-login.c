/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Those beside the system's manager: users' own managers, logind, machined. */

#include <errno.h>
#include <systemd/sd-login.h>

#include "base/text.h"
#include "sys/bus-call.h"
#include "sys/bus.h"

int wb_bus_user_unit_job(uid_t uid, enum wb_unit_verb verb, const char *unit,
			 uint64_t timeout_usec, char **ret_why)
{
	/* The bus of a user does not let root in; the manager's own socket does. */
	_cleanup_free_ char *address =
		wb_format("unix:path=/run/user/%u/systemd/private", uid);
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = address ? wb_bus_connect_user(address, uid, &bus) : -ENOMEM;

	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_USEC);
	return r < 0 ? r : wb_bus_verb_job(bus, verb, unit, timeout_usec, ret_why);
}

/* A call with one word. Only the bus leads there: no manager has these objects. */
static int call_with_word(const char *destination, const char *path,
			  const char *interface, const char *method, const char *word,
			  char **ret_why)
{
	_cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = sd_bus_open_system(&bus);

	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_USEC);
	if (r >= 0)
		r = sd_bus_call_method(bus, destination, path, interface, method, &error,
				       NULL, "s", word);
	return r < 0 ? wb_bus_explain(r, &error, ret_why) : 0;
}

int wb_bus_end_session(const char *id, char **ret_why)
{
	return call_with_word("org.freedesktop.login1", "/org/freedesktop/login1",
			      "org.freedesktop.login1.Manager", "TerminateSession", id,
			      ret_why);
}

int wb_bus_end_machine(const char *name, char **ret_why)
{
	return call_with_word("org.freedesktop.machine1", "/org/freedesktop/machine1",
			      "org.freedesktop.machine1.Manager", "TerminateMachine",
			      name, ret_why);
}

int wb_bus_own_remote_session(char **ret)
{
	_cleanup_free_ char *id = NULL;
	int r = sd_pid_get_session(0, &id);

	if (r >= 0)
		r = sd_session_is_remote(id);
	if (r <= 0)
		return r < 0 ? r : -ENODATA;
	*ret = TAKE_PTR(id);
	return 0;
}

/* A plan waits no longer for it: a logind that hangs inhibits nothing. */
#define LIST_TIMEOUT_USEC (5 * USEC_PER_SEC)

int wb_bus_inhibitors(int (*found)(const struct wb_bus_inhibitor *inhibitor,
				   void *userdata),
		      void *userdata)
{
	_cleanup_message_ sd_bus_message *reply = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	struct wb_bus_inhibitor i;
	int r = sd_bus_open_system(&bus);

	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, LIST_TIMEOUT_USEC);
	if (r >= 0)
		r = sd_bus_call_method(bus, "org.freedesktop.login1",
				       "/org/freedesktop/login1",
				       "org.freedesktop.login1.Manager", "ListInhibitors",
				       NULL, &reply, NULL);
	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "(ssssuu)");
	while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssuu)", &i.what, &i.who,
						  &i.why, &i.mode, NULL, &i.pid)) > 0)
		r = found(&i, userdata);
	return r < 0 ? r : 0;
}
