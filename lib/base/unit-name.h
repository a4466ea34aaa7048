/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Names of systemd's units: systemd.unit(5), "String escaping". */

/* Of the unit for a path, "/srv/my data" and ".mount" into "srv-my\x20data.mount", as
 * systemd-escape -p has it. The caller's; NULL without memory. */
char *wb_unit_name_of_path(const char *path, const char *suffix);
