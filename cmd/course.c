/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "course.h"

#include <langinfo.h>
#include <string.h>

#include "base/log.h"
#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "sys/bus.h"
#include "terminal.h"

/* As often as a person sees that something moves; and as often as systemd is asked. */
#define TURNS_PER_LOOK 10

/* Back to the first column, and clear to the end. */
#define CLEAR "\r\033[K"

int wb_course_begin(const struct wb_plan *plan, bool quiet, struct wb_course *ret)
{
	*ret = (struct wb_course){
		.plan = plan,
		.started = calloc(plan->n_steps + 1, sizeof(*ret->started)),
		.live = !quiet && wb_terminal_is_live(STDERR_FILENO),
		.style = {
			.colour = wb_terminal_has_colour(STDERR_FILENO),
			.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		},
	};
	return ret->started ? 0 : -ENOMEM;
}

void wb_course_end(struct wb_course *course)
{
	wb_course_pause(course);
	free(course->started);
	free(course->waiting_for);
	*course = (struct wb_course){ 0 };
}

void wb_course_pause(struct wb_course *course)
{
	if (course->drawn)
		fputs(CLEAR, stderr);
	course->drawn = false;
}

static char *name_of(const struct wb_course *course, size_t i)
{
	const struct wb_step *step = &course->plan->steps[i];
	char *name = wb_format("%s%s %s", course->undoing ? "undo " : "",
			       wb_step_kind_to_string(step->kind), step->target);

	return name ? wb_clean_text(name) : NULL;
}

static void print(struct wb_course *course, struct wb_course_line *line, size_t i,
		  bool moving)
{
	_cleanup_free_ char *text = name_of(course, i), *shown = NULL;

	if (!text)
		return;
	line->text = text;
	line->step = (unsigned int)i + 1;
	line->steps = (unsigned int)course->plan->n_steps;
	/* The window may have another size by now. */
	course->style.columns = wb_terminal_columns(STDERR_FILENO);
	shown = wb_course_format(line, &course->style);
	if (!shown)
		return;
	wb_course_pause(course);
	fprintf(stderr, "%s%s", shown, moving ? "" : "\n");
	course->drawn = moving;
}

/* The first step that runs, and how many beside it; false where none does. */
static bool find_running(const struct wb_course *course, size_t *ret,
			 unsigned int *others)
{
	bool found = false;

	*others = 0;
	for (size_t i = 0; i < course->plan->n_steps; i++) {
		if (course->started[i] == 0)
			continue;
		if (found)
			(*others)++;
		else
			*ret = i;
		found = true;
	}
	return found;
}

/* Steps that are a wait for systemd's jobs. */
static bool waits_for_units(const struct wb_step *step)
{
	return step->kind == WB_STEP_ISOLATE || step->kind == WB_STEP_STOP_UNIT ||
	       step->kind == WB_STEP_RELEASE_DEVICES;
}

static void look_who_is_waited_for(struct wb_course *course, const struct wb_step *step)
{
	_cleanup_strv_ char **units = NULL;

	free(TAKE_PTR(course->waiting_for));
	/* Who cannot be asked is not named. */
	if (waits_for_units(step) && wb_bus_working_units(&units) >= 0 && units)
		course->waiting_for = strdup(units[0]);
	if (course->waiting_for)
		wb_clean_text(course->waiting_for);
}

void wb_course_move(struct wb_course *course)
{
	struct wb_course_line line = { .mark = WB_MARK_WORKING, .turn = course->turn };
	const struct wb_step *step;
	size_t i = 0;

	if (!course->live || !find_running(course, &i, &line.others))
		return;
	step = &course->plan->steps[i];
	line.elapsed_usec = wb_now_usec(CLOCK_BOOTTIME) - course->started[i];
	line.limit_usec = step->timeout_usec;
	if (course->turn++ % TURNS_PER_LOOK == TURNS_PER_LOOK - 1)
		look_who_is_waited_for(course, step);
	line.waiting_for = course->waiting_for;
	print(course, &line, i, /* moving= */ true);
}

static void begin_step(struct wb_course *course, size_t i, bool undoing)
{
	course->undoing = undoing;
	course->started[i] = wb_now_usec(CLOCK_BOOTTIME);
	course->turn = 0;
	free(TAKE_PTR(course->waiting_for));
	wb_course_move(course);
}

static void end_step(struct wb_course *course, size_t i,
		     const struct wb_journal_entry *entry)
{
	struct wb_course_line line = {
		.mark = wb_course_mark_of(entry->outcome,
					  entry->event == WB_EVENT_STEP_UNDONE),
		.elapsed_usec = course->started[i] > 0
					? wb_now_usec(CLOCK_BOOTTIME) - course->started[i]
					: entry->elapsed_usec,
	};

	course->started[i] = 0;
	free(TAKE_PTR(course->waiting_for));
	print(course, &line, i, /* moving= */ false);
	wb_course_move(course);
}

/* Is it an event that a line stands for? */
static bool is_shown(struct wb_course *course, const struct wb_journal_entry *entry)
{
	size_t i = entry->step - 1;

	if (!course->live || entry->step == 0 || i >= course->plan->n_steps)
		return false;
	switch (entry->event) {
	case WB_EVENT_STEP_STARTED:
	case WB_EVENT_STEP_UNDOING:
		begin_step(course, i, entry->event == WB_EVENT_STEP_UNDOING);
		return true;
	case WB_EVENT_STEP_ENDED:
	case WB_EVENT_STEP_UNDONE:
		end_step(course, i, entry);
		return true;
	default:
		return false;
	}
}

void wb_course_show(struct wb_course *course, const struct wb_journal_entry *entry)
{
	if (is_shown(course, entry))
		return;
	wb_course_pause(course);
	wb_log(entry->level, "%s", entry->message);
	wb_course_move(course);
}
