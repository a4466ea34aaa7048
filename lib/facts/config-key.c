/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the keys of the configuration take, and where they put it. */

#include "facts/config-key.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "base/time-util.h"
#include "facts/cmdline.h"
#include "facts/pci-address.h"
#include "facts/verdict.h"

/* Less is over before systemd has answered; with more, a run that hangs is not seen as
 * one. */
#define TIMEOUT_MIN_USEC USEC_PER_SEC
#define TIMEOUT_MAX_USEC (600 * USEC_PER_SEC)
#define TIMEOUT_EXPECTED "a time from 1s to 10min, such as 90 or 2min"

/* --- values ----------------------------------------------------------------------- */

static bool is_word(const char *value)
{
	return !value[strcspn(value, "/ \t")];
}

static bool is_absolute(const char *value)
{
	return *value == '/';
}

static bool is_initrd(const char *value)
{
	return is_absolute(value) || strcmp(value, "none") == 0;
}

static bool is_modules(const char *value)
{
	for (; *value; value++)
		if (!isalnum((unsigned char)*value) && !strchr("_-, \t", *value))
			return false;
	return true;
}

/* systemd.syntax(7) */
static const struct boolean {
	const char *word;
	bool value;
} booleans[] = {
	{ "1", true },  { "yes", true },    { "y", true },  { "true", true },
	{ "t", true },  { "on", true },     { "0", false }, { "no", false },
	{ "n", false }, { "false", false }, { "f", false }, { "off", false },
};

static const struct boolean *find_boolean(const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(booleans); i++)
		if (strcasecmp(booleans[i].word, value) == 0)
			return &booleans[i];
	return NULL;
}

static bool is_boolean(const char *value)
{
	return find_boolean(value);
}

static bool is_timeout(const char *value)
{
	uint64_t usec;

	return wb_parse_timespan(value, &usec) >= 0 && usec >= TIMEOUT_MIN_USEC &&
	       usec <= TIMEOUT_MAX_USEC;
}

static bool is_fallback(const char *value)
{
	return strcmp(value, "none") == 0 || strcmp(value, "reboot") == 0;
}

static bool is_address(const char *s, size_t n)
{
	return wb_is_short_pci_address(s, n) || wb_is_pci_address(s, n);
}

static bool is_driver(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_-.+*?[]!", s[i]))
			return false;
	return n > 0;
}

/* "e1000e late": the word, and the length of what it is about in @ret_n. */
static const char *split_verdict(const char *value, size_t *ret_n)
{
	*ret_n = strcspn(value, " \t");
	return value + *ret_n + strspn(value + *ret_n, " \t");
}

/* "unknown" is what is found, and nothing that could be asked for. */
static bool is_verdict(const char *value)
{
	size_t n;
	int verdict = wb_verdict_from_string(split_verdict(value, &n));

	return verdict >= 0 && verdict != WB_VERDICT_UNKNOWN &&
	       (is_address(value, n) || is_driver(value, n));
}

static bool is_anything(const char *value)
{
	(void)value;
	return true;
}

/* --- keys: an empty value takes back what was set before ---------------------------- */

void wb_setting_done(struct wb_setting *s)
{
	free(s->text);
	free(s->origin);
	*s = (struct wb_setting){ 0 };
}

static int set_text(void *field, const struct wb_config_key *key, const char *value,
		    const char *path)
{
	struct wb_setting s = { 0 };

	if (*value) {
		s.text = strdup(value);
		s.origin = wb_format("%s= in %s", key->name, path);
		if (!s.text || !s.origin) {
			wb_setting_done(&s);
			return -ENOMEM;
		}
	}
	wb_setting_done(field);
	*(struct wb_setting *)field = s;
	return 0;
}

static int set_line(void *field, const struct wb_config_key *key, const char *value,
		    const char *path)
{
	char ***list = field;

	(void)key, (void)path;
	if (*value)
		return wb_strv_append(list, value);
	wb_strv_free(*list);
	*list = NULL;
	return 0;
}

/* Words as the kernel splits them: white space between double quotes does not part. */
static int set_words(void *field, const struct wb_config_key *key, const char *value,
		     const char *path)
{
	struct wb_word word;
	int r = *value ? 0 : set_line(field, key, value, path);

	while (r >= 0 && wb_cmdline_next(&value, &word))
		r = wb_strv_appendf(field, "%.*s", (int)word.size, word.text);
	return r;
}

static int set_modules(void *field, const struct wb_config_key *key, const char *value,
		       const char *path)
{
	char ***list = field;
	int r = *value ? wb_strv_split(list, value) : set_line(field, key, value, path);

	for (char **name = *list; name && *name; name++)
		wb_module_name(*name);
	return r;
}

static int set_unless(void *field, const struct wb_config_key *key, const char *value,
		      const char *path)
{
	(void)key, (void)path;
	*(bool *)field = *value && !find_boolean(value)->value;
	return 0;
}

static int set_flag(void *field, const struct wb_config_key *key, const char *value,
		    const char *path)
{
	(void)key, (void)path;
	*(bool *)field = *value && find_boolean(value)->value;
	return 0;
}

static int set_reboot(void *field, const struct wb_config_key *key, const char *value,
		      const char *path)
{
	(void)key, (void)path;
	*(bool *)field = strcmp(value, "reboot") == 0;
	return 0;
}

static int set_timeout(void *field, const struct wb_config_key *key, const char *value,
		       const char *path)
{
	(void)key, (void)path;
	*(uint64_t *)field = 0;
	return *value ? wb_parse_timespan(value, field) : 0;
}

/* An address as sysfs writes it. */
static int add_address(char ***list, const char *s, size_t n)
{
	_cleanup_free_ char *address =
		wb_format("%s%.*s", wb_is_short_pci_address(s, n) ? "0000:" : "", (int)n,
			  s);

	for (char *c = address; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return address ? wb_strv_append(list, address) : -ENOMEM;
}

static int set_verdict(void *field, const struct wb_config_key *key, const char *value,
		       const char *path)
{
	const char *word;
	size_t n;
	int r;

	if (!*value)
		return set_line(field, key, value, path);
	word = split_verdict(value, &n);
	r = is_address(value, n) ? add_address(field, value, n)
				 : wb_strv_appendf(field, "%.*s", (int)n, value);
	return r < 0 ? r : wb_strv_append(field, word);
}

static const struct wb_config_key keys[] = {
	{ "Kernel", set_text, is_anything, offsetof(struct wb_config, kernel),
	  "the name or the path of a kernel" },
	{ "Initrd", set_text, is_initrd, offsetof(struct wb_config, initrd),
	  "an absolute path, or none" },
	{ "Dtb", set_text, is_absolute, offsetof(struct wb_config, dtb),
	  "an absolute path" },
	{ "Append", set_line, is_anything, offsetof(struct wb_config, append),
	  "words for the command line" },
	{ "Remove", set_words, is_anything, offsetof(struct wb_config, remove),
	  "words of the command line" },
	{ "Target", set_text, is_word, offsetof(struct wb_config, target),
	  "the name of a target unit" },
	{ "Isolate", set_unless, is_boolean, offsetof(struct wb_config, no_isolate),
	  "yes or no" },
	{ "Unload", set_modules, is_modules, offsetof(struct wb_config, unload),
	  "names of modules" },
	{ "Keep", set_modules, is_modules, offsetof(struct wb_config, keep),
	  "names of modules" },
	{ "Verdict", set_verdict, is_verdict, offsetof(struct wb_config, verdicts),
	  "a driver or a PCI address, and one of shutdown, unload, unbind, late, exitrd, "
	  "keep and bad" },
	{ "Kill", set_flag, is_boolean, offsetof(struct wb_config, kill), "yes or no" },
	{ "Fallback", set_reboot, is_fallback, offsetof(struct wb_config, reboot),
	  "none or reboot" },
	{ "IsolateTimeout", set_timeout, is_timeout,
	  offsetof(struct wb_config, isolate_timeout_usec), TIMEOUT_EXPECTED },
	{ "UnitTimeout", set_timeout, is_timeout,
	  offsetof(struct wb_config, unit_timeout_usec), TIMEOUT_EXPECTED },
	{ "ModuleTimeout", set_timeout, is_timeout,
	  offsetof(struct wb_config, module_timeout_usec), TIMEOUT_EXPECTED },
};

const struct wb_config_key *wb_config_key_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}
