/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/console.h"
#include "plan/planner-part.h"
#include "plan/screen.h"

#define ISOLATE_TIMEOUT_USEC (180 * USEC_PER_SEC)
#define BLOCK_TIMEOUT_USEC   (10 * USEC_PER_SEC)
#define CONSOLE_TIMEOUT_USEC (10 * USEC_PER_SEC)

static bool runs_a_unit(const struct wb_planner *p, const struct wb_hook *hook)
{
	for (char **unit = hook->units; unit && *unit; unit++)
		if (wb_strv_contains(p->facts->units, *unit))
			return true;
	return false;
}

static bool has_quiesce_work(const struct wb_planner *p)
{
	if (p->removals.n > 0 || p->in->request->target)
		return true;
	for (size_t i = 0; i < p->n_unbindings; i++)
		if (p->unbindings[i].phase == WB_PHASE_QUIESCE)
			return true;
	for (size_t i = 0; i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->phase == WB_HOOK_QUIESCE && h->used &&
		    (h->has_code || runs_a_unit(p, h)))
			return true;
	}
	return false;
}

static int add_isolate(struct wb_planner *p)
{
	uint64_t asked = p->in->request->isolate_timeout_usec;
	const char *target = p->in->request->target;

	if (p->in->request->no_isolate || p->in->request->quiesce_only)
		return 0;
	if (!has_quiesce_work(p))
		return wb_findings_add(
			&p->plan->findings, WB_INFO, "quiesce",
			"no driver here has to be put to rest, so nothing is "
			"isolated%s",
			p->in->request->force
				? ""
				: "; kexec.target stops everything in order");
	return wb_plan_add(
		       p->plan, WB_PHASE_QUIESCE, WB_STEP_ISOLATE,
		       target ? target : WB_TARGET_DEFAULT,
		       asked > 0 ? asked : ISOLATE_TIMEOUT_USEC,
		       "graphical sessions, and all else that this target does not want, "
		       "let go of the devices")
		       ? 0
		       : -ENOMEM;
}

/* Whoever asks for a device that has just gone would have its driver loaded again. */
static int add_block(struct wb_planner *p, const struct wb_hook *hook)
{
	struct wb_step *s;

	s = wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_BLOCK_MODULES, hook->name,
			BLOCK_TIMEOUT_USEC,
			"what is removed now must not be loaded again meanwhile");
	if (!s)
		return -ENOMEM;
	s->required = hook->required;
	return wb_strv_copy(&s->modules, hook->block);
}

static int add_blocks(struct wb_planner *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->facts->n_hooks; i++) {
		const struct wb_hook *h = &p->facts->hooks[i];

		if (h->block && h->phase == WB_HOOK_QUIESCE && h->used &&
		    wb_planner_family_goes(p, h))
			r = add_block(p, h);
	}
	return r;
}

/* The first device with such a screen whose driver goes, or NULL. */
static const struct wb_device *leaving_display(const struct wb_planner *p,
					       bool (*has)(const struct wb_facts *facts,
							   const struct wb_device *d))
{
	for (size_t i = 0; i < p->facts->n_devices; i++)
		if (wb_planner_goes(p, i) && has(p->facts, &p->facts->devices[i]))
			return &p->facts->devices[i];
	return NULL;
}

/* Nobody can give the screen back then, as long as the driver stays. */
static int say_gone(struct wb_planner *p, const struct wb_device *display)
{
	return wb_findings_add(
		&p->plan->findings, WB_WARNING, "console",
		"%s can only go when the console is off its screen, and the kernel puts "
		"it back there when the driver comes anew, not before: should the way "
		"down fail in between, the screen stays dark until then",
		display->driver);
}

/*
 * Before the driver: people write there meanwhile. All but a few drivers take the console
 * along by themselves, so that where it could not be bound again nobody touches it.
 */
static int add_consoles(struct wb_planner *p)
{
	const struct wb_device *display = leaving_display(p, wb_screen_is_on);
	bool returns = wb_screen_can_return(p->facts);
	int r = 0;

	if (!display || wb_screen_obstacle(p->facts))
		return 0;
	if (!returns) {
		display = leaving_display(p, wb_screen_pins);
		if (!display)
			return 0;
	}
	for (size_t i = 0; r >= 0 && i < p->facts->n_consoles; i++) {
		const struct wb_console *c = &p->facts->consoles[i];

		if (!c->bound || !wb_console_is_framebuffer(c))
			continue;
		if (!wb_plan_add(p->plan, WB_PHASE_QUIESCE, WB_STEP_UNBIND_CONSOLE,
				 c->name, CONSOLE_TIMEOUT_USEC,
				 "the console draws into a frame buffer, and %s goes",
				 display->module ? display->module : display->driver))
			return -ENOMEM;
		r = returns ? 0 : say_gone(p, display);
	}
	return r;
}

int wb_planner_add_quiesce(struct wb_planner *p)
{
	int r = add_isolate(p);

	if (r >= 0)
		r = wb_planner_add_releases(p);
	if (r >= 0)
		r = wb_planner_add_hooks(p, WB_PHASE_QUIESCE);
	if (r >= 0)
		r = add_blocks(p);
	if (r >= 0)
		r = add_consoles(p);
	if (r >= 0)
		r = wb_planner_add_unbindings(p, WB_PHASE_QUIESCE);
	return r < 0 ? r : wb_planner_add_modules(p);
}
