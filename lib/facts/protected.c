/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/protected.h"

#include <fnmatch.h>
#include <string.h>

#include "base/macro.h"
#include "sys/bus.h"

static const char *const protected_units[] = {
	"init.scope",
	"dbus.service",
	"dbus-broker.service",
	"systemd-journald.service",
	"systemd-logind.service",
	"systemd-udevd.service",
	"systemd-networkd.service",
	"NetworkManager.service",
	"ssh.service",
	"ssh@*.service",
	"sshd.service",
	"sshd@*.service",
	WB_BUS_SERVICE,
};

bool wb_unit_is_protected(const char *unit)
{
	for (size_t i = 0; i < ARRAY_SIZE(protected_units); i++)
		if (fnmatch(protected_units[i], unit, 0) == 0)
			return true;
	return false;
}

bool wb_unit_keeps_for_sessions(const char *unit)
{
	return strcmp(unit, "init.scope") == 0 ||
	       strcmp(unit, "systemd-logind.service") == 0;
}
