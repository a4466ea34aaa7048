/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The service that a run is. */

#include <errno.h>
#include <string.h>

#include "sys/bus-call.h"
#include "sys/bus.h"

/* Also what comes over the bus is expanded: systemd.service(5), "Command lines". */
static int append_word(sd_bus_message *m, const char *word)
{
	_cleanup_free_ char *doubled = malloc(2 * strlen(word) + 1);
	char *end = doubled;

	if (!doubled)
		return -ENOMEM;
	for (; *word; word++) {
		if (*word == '$')
			*end++ = '$';
		*end++ = *word;
	}
	*end = '\0';
	return sd_bus_message_append(m, "s", doubled);
}

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
		r = append_word(m, *p);
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
			m, "(sv)(sv)(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s",
			what->description,
			/* The job is over when the program runs, not when it is forked.
			 */
			"Type", "s", "exec",
			/* Isolating a target would stop us in the middle of it. */
			"IgnoreOnIsolate", "b", true,
			/* No trace of a failed run that would block the next one. */
			"CollectMode", "s", "inactive-or-failed",
			/* The signal goes to the one who can undo, not to its children;
			 * and a child that no signal ends must not hold up the next
			 * reboot. */
			"KillMode", "s", "process", "TimeoutStopUSec", "t",
			what->stop_timeout_usec,
			/* The one process that must not go when memory is short. */
			"OOMScoreAdjust", "i", -900,
			/* A hook that talks a lot must not drown what the caller counts.
			 */
			"LogRateLimitIntervalUSec", "t", UINT64_C(0));
	if (r >= 0)
		r = append_exec(m, what->argv);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int wb_bus_start_transient(const struct wb_transient *what, char **ret_why)
{
	_cleanup_message_ sd_bus_message *call = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = wb_bus_connect(&bus);

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
	return r < 0 ? r : wb_bus_call_job(bus, call, CALL_TIMEOUT_USEC, ret_why);
}

int wb_bus_kill_main(const char *unit, int signal)
{
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = wb_bus_connect(&bus);

	if (r < 0)
		return r;
	return sd_bus_call_method(bus, DESTINATION, MANAGER, "KillUnit", NULL, NULL,
				  "ssi", unit, "main", signal);
}

int wb_bus_is_active(const char *unit, bool *ret)
{
	_cleanup_free_ char *state = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = wb_bus_connect(&bus);

	if (r >= 0)
		r = wb_bus_unit_string(bus, unit, "ActiveState", &state);
	if (r < 0)
		return r;
	*ret = strcmp(state, "inactive") != 0 && strcmp(state, "failed") != 0;
	return 0;
}
