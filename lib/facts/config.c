/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/config.h"

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/conf-files.h"
#include "facts/config-key.h"
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
	const struct wb_config_key *key;

	if (!line->key)
		return warn(reading, line->number, strdup(line->problem));
	if (strcmp(line->section, SECTION) != 0)
		return warn_section(reading, line);
	key = wb_config_key_find(line->key);
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
	wb_setting_done(&config->kernel);
	wb_setting_done(&config->initrd);
	wb_setting_done(&config->dtb);
	wb_setting_done(&config->target);
	wb_strv_free(config->append);
	wb_strv_free(config->remove);
	wb_strv_free(config->unload);
	wb_strv_free(config->keep);
	wb_strv_free(config->verdicts);
	wb_findings_done(&config->findings);
	*config = (struct wb_config){ 0 };
}
