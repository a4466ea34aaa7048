/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the root is inside of: containers, volumes, and what only its initramfs brings. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/target-part.h"
#include "facts/target-root-part.h"

/* The next word with this key, and its value without quotes: *@line goes on behind it.
 * NULL in @ret_value where there is none. What follows "--" is not for the kernel. */
static int next_value(const char **line, const char *key, struct wb_word *ret_word,
		      char **ret_value)
{
	*ret_value = NULL;
	while (wb_cmdline_next(line, ret_word)) {
		_cleanup_free_ char *text = strndup(ret_word->text, ret_word->size);

		if (!text)
			return -ENOMEM;
		if (strcmp(text, "--") == 0)
			return 0;
		if (!wb_word_has_key(ret_word, key))
			continue;
		*ret_value = wb_cmdline_get(text, key);
		return *ret_value ? 0 : -ENOMEM;
	}
	return 0;
}

static bool has_word(const struct wb_look *l, const char *key)
{
	_cleanup_free_ char *value = wb_cmdline_get(l->options, key);

	return value != NULL;
}

/* --- what it is inside of --------------------------------------------------------- */

static int find_luks(struct wb_look *l, char *value, bool *ret)
{
	const char *rest = wb_startswith(value, "luks-");
	_cleanup_free_ char *device = NULL;
	int r;

	/* rd.luks.name=UUID=NAME */
	value[strcspn(value, "=")] = '\0';
	r = wb_target_device_by_luks(l->root, rest ? rest : value, &device);
	*ret = device != NULL;
	return r;
}

/* cryptdevice=UUID=...:root:allow-discards, cryptdevice=/dev/sda2:root */
static int find_cryptdevice(struct wb_look *l, char *value, bool *ret)
{
	_cleanup_free_ char *device = NULL;
	bool known;
	int r;

	value[strcspn(value, ":")] = '\0';
	r = wb_target_device_by_tag(l->root, value, &device, &known);
	if (r >= 0 && !known)
		r = wb_target_device_by_path(l->root, value, &device);
	*ret = device != NULL;
	return r;
}

static int find_volume(struct wb_look *l, char *value, bool *ret)
{
	return wb_target_has_volume(l->root, value, ret);
}

/* The words by which an initramfs is told what to open on its way to the root. */
static const struct wrap {
	const char *key;
	int (*find)(struct wb_look *l, char *value, bool *ret);
	bool luks;
} wraps[] = {
	{ "rd.luks.uuid", find_luks, true }, { "luks.uuid", find_luks, true },
	{ "rd.luks.name", find_luks, true }, { "luks.name", find_luks, true },
	{ "rd_LUKS_UUID", find_luks, true }, { "cryptdevice", find_cryptdevice, true },
	{ "rd.lvm.lv", find_volume, false }, { "rd.lvm.vg", find_volume, false },
};

/* Where a container waits to be opened, what is in it cannot be here yet. */
static int look_at_wrap(struct wb_look *l, const struct wrap *wrap, size_t *n_containers)
{
	const char *line = l->options;
	int r = 0;

	while (r >= 0) {
		_cleanup_free_ char *value = NULL, *text = NULL;
		struct wb_word word;
		bool found = false;

		r = next_value(&line, wrap->key, &word, &value);
		if (r < 0 || !value)
			return r;
		text = strndup(word.text, word.size);
		if (!text)
			return -ENOMEM;
		r = *value ? wrap->find(l, value, &found) : 0;
		if (r >= 0 && found && wrap->luks)
			(*n_containers)++;
		if (r >= 0 && !found && *value)
			r = wb_strv_append(&l->ret->absent, text);
	}
	return r;
}

static bool names_luks(const char *word)
{
	const struct wb_word w = { word, strlen(word) };

	for (size_t i = 0; i < ARRAY_SIZE(wraps); i++)
		if (wraps[i].luks && wb_word_has_key(&w, wraps[i].key))
			return true;
	return false;
}

/* The one container that must be opened is not here: then nor is the root, and the word
 * that is wrong is that one. */
static int refuse_lost_container(struct wb_look *l)
{
	for (char **p = l->ret->absent; p && *p; p++) {
		int r;

		if (!names_luks(*p))
			continue;
		r = wb_set_format(&l->ret->word, "%s", *p);
		return r < 0 ? r
			     : wb_set_format(&l->ret->problem,
					     "no block device is this LUKS container");
	}
	return 0;
}

/* What comes only in the initramfs is no fault of the word: why is it not here? */
static const char *excuse(struct wb_look *l, size_t n_containers)
{
	static const char network[] = "it is not here, and may come over the network";
	static const char verity[] =
		"it is not here, and verity may put it together in the initramfs";
	static const char raid[] =
		"it is not here, and may be on an array that its initramfs assembles";
	static const struct {
		const char *key, *why;
	} excuses[] = {
		{ "netroot", network },           { "iscsi_initiator", network },
		{ "iscsi_firmware", network },    { "rd.iscsi.initiator", network },
		{ "rd.iscsi.firmware", network }, { "nbdroot", network },
		{ "rd.nvmf.discover", network },  { "rd.nvmf.hostnqn", network },
		{ "roothash", verity },           { "systemd.verity_root_data", verity },
		{ "rd.md.uuid", raid },
	};

	if (n_containers > 0)
		return "it is not here, and may be in a LUKS container that its initramfs "
		       "opens";
	for (size_t i = 0; i < ARRAY_SIZE(excuses); i++)
		if (has_word(l, excuses[i].key))
			return excuses[i].why;
	return NULL;
}

int wb_look_around(struct wb_look *l)
{
	size_t n_containers = 0;
	const char *why;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(wraps); i++)
		r = look_at_wrap(l, &wraps[i], &n_containers);
	if (r < 0)
		return r;
	/* Of a root that is mounted here, the container may have a header elsewhere. */
	if (n_containers == 0 && !l->ret->problem && !l->ret->mounted)
		return refuse_lost_container(l);
	why = l->ret->problem ? excuse(l, n_containers) : NULL;
	if (!why)
		return 0;
	free(l->ret->problem);
	l->ret->problem = NULL;
	return wb_look_set_unchecked(l, why);
}
