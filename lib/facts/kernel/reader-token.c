/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * TOP/TOKEN/VERSION/linux with its initramfs files beside it: where kernel-install(8)
 * puts them. Mostly an entry names them; here are those that none does.
 */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/cmdline.h"
#include "facts/kernel/boot-place.h"
#include "facts/kernel/initramfs.h"
#include "facts/kernel/kernel-json.h"
#include "facts/kernel/kernel.h"

#define SOURCE "kernel-install"

#define SPACE " \t\r\n"

struct reader {
	const struct wb_root *root;
	struct wb_kernels *list;
	char **tokens;
	char *machine_id;
	char *options; /* NULL: those of the running kernel */
};

static void reader_done(struct reader *reader)
{
	wb_strv_free(reader->tokens);
	free(reader->machine_id);
	free(reader->options);
}

/* --- tokens ----------------------------------------------------------------------- */

static int add_token(struct reader *reader, const char *token)
{
	/* It is the name of one folder. */
	if (!token || !*token || *token == '.' || strchr(token, '/'))
		return 0;
	return wb_strv_add(&reader->tokens, token);
}

/* The value behind @key in os-release(5), which may be quoted. */
static int add_os_token(struct reader *reader, const char *text, const char *key)
{
	_cleanup_free_ char *token = NULL;
	const char *value = NULL;

	for (const char *line = text; line && !value; line = strchr(line, '\n'))
		value = wb_startswith(line += *line == '\n', key);
	if (!value)
		return 0;
	value += strspn(value, "\"'");
	token = strndup(value, strcspn(value, "\"'" SPACE));
	return token ? add_token(reader, token) : -ENOMEM;
}

/* NULL in @ret: there is none, or it cannot be read. */
static int read_first(const struct wb_root *root, const char *const *paths, size_t n,
		      char **ret)
{
	int r = -ENOENT;

	*ret = NULL;
	for (size_t i = 0; r < 0 && r != -ENOMEM && i < n; i++)
		r = wb_root_read_line(root, paths[i], ret);
	return r == -ENOMEM ? r : 0;
}

static int read_tokens(struct reader *reader)
{
	static const char *const token_file[] = { "etc/kernel/entry-token" };
	static const char *const id_file[] = { "etc/machine-id" };
	static const char *const os_files[] = { "etc/os-release", "usr/lib/os-release" };
	static const char *const os_keys[] = { "IMAGE_ID=", "ID=" };
	_cleanup_free_ char *token = NULL, *os = NULL;
	int r = read_first(reader->root, token_file, 1, &token);

	if (r >= 0)
		r = read_first(reader->root, id_file, 1, &reader->machine_id);
	if (r >= 0)
		r = read_first(reader->root, os_files, ARRAY_SIZE(os_files), &os);
	if (r >= 0)
		r = add_token(reader, token);
	if (r >= 0)
		r = add_token(reader, reader->machine_id);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(os_keys); i++)
		r = add_os_token(reader, os, os_keys[i]);
	/* "Default" until systemd 251. */
	if (r >= 0)
		r = add_token(reader, "Default");
	return r < 0 ? r : add_token(reader, "default");
}

/* --- options ---------------------------------------------------------------------- */

/* Lines into one, a space between the words; without comments. In place. */
static void join_lines(char *text)
{
	char *rest = text, *to = text, *line, *word;

	while ((line = strsep(&rest, "\n"))) {
		if (line[strspn(line, SPACE)] == '#')
			continue;
		while ((word = strsep(&line, SPACE))) {
			size_t n = strlen(word);

			if (n == 0)
				continue;
			if (to != text)
				*to++ = ' ';
			memmove(to, word, n);
			to += n;
		}
	}
	*to = '\0';
}

static int read_options(struct reader *reader)
{
	static const char *const files[] = { "etc/kernel/cmdline",
					     "usr/lib/kernel/cmdline" };
	int r = read_first(reader->root, files, ARRAY_SIZE(files), &reader->options);

	if (r >= 0 && reader->options)
		join_lines(reader->options);
	return r;
}

/* As kernel-install would have written them into an entry. */
static int set_options(const struct reader *reader, const char *token, char **ret)
{
	const char *running = reader->list->state->cmdline;
	_cleanup_free_ char *given = NULL;

	if (!reader->options)
		return wb_set_format(ret, "%s", running ? running : "");
	given = wb_cmdline_get(reader->options, "systemd.machine_id");
	if (given || !reader->machine_id || strcmp(token, reader->machine_id) != 0)
		return wb_set_format(ret, "%s", reader->options);
	return wb_set_format(ret, "%s%ssystemd.machine_id=%s", reader->options,
			     *reader->options ? " " : "", token);
}

/* --- images ----------------------------------------------------------------------- */

static int add_image(const struct reader *reader, const char *linux, const char *token,
		     const char *version)
{
	const char *os = reader->list->state->os_name;
	struct wb_kernel k = {
		.source = strdup(SOURCE),
		.id = wb_format("%s-%s", token, version),
		.title = os ? wb_format("%s, %s", os, version) : strdup(version),
		.linux = strdup(linux),
	};
	int r = k.source && k.id && k.title && k.linux ? 0 : -ENOMEM;

	if (r >= 0)
		r = set_options(reader, token, &k.options);
	if (r >= 0)
		r = wb_initramfs_find(reader->root, linux, version, &k.initrd);
	if (r < 0) {
		wb_kernel_done(&k);
		return r;
	}
	return wb_kernels_add_entry(reader->root, reader->list, &k);
}

static int read_folder(const struct reader *reader, const char *top, const char *token)
{
	_cleanup_free_ char *folder = wb_format("%s/%s", top, token);
	_cleanup_strv_ char **versions = NULL;
	int r = folder ? wb_root_list(reader->root, folder, &versions) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **version = versions; r >= 0 && version && *version; version++) {
		_cleanup_free_ char *linux = wb_format("%s/%s/linux", folder, *version);

		if (!linux)
			return -ENOMEM;
		if (wb_root_exists(reader->root, linux) &&
		    !wb_kernels_have(reader->root, reader->list, linux))
			r = add_image(reader, linux, token, *version);
	}
	return r;
}

/* The names as they stand there: on FAT "Default" is "default" as well. */
static int read_top(const struct reader *reader, const char *top)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(reader->root, top, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && name && *name; name++)
		if (wb_strv_contains(reader->tokens, *name))
			r = read_folder(reader, top, *name);
	return r;
}

static int read_token(const struct wb_root *root, struct wb_kernels *list)
{
	_cleanup_(reader_done) struct reader reader = { .root = root, .list = list };
	_cleanup_(wb_boot_places_done) struct wb_boot_places places = { 0 };
	int r = wb_boot_places_read(root, &places);

	if (r >= 0)
		r = read_tokens(&reader);
	if (r >= 0)
		r = read_options(&reader);
	for (char **top = places.tops; r >= 0 && top && *top; top++)
		r = read_top(&reader, *top);
	return r;
}

const struct wb_kernel_reader wb_kernel_reader_token = { SOURCE, read_token };
