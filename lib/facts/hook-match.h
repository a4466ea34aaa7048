/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a hook's header has to do with this machine. Pure. */

#include "facts/facts.h"

/* Does every line Match of its header hold here? One without such lines always does. */
bool wb_hook_matches(const struct wb_hook *hook, const struct wb_facts *facts);
/*
 * Is it used: it matches, and something of what it names is here: a module that is
 * loaded, a unit that runs, a device with a driver that it judges or unbinds; or, where
 * it names none of them, a device file. One that names nothing is always used.
 */
bool wb_hook_applies(const struct wb_hook *hook, const struct wb_facts *facts);
/* Find that out for all hooks of the facts, when the rest of these is there. */
void wb_hooks_find_used(struct wb_facts *facts);
/* Does the header's verdict hold for the device, by its driver? */
bool wb_hook_judges(const struct wb_hook *hook, const struct wb_device *device);
/* Does its line Unbind name the device? Never one without a driver. */
bool wb_hook_unbinds(const struct wb_hook *hook, const struct wb_device *device);
/* The addresses of the PCI devices that it is about, separated by spaces; the caller's.
 * NULL without memory. */
char *wb_hook_pci_addresses(const struct wb_hook *hook, const struct wb_facts *facts);
