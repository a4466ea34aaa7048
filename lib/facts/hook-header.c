/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The header of a hook, in comments at its beginning. No I/O here. */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/hook-term.h"
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

/* --- values ----------------------------------------------------------------------- */

static int parse_description(struct wb_hook *hook, const char *value)
{
	return wb_set_format(&hook->description, "%s", value);
}

/* Of a list there is at least one word, and all are good. */
static int check_list(char **words, bool (*good)(char *word))
{
	for (char **p = words; p && *p; p++)
		if (!good(*p))
			return -EINVAL;
	return words ? 0 : -EINVAL;
}

static int parse_list(char ***ret, const char *value, bool (*good)(char *word))
{
	int r = wb_strv_split(ret, value);

	return r < 0 ? r : check_list(*ret, good);
}

/* Words that may have a comma in them. */
static int parse_words(char ***ret, const char *value, bool (*good)(char *word))
{
	int r = wb_strv_split_words(ret, value);

	return r < 0 ? r : check_list(*ret, good);
}

/* In the kernel's spelling from here on. */
static bool is_module(char *word)
{
	wb_module_name(word);
	for (const char *c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return false;
	return true;
}

static bool is_device(char *word)
{
	return wb_startswith(word, "/dev/");
}

static bool is_unit(char *word)
{
	return strchr(word, '.');
}

static bool is_driver(char *word)
{
	return !strchr(word, '/');
}

static bool is_unbind_term(char *word)
{
	struct wb_term term;

	return wb_term_parse_unbind(word, &term) >= 0;
}

static bool is_match_term(char *word)
{
	struct wb_term term;

	return wb_term_parse_match(word, &term) >= 0;
}

/* Quotes would have to be understood by whoever compares words; no driver needs them. */
static bool is_cmdline_word(char *word)
{
	word += *word == '!';
	return *word && !strpbrk(word, "\"'\\");
}

static int parse_modules(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->modules, value, is_module);
}

static int parse_devices(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->devices, value, is_device);
}

static int parse_units(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->units, value, is_unit);
}

static int parse_drivers(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->drivers, value, is_driver);
}

static int parse_unbind(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->unbind, value, is_unbind_term);
}

static int parse_block(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->block, value, is_module);
}

static int parse_initramfs(struct wb_hook *hook, const char *value)
{
	return parse_list(&hook->early, value, is_module);
}

static int parse_cmdline(struct wb_hook *hook, const char *value)
{
	return parse_words(&hook->cmdline, value, is_cmdline_word);
}

static int parse_match(struct wb_hook *hook, const char *value)
{
	_cleanup_strv_ char **words = NULL;
	int r = parse_words(&words, value, is_match_term);

	return r < 0 ? r : wb_strv_append(&hook->match, value);
}

static int parse_verdict(struct wb_hook *hook, const char *value)
{
	int r = wb_verdict_from_string(value);

	/* That nobody knows is what remains where no hook says anything. */
	if (r < 0 || r == WB_VERDICT_UNKNOWN)
		return -EINVAL;
	hook->verdict = (enum wb_verdict)r;
	return 0;
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

static int parse_choice(const char *value, const char *no, const char *yes, bool *ret)
{
	*ret = strcmp(value, yes) == 0;
	return *ret || strcmp(value, no) == 0 ? 0 : -EINVAL;
}

static int parse_required(struct wb_hook *hook, const char *value)
{
	return parse_choice(value, "no", "yes", &hook->required);
}

static int parse_holders(struct wb_hook *hook, const char *value)
{
	return parse_choice(value, "stop", "refuse", &hook->refuse_holders);
}

static int parse_timeout(struct wb_hook *hook, const char *value)
{
	int r = wb_parse_timespan(value, &hook->timeout_usec);

	if (r >= 0 &&
	    (hook->timeout_usec < USEC_PER_SEC || hook->timeout_usec > TIMEOUT_MAX_USEC))
		return -EINVAL;
	return r;
}

/* --- lines ------------------------------------------------------------------------ */

static const struct key {
	const char *name;
	int (*parse)(struct wb_hook *hook, const char *value);
	const char *expected;
	bool repeatable;
} keys[] = {
	{ "Description", parse_description, "text", false },
	{ "Modules", parse_modules, "names of modules", false },
	{ "Devices", parse_devices, "paths or globs below /dev/", false },
	{ "Units", parse_units, "names of units with their suffix", false },
	{ "Drivers", parse_drivers, "names of drivers in sysfs, or globs for them",
	  false },
	{ "Verdict", parse_verdict, "shutdown, unload, unbind, late, exitrd, keep or bad",
	  false },
	{ "Unbind", parse_unbind,
	  "PCI addresses (0000:00:03.0), class:DIGITS or driver:NAME", false },
	{ "Match", parse_match,
	  "pci-class:DIGITS, pci-vendor:DIGITS, boot-vga:DIGITS, driver:NAME, module:NAME, modalias:GLOB, "
	  "dmi:GLOB, cpus:offline, sriov:enabled or kernel-before:VERSION, each with or "
	  "without a '!' before it",
	  true },
	{ "Cmdline", parse_cmdline, "words of a command line, without quotes", false },
	{ "Initramfs", parse_initramfs, "names of modules", false },
	{ "Block", parse_block, "names of modules", false },
	{ "Holders", parse_holders, "stop or refuse", false },
	{ "Phase", parse_phase, "quiesce, late or exitrd", false },
	{ "Required", parse_required, "yes or no", false },
	{ "Timeout", parse_timeout, "a time from 1s to 10min", false },
};

struct header {
	struct wb_hook *hook;
	unsigned int line;
	bool begun;
	bool seen[ARRAY_SIZE(keys)];
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

static int parse_key(struct header *header, const char *name, const char *value)
{
	struct wb_hook *hook = header->hook;
	const struct key *key = find_key(name);
	int r;

	if (!key)
		return wb_set_format(&hook->problem,
				     "line %u of its header has the unknown key '%s'",
				     header->line, name);
	if (header->seen[key - keys] && !key->repeatable)
		return wb_set_format(
			&hook->problem,
			"line %u of its header has the key '%s' a second time",
			header->line, name);
	header->seen[key - keys] = true;
	r = *value ? key->parse(hook, value) : -EINVAL;
	if (r == -EINVAL)
		return wb_set_format(
			&hook->problem,
			"line %u of its header says '%s: %s', but %s takes %s",
			header->line, name, value, name, key->expected);
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

/* 1 for the line behind the header's end. */
static int parse_line(struct header *header, char *line)
{
	char *name, *value;

	header->line++;
	/* The header ends at the first line that is none of it. */
	if (!split_line(line, &name, &value))
		return header->begun || *line != '#';
	if (header->begun)
		return parse_key(header, name, value);
	/* A licence or a mode line may stand above it. */
	header->begun = strcmp(name, "Warmboot-Hook") == 0;
	return header->begun ? parse_version(header->hook, value) : 0;
}

int wb_hook_parse(const char *text, struct wb_hook *hook)
{
	_cleanup_free_ char *copy = strdup(text);
	struct header header = { .hook = hook };
	char *rest = copy, *line;
	int r = copy ? 0 : -ENOMEM;

	hook->timeout_usec = TIMEOUT_DEFAULT_USEC;
	while (r == 0 && !hook->problem && (line = strsep(&rest, "\n")))
		r = parse_line(&header, line);
	if (r < 0 || hook->problem)
		return r < 0 ? r : 0;
	if (!header.begun)
		return wb_set_format(&hook->problem,
				     "it has no line '# Warmboot-Hook: 1' at its "
				     "beginning");
	return wb_hook_check(hook);
}
