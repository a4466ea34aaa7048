/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What systemd says of its units, and of the boot. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "sys/bus-call.h"
#include "sys/bus.h"

static int list_units(sd_bus *bus, const char *pattern, char ***ret)
{
	_cleanup_message_ sd_bus_message *call = NULL, *reply = NULL;
	_cleanup_strv_ char **units = NULL;
	const char *name;
	int r;

	r = sd_bus_message_new_method_call(bus, &call, DESTINATION, MANAGER,
					   "ListUnitsByPatterns");
	if (r >= 0)
		/* Older versions know of no unit that is "refreshing". */
		r = sd_bus_message_append(call, "asas", 4, "active", "reloading",
					  "refreshing", "activating", 1, pattern);
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
	int r = wb_bus_connect(&bus);

	return r < 0 ? r : list_units(bus, "*", ret);
}

int wb_bus_working_units(char ***ret)
{
	_cleanup_message_ sd_bus_message *reply = NULL;
	_cleanup_strv_ char **units = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	const char *unit, *state;
	int r = wb_bus_connect(&bus);

	/* Somebody waits for the answer before a screen. */
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, USEC_PER_SEC);
	if (r >= 0)
		r = sd_bus_call_method(bus, DESTINATION, MANAGER, "ListJobs", NULL,
				       &reply, "");
	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "(usssoo)");
	while (r >= 0 && (r = sd_bus_message_read(reply, "(usssoo)", NULL, &unit, NULL,
						  &state, NULL, NULL)) > 0)
		/* The others wait for those that run. */
		if (strcmp(state, "running") == 0 && strcmp(unit, WB_BUS_SERVICE) != 0)
			r = wb_strv_append(&units, unit);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(units);
	return 0;
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

int wb_bus_pending_job(const char *unit, uint32_t *ret)
{
	_cleanup_message_ sd_bus_message *reply = NULL;
	_cleanup_bus_ sd_bus *bus = NULL;
	_cleanup_free_ char *path = NULL;
	int r = wb_bus_connect(&bus);

	/* The machine goes down already. */
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, 5 * USEC_PER_SEC);
	if (r >= 0)
		r = unit_path(bus, unit, &path);
	if (r >= 0)
		r = sd_bus_get_property(bus, DESTINATION, path, UNIT, "Job", NULL, &reply,
					"(uo)");
	if (r >= 0)
		r = sd_bus_message_read(reply, "(uo)", ret, NULL);
	return r < 0 ? r : *ret == 0 ? -ENOENT : 0;
}

int wb_bus_unit_string(sd_bus *bus, const char *unit, const char *property, char **ret)
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
	int r = wb_bus_connect(&bus);

	if (r >= 0)
		r = isolatable_targets(bus, &targets);
	if (r < 0)
		return r;
	/* Where two stand side by side, the one the machine boots into is meant. */
	if (wb_bus_unit_string(bus, "default.target", "Id", &preferred) < 0)
		preferred = NULL;
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

static int manager_stamp(sd_bus *bus, const char *property, uint64_t *ret)
{
	return sd_bus_get_property_trivial(bus, DESTINATION, MANAGER, property, NULL, 't',
					   ret);
}

int wb_bus_manager_stamp(const char *property, uint64_t *ret)
{
	_cleanup_bus_ sd_bus *bus = NULL;
	int r = wb_bus_connect(&bus);

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
	int r = wb_bus_connect(&bus);

	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, wb_bus_sender(bus), MANAGER,
					"StartupFinished", on_finished, &finished);
	if (r >= 0)
		r = sd_bus_call_method(bus, DESTINATION, MANAGER, "Subscribe", NULL, NULL,
				       "");
	/* Only after the subscription: else it could fall between the two. */
	if (r >= 0)
		r = manager_stamp(bus, "FinishTimestampMonotonic", &stamp);
	while (r >= 0 && !finished && stamp == 0)
		r = wb_bus_turn(bus, deadline);
	return r < 0 ? r : 0;
}
