/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/config.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/conf-files.h"
#include "sys/ini.h"
#include "sys/trust.h"

#define SECTION "Warmboot"
#define SUBJECT "configuration"

/* More than that is no file of ours, and nobody reads on. */
#define PROBLEMS_MAX 20

/* One file while it is read. */
struct reading {
	struct wb_config *config;
	const char *path;
	char *unknown; /* the section that was complained of last */
	unsigned int problems;
};

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

static bool is_anything(const char *value)
{
	(void)value;
	return true;
}

/* --- keys: an empty value takes back what was set before ---------------------------- */

struct key {
	const char *name;
	int (*set)(void *field, const struct key *key, const char *value,
		   const char *path);
	bool (*fits)(const char *value);
	size_t offset; /* in struct wb_config */
	const char *expected;
};

static void setting_done(struct wb_setting *s)
{
	free(s->text);
	free(s->origin);
	*s = (struct wb_setting){ 0 };
}

static int set_text(void *field, const struct key *key, const char *value,
		    const char *path)
{
	struct wb_setting s = { 0 };

	if (*value) {
		s.text = strdup(value);
		s.origin = wb_format("%s= in %s", key->name, path);
		if (!s.text || !s.origin) {
			setting_done(&s);
			return -ENOMEM;
		}
	}
	setting_done(field);
	*(struct wb_setting *)field = s;
	return 0;
}

static int set_line(void *field, const struct key *key, const char *value,
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
static int set_words(void *field, const struct key *key, const char *value,
		     const char *path)
{
	struct wb_word word;
	int r = *value ? 0 : set_line(field, key, value, path);

	while (r >= 0 && wb_cmdline_next(&value, &word))
		r = wb_strv_appendf(field, "%.*s", (int)word.size, word.text);
	return r;
}

static int set_modules(void *field, const struct key *key, const char *value,
		       const char *path)
{
	char ***list = field;
	int r = *value ? wb_strv_split(list, value) : set_line(field, key, value, path);

	for (char **name = *list; name && *name; name++)
		wb_module_name(*name);
	return r;
}

static int set_unless(void *field, const struct key *key, const char *value,
		      const char *path)
{
	(void)key, (void)path;
	*(bool *)field = *value && !find_boolean(value)->value;
	return 0;
}

static const struct key keys[] = {
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
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* --- lines -------------------------------------------------------------------------- */

/* Takes ownership of @what. A bad line does not make its neighbours bad. */
static int warn(struct reading *reading, unsigned int line, char *what)
{
	struct wb_findings *findings = &reading->config->findings;
	_cleanup_free_ char *text = what;
	int r;

	if (!text)
		return -ENOMEM;
	r = wb_findings_add(findings, WB_WARNING, SUBJECT,
			    "line %u of %s %s; it is ignored", line, reading->path,
			    wb_make_printable(text));
	if (r < 0 || ++reading->problems < PROBLEMS_MAX)
		return r;
	r = wb_findings_add(findings, WB_WARNING, SUBJECT,
			    "%s has so much in it that is not understood that the rest, "
			    "from line %u on, is ignored; see warmboot.conf(5)",
			    reading->path, line + 1);
	return r < 0 ? r : -ECANCELED;
}

/* Once for all lines of a section; "X-" is for others, as in systemd's files. */
static int warn_section(struct reading *reading, const struct wb_ini_line *line)
{
	if (wb_startswith(line->section, "X-") ||
	    (reading->unknown && strcmp(reading->unknown, line->section) == 0))
		return 0;
	free(reading->unknown);
	reading->unknown = strdup(line->section);
	if (!reading->unknown)
		return -ENOMEM;
	if (!*line->section)
		return warn(reading, line->number,
			    strdup("stands before the first section, [" SECTION "]"));
	return warn(reading, line->number,
		    wb_format("stands in the section [%s], and the only one is [" SECTION
			      "]",
			      line->section));
}

static int take_line(void *data, const struct wb_ini_line *line)
{
	struct reading *reading = data;
	const struct key *key;

	if (!line->key)
		return warn(reading, line->number, strdup(line->problem));
	if (strcmp(line->section, SECTION) != 0)
		return warn_section(reading, line);
	key = find_key(line->key);
	if (!key)
		return warn(reading, line->number,
			    wb_format("has the unknown key '%.60s'", line->key));
	if (*line->value && !key->fits(line->value))
		return warn(reading, line->number,
			    wb_format("says %s=%.60s, but %s= takes %s", key->name,
				      line->value, key->name, key->expected));
	return key->set((char *)reading->config + key->offset, key, line->value,
			reading->path);
}

/* --- files -------------------------------------------------------------------------- */

int wb_config_parse(struct wb_config *config, const char *path, const char *text,
		    size_t size)
{
	struct reading reading = { .config = config, .path = path };
	int r = wb_ini_parse(text, size, take_line, &reading);

	free(reading.unknown);
	return r == -ECANCELED ? 0 : r;
}

/* Others than root may plan without it; root would not have the choice it made. */
static int refuse(struct wb_config *config, const char *path, int error)
{
	if (error == -EACCES)
		return wb_findings_add(&config->findings, WB_WARNING, SUBJECT,
				       "%s may not be read by this user; as root the "
				       "plan may be another",
				       path);
	return wb_findings_add(&config->findings, WB_BLOCKER, SUBJECT,
			       "%s cannot be read: %s; mend it, or mask it with a link "
			       "to /dev/null",
			       path, strerror(-error));
}

static int read_file(const struct wb_root *root, const char *path,
		     struct wb_config *config)
{
	_cleanup_free_ char *problem = NULL, *text = NULL;
	size_t size = 0;
	int r = wb_trust_check(root, path, &problem);

	/* It names the kernel that will be root's, and a link to one is quickly made. */
	if (r >= 0 && problem)
		return wb_findings_add(&config->findings, WB_BLOCKER, SUBJECT,
				       "%s is refused: %s", path, problem);
	if (r >= 0)
		r = wb_root_read(root, path, &text, &size);
	if (r < 0)
		return r == -ENOMEM ? r : refuse(config, path, r);
	return wb_config_parse(config, path, text, size);
}

int wb_config_read(const struct wb_root *root, struct wb_config *ret)
{
	struct wb_config config = { 0 };
	_cleanup_strv_ char **parts = NULL;
	_cleanup_free_ char *path = NULL;
	int r = wb_conf_file(root, "warmboot.conf", &path);

	if (r >= 0 && path)
		r = read_file(root, path, &config);
	if (r >= 0)
		r = wb_conf_files(root, "warmboot.conf.d", ".conf", &parts);
	for (char **part = parts; r >= 0 && part && *part; part++)
		r = read_file(root, *part, &config);
	if (r < 0) {
		wb_config_done(&config);
		return r;
	}
	*ret = config;
	return 0;
}

void wb_config_done(struct wb_config *config)
{
	setting_done(&config->kernel);
	setting_done(&config->initrd);
	setting_done(&config->dtb);
	setting_done(&config->target);
	wb_strv_free(config->append);
	wb_strv_free(config->remove);
	wb_strv_free(config->unload);
	wb_strv_free(config->keep);
	wb_strv_free(config->verdicts);
	wb_findings_done(&config->findings);
	*config = (struct wb_config){ 0 };
}
