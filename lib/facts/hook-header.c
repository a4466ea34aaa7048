/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The header of a hook, in comments at its beginning. No I/O here. */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/hook.h"

#define TIMEOUT_DEFAULT_USEC (60 * USEC_PER_SEC)
#define TIMEOUT_MAX_USEC     (600 * USEC_PER_SEC)

static const char *const phase_names[_WB_HOOK_PHASE_MAX] = {
	[WB_HOOK_QUIESCE] = "quiesce",
	[WB_HOOK_LATE] = "late",
	[WB_HOOK_EXITRD] = "exitrd",
};

const char *wb_hook_phase_to_string(enum wb_hook_phase phase)
{
	return phase_names[phase];
}

static int parse_description(struct wb_hook *hook, const char *value)
{
	return wb_set_format(&hook->description, "%s", value);
}

/* The words of a list, of which there is at least one. */
static int parse_list(char ***ret, const char *value)
{
	int r = wb_strv_split(ret, value);

	return r < 0 ? r : *ret ? 0 : -EINVAL;
}

static int parse_modules(struct wb_hook *hook, const char *value)
{
	int r = parse_list(&hook->modules, value);

	for (char **p = hook->modules; r >= 0 && p && *p; p++) {
		wb_module_name(*p);
		for (const char *c = *p; *c; c++)
			if (!isalnum((unsigned char)*c) && *c != '_')
				return -EINVAL;
	}
	return r;
}

static int parse_devices(struct wb_hook *hook, const char *value)
{
	int r = parse_list(&hook->devices, value);

	for (char **p = hook->devices; r >= 0 && p && *p; p++)
		if (!wb_startswith(*p, "/dev/"))
			return -EINVAL;
	return r;
}

static int parse_units(struct wb_hook *hook, const char *value)
{
	int r = parse_list(&hook->units, value);

	for (char **p = hook->units; r >= 0 && p && *p; p++)
		if (!strchr(*p, '.'))
			return -EINVAL;
	return r;
}

static int parse_phase(struct wb_hook *hook, const char *value)
{
	for (int i = 0; i < _WB_HOOK_PHASE_MAX; i++)
		if (strcmp(value, phase_names[i]) == 0) {
			hook->phase = (enum wb_hook_phase)i;
			return 0;
		}
	return -EINVAL;
}

static int parse_required(struct wb_hook *hook, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return -EINVAL;
	hook->required = strcmp(value, "yes") == 0;
	return 0;
}

static int parse_timeout(struct wb_hook *hook, const char *value)
{
	int r = wb_parse_timespan(value, &hook->timeout_usec);

	if (r >= 0 &&
	    (hook->timeout_usec < USEC_PER_SEC || hook->timeout_usec > TIMEOUT_MAX_USEC))
		return -EINVAL;
	return r;
}

static const struct key {
	const char *name;
	int (*parse)(struct wb_hook *hook, const char *value);
	const char *expected;
} keys[] = {
	{ "Description", parse_description, "text" },
	{ "Modules", parse_modules, "names of modules" },
	{ "Devices", parse_devices, "paths or globs below /dev/" },
	{ "Units", parse_units, "names of units with their suffix" },
	{ "Phase", parse_phase, "quiesce, late or exitrd" },
	{ "Required", parse_required, "yes or no" },
	{ "Timeout", parse_timeout, "a time from 1s to 10min" },
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* "# Key: value" into its two parts, in place; false for any other line. */
static bool split_line(char *line, char **ret_name, char **ret_value)
{
	char *colon;

	if (!wb_startswith(line, "# "))
		return false;
	line += 2;
	colon = strchr(line, ':');
	if (!colon || colon == line)
		return false;
	for (char *p = line; p < colon; p++)
		if (!isalnum((unsigned char)*p) && *p != '-')
			return false;
	*colon++ = '\0';
	colon += strspn(colon, " \t");
	*ret_name = line;
	*ret_value = wb_strip_end(colon);
	return true;
}

static int parse_key(struct wb_hook *hook, const char *name, const char *value,
		     unsigned int line)
{
	const struct key *key = find_key(name);
	int r;

	if (!key)
		return wb_set_format(&hook->problem,
				     "line %u of its header has the unknown key '%s'",
				     line, name);
	r = *value ? key->parse(hook, value) : -EINVAL;
	if (r == -EINVAL)
		return wb_set_format(
			&hook->problem,
			"line %u of its header says '%s: %s', but %s takes %s", line,
			name, value, name, key->expected);
	return r;
}

static int parse_version(struct wb_hook *hook, const char *value)
{
	if (strcmp(value, "1") == 0)
		return 0;
	return wb_set_format(&hook->problem,
			     "it is written for version '%s' of the hook interface, and "
			     "this warmboot knows version 1",
			     value);
}

int wb_hook_parse(const char *text, struct wb_hook *hook)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *line, *name, *value;
	unsigned int number = 0;
	bool begun = false;
	int r = copy ? 0 : -ENOMEM;

	hook->timeout_usec = TIMEOUT_DEFAULT_USEC;
	while (r >= 0 && !hook->problem && (line = strsep(&rest, "\n"))) {
		number++;
		if (!split_line(line, &name, &value)) {
			/* The header ends at the first line that is none of it. */
			if (begun || *line != '#')
				break;
		} else if (!begun) {
			/* A licence or a mode line may stand above it. */
			begun = strcmp(name, "Warmboot-Hook") == 0;
			r = begun ? parse_version(hook, value) : 0;
		} else {
			r = parse_key(hook, name, value, number);
		}
	}
	if (r >= 0 && !begun)
		r = wb_set_format(&hook->problem,
				  "it has no line '# Warmboot-Hook: 1' at its beginning");
	return r;
}
