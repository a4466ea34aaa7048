/* SPDX-License-Identifier: GPL-2.0-or-later */

/* GRUB's variables in entries: grub.cfg sets some, grubenv the rest. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/bls/entry.h"
#include "facts/grub/grubenv.h"

#define SPACE " \t"
/* Every variable is looked up in whole files: the rest of a text with more is left. */
#define PARTS_MAX 1000

/* --- grub.cfg --------------------------------------------------------------------- */

/* What follows "set NAME=" at the beginning of @line; else NULL. */
static const char *find_value(const char *line, const char *name)
{
	const char *p = wb_startswith(line + strspn(line, SPACE), "set");

	if (!p || !*p || !strchr(SPACE, *p))
		return NULL;
	p = wb_startswith(p + strspn(p, SPACE), name);
	return p && *p == '=' ? p + 1 : NULL;
}

static char *copy_value(const char *value)
{
	if (*value == '"' || *value == '\'') {
		const char stop[] = { *value, '\n', '\0' };

		return strndup(value + 1, strcspn(value + 1, stop));
	}
	return strndup(value, strcspn(value, SPACE ";\r\n"));
}

int wb_bls_grubcfg_get(const char *text, const char *name, char **ret)
{
	const char *found = NULL;

	*ret = NULL;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value = find_value(line += *line == '\n', name);

		found = value ? value : found;
	}
	if (!found)
		return 0;
	*ret = copy_value(found);
	return *ret ? 0 : -ENOMEM;
}

/* --- variables -------------------------------------------------------------------- */

static const struct known {
	const char *name;
	bool may_be_unset;
	bool is_empty; /* whatever sets it */
} known[] = {
	{ "kernelopts", false, false },
	{ "tuned_params", true, false },
	{ "tuned_initrd", true, false },
	/* Fedora CoreOS sets it where the machine has never run: then Ignition installs
	 * it anew. One that is running has. */
	{ "ignition_firstboot", true, true },
};

static const struct known *find_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

/* What one of them stands for. NULL: it is none, and is left as it stands. */
static int get_value(const struct wb_bls_variables *v, const char *name, char **ret,
		     char **missing)
{
	const struct known *k = find_known(name);
	int r = 0;

	*ret = NULL;
	if (!v->grub && !k)
		return 0;
	if (k && k->is_empty)
		return wb_set_format(ret, "%s", "");
	if (v->grubenv)
		r = wb_grubenv_get(v->grubenv, name, ret);
	if (r >= 0 && !*ret && v->grubcfg)
		r = wb_bls_grubcfg_get(v->grubcfg, name, ret);
	if (r < 0 || *ret)
		return r;
	if ((!k || !k->may_be_unset) && !*missing) {
		*missing = strdup(name);
		if (!*missing)
			return -ENOMEM;
	}
	return wb_set_format(ret, "%s", "");
}

static size_t name_size(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_");
}

/* The name in the variable at @p, and the size of all of it; 0: there is none. */
static size_t find_variable(const char *p, const char **ret_name, size_t *ret_size)
{
	bool braces = p[0] == '$' && p[1] == '{';

	if (*p != '$')
		return 0;
	*ret_name = p + 1 + braces;
	*ret_size = name_size(*ret_name);
	if (*ret_size == 0 || (braces && (*ret_name)[*ret_size] != '}'))
		return 0;
	return 1 + *ret_size + 2 * (size_t)braces;
}

/* Append to @parts what the text at *@p stands for, up to the next '$'. */
static int expand_part(const struct wb_bls_variables *v, const char **p, char ***parts,
		       char **missing)
{
	_cleanup_free_ char *name = NULL, *value = NULL;
	const char *start = *p, *name_start;
	size_t n, size = find_variable(start, &name_start, &n);
	int r = 0;

	if (size > 0) {
		name = strndup(name_start, n);
		r = name ? get_value(v, name, &value, missing) : -ENOMEM;
		if (r < 0)
			return r;
	} else {
		size = 1 + strcspn(start + 1, "$");
	}
	*p += size;
	if (!value)
		value = strndup(start, size);
	return value ? wb_strv_append(parts, value) : -ENOMEM;
}

int wb_bls_expand(const struct wb_bls_variables *variables, const char *text, char **ret,
		  char **ret_missing)
{
	_cleanup_free_ char *missing = NULL;
	_cleanup_strv_ char **parts = NULL;
	int r = 0;

	*ret = *ret_missing = NULL;
	while (r >= 0 && *text && wb_strv_length(parts) < PARTS_MAX)
		r = expand_part(variables, &text, &parts, &missing);
	if (r >= 0)
		r = wb_strv_append(&parts, text);
	if (r < 0)
		return r;
	*ret = wb_strv_join(parts, "");
	if (!*ret)
		return -ENOMEM;
	wb_strip_end(*ret);
	*ret_missing = TAKE_PTR(missing);
	return 0;
}
