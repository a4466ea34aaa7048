/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/screen.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "facts/console.h"
#include "facts/device.h"

/* The major number of /dev/fb* (Documentation/admin-guide/devices.txt). */
#define FB_MAJOR 29

/* --- whose it is -------------------------------------------------------------------- */

static bool has_framebuffer(const struct wb_device *d)
{
	for (size_t i = 0; i < d->n_nodes; i++)
		if (!d->nodes[i].block && d->nodes[i].major == FB_MAJOR)
			return true;
	return false;
}

/*
 * Frame buffers that take a reference on their driver's module as long as a console is on
 * them; nouveau's is the generic one from Linux 6.2 on.
 */
bool wb_screen_pins(const struct wb_facts *facts, const struct wb_device *display)
{
	static const char *const drivers[] = { "gma500", "i915", "radeon", "xe" };
	const char *release = facts->state.release;

	if (!display->driver)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (strcmp(display->driver, drivers[i]) == 0)
			return true;
	return strcmp(display->driver, "nouveau") == 0 && release &&
	       strverscmp(release, "6.2") < 0;
}

/*
 * A frame buffer of the firmware stays, and people see what is written there: it is a
 * platform device, which hangs below the GPU since Linux 6.9 and does not go with it.
 */
bool wb_screen_is_on(const struct wb_facts *facts, const struct wb_device *display)
{
	if (wb_screen_pins(facts, display) || has_framebuffer(display))
		return true;
	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if (wb_device_is_inside(d, display) && strcmp(d->bus, "platform") != 0 &&
		    has_framebuffer(d))
			return true;
	}
	return false;
}

/* --- whether it can go and come ----------------------------------------------------- */

/*
 * do_unbind_con_driver() looks for any other driver that is registered, bound or not, and
 * gives the terminals to that one; without one it fails, which store_bind() does not say.
 */
const char *wb_screen_obstacle(const struct wb_facts *facts)
{
	bool bound = false;

	for (size_t i = 0; i < facts->n_consoles; i++)
		bound = bound || (facts->consoles[i].bound &&
				  wb_console_is_framebuffer(&facts->consoles[i]));
	if (!bound)
		return NULL;
	if (facts->consoles_fixed)
		return "the kernel was built without CONFIG_VT_HW_CONSOLE_BINDING, so "
		       "the console cannot be taken from its frame buffer";
	if (facts->n_consoles < 2)
		return "the frame buffer console is the only one that the kernel has for "
		       "the virtual terminals, so it cannot be taken from its frame "
		       "buffer";
	return NULL;
}

/* vt_bind() takes terminals from a system driver alone. Such a one is gone where a native
 * driver took the screen from VGA: vgacon leaves, and the dummy comes as a module. */
bool wb_screen_can_return(const struct wb_facts *facts)
{
	for (size_t i = 0; i < facts->n_consoles; i++)
		if (wb_console_is_system(&facts->consoles[i]))
			return true;
	return false;
}

/* --- what follows ------------------------------------------------------------------- */

static int leave_alone(struct wb_judgement *j, const char *why)
{
	char *because = wb_format("%s, but %s", j->because, why);

	if (!because)
		return -ENOMEM;
	free(j->because);
	j->because = because;
	j->wanted = j->verdict;
	j->verdict = WB_VERDICT_SHUTDOWN;
	return 0;
}

/* Other devices of a module that stays: what was to become of them by its leaving does
 * not. */
static int leave_others(struct wb_judgements *judgements, const struct wb_facts *facts,
			const char *module, const char *id)
{
	_cleanup_free_ char *why =
		wb_format("%s stays, since the screen of %s is on it", module, id);
	int r = why ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < facts->n_devices; i++) {
		const struct wb_device *d = &facts->devices[i];

		if (judgements->items[i].verdict == WB_VERDICT_UNLOAD && d->module &&
		    strcmp(d->module, module) == 0)
			r = leave_alone(&judgements->items[i], why);
	}
	return r;
}

static int drop(struct wb_judgements *judgements, struct wb_removals *removals,
		const struct wb_facts *facts, const struct wb_device *display)
{
	const struct wb_removal *found = wb_removals_find(removals, display->module);
	const struct wb_hook *hook = found ? found->hook : NULL;
	int r = 0;

	/* What else goes for the sake of the same hook goes for nothing. */
	for (size_t i = 0; r >= 0 && i < removals->n;) {
		const struct wb_removal *other = &removals->items[i];

		if ((!hook || other->hook != hook) &&
		    strcmp(other->module, display->module) != 0) {
			i++;
			continue;
		}
		r = leave_others(judgements, facts, other->module, display->id);
		wb_removals_drop(removals, i);
	}
	return r;
}

static int keep(struct wb_judgements *judgements, struct wb_removals *removals,
		const struct wb_facts *facts, size_t i, const char *why,
		struct wb_findings *findings)
{
	const struct wb_device *d = &facts->devices[i];
	struct wb_judgement *j = &judgements->items[i];
	const struct wb_removal *r =
		d->module ? wb_removals_find(removals, d->module) : NULL;
	bool takes_away = wb_verdict_takes_away(j->verdict);
	int n;

	if (!r && !takes_away)
		return 0;
	if (r ? r->required : j->required)
		return wb_findings_add(
			findings, WB_BLOCKER, d->driver,
			"%s has to be put to rest (%s), and its screen has to be let go "
			"of before: %s; leave it to its shutdown with --keep=%s",
			d->id, r ? r->because : j->because, why,
			d->module ? d->module : d->driver);
	n = wb_findings_add(findings, WB_WARNING, d->driver,
			    "%s stays with its driver, and is left to its shutdown: %s",
			    d->id, why);
	if (n >= 0 && takes_away)
		n = leave_alone(j, why);
	if (n >= 0 && d->module)
		n = drop(judgements, removals, facts, d);
	return n;
}

/* Where the frame buffer goes all the same, the terminals lead into nothing. */
int wb_screen_keep(struct wb_judgements *judgements, struct wb_removals *removals,
		   const struct wb_facts *facts, struct wb_findings *findings)
{
	const char *why = wb_screen_obstacle(facts);
	int r = 0;

	for (size_t i = 0; why && r >= 0 && i < facts->n_devices; i++)
		if (facts->devices[i].driver &&
		    wb_screen_is_on(facts, &facts->devices[i]))
			r = keep(judgements, removals, facts, i, why, findings);
	return r;
}
