/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/grub/env.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

/* More than any script has; so that a hostile one costs little. */
#define VARIABLES_MAX   500
#define VALUES_SIZE_MAX ((size_t)1024 * 1024)

/* GRUB sets these itself. */
static const char *const own[] = {
	"root",    "prefix",        "cmdpath",  "config_directory", "config_file",
	"?",       "grub_platform", "grub_cpu", "chosen",           "lang",
	"pxe_ip",  "secureboot",    "lockdown", "shim_lock",        "locale_dir",
	"biosnum", "fallback",
};

static struct wb_grub_variable *find(const struct wb_grub_env *env, const char *name)
{
	for (size_t i = 0; i < env->n; i++)
		if (strcmp(env->items[i].name, name) == 0)
			return &env->items[i];
	return NULL;
}

static int add(struct wb_grub_env *env, const char *name, struct wb_grub_variable **ret)
{
	struct wb_grub_variable *grown;

	*ret = find(env, name);
	if (*ret || env->n >= VARIABLES_MAX)
		return 0;
	grown = reallocarray(env->items, env->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	env->items = grown;
	*ret = &grown[env->n];
	**ret = (struct wb_grub_variable){ .name = strdup(name) };
	if (!(*ret)->name)
		return -ENOMEM;
	env->n++;
	return 0;
}

int wb_grub_env_set(struct wb_grub_env *env, const char *name, const char *value,
		    bool oneshot)
{
	struct wb_grub_variable *v = NULL;
	char *copy;
	int r;

	if (value && strlen(value) > VALUES_SIZE_MAX - env->size)
		value = NULL;
	copy = value ? strdup(value) : NULL;
	r = value && !copy ? -ENOMEM : add(env, name, &v);
	if (r < 0 || !v) {
		/* Which were dropped is not remembered: any of them. */
		env->open = true;
		free(copy);
		return r;
	}
	env->size -= v->value ? strlen(v->value) : 0;
	env->size += value ? strlen(value) : 0;
	free(v->value);
	v->value = copy;
	v->oneshot = oneshot;
	return 0;
}

int wb_grub_env_export(struct wb_grub_env *env, const char *name)
{
	struct wb_grub_variable *v = find(env, name);

	if (!v) {
		int r = wb_grub_env_set(env, name, wb_grub_env_get(env, name), false);

		v = find(env, name);
		if (r < 0 || !v)
			return r;
	}
	v->exported = true;
	return 0;
}

static const char *get_unset(const struct wb_grub_env *env, const char *name)
{
	/* What GRUB can do. Any GRUB since 2.00 that reads such a script has them. */
	if (wb_startswith(name, "feature_"))
		return "y";
	if (env->open || wb_startswith(name, "net_"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (strcmp(name, own[i]) == 0)
			return NULL;
	return "";
}

const char *wb_grub_env_get(const struct wb_grub_env *env, const char *name)
{
	const struct wb_grub_variable *v = find(env, name);

	return v ? v->value : get_unset(env, name);
}

bool wb_grub_env_is_oneshot(const struct wb_grub_env *env, const char *name)
{
	const struct wb_grub_variable *v = find(env, name);

	return v && v->oneshot;
}

int wb_grub_env_copy(const struct wb_grub_env *env, bool only_exported,
		     struct wb_grub_env *ret)
{
	struct wb_grub_env copy = { .open = env->open };

	for (size_t i = 0; i < env->n; i++) {
		const struct wb_grub_variable *v = &env->items[i];
		int r;

		if (only_exported && !v->exported)
			continue;
		r = wb_grub_env_set(&copy, v->name, v->value, v->oneshot);
		if (r < 0) {
			wb_grub_env_done(&copy);
			return r;
		}
		copy.items[copy.n - 1].exported = v->exported;
	}
	*ret = copy;
	return 0;
}

void wb_grub_env_done(struct wb_grub_env *env)
{
	for (size_t i = 0; i < env->n; i++) {
		free(env->items[i].name);
		free(env->items[i].value);
	}
	free(env->items);
	*env = (struct wb_grub_env){ 0 };
}
