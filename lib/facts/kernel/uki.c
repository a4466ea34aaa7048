/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/kernel/uki.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "facts/kernel/image-part.h"

/* More than any kernel takes as its command line. */
#define TEXT_MAX 65536

int wb_uki_open(const struct wb_root *root, const char *path, struct wb_uki *ret)
{
	_cleanup_free_ unsigned char *head = malloc(WB_IMAGE_HEAD);
	_cleanup_close_ int fd = wb_root_open_file(root, path);
	_cleanup_free_ char *why = NULL;
	struct wb_pe pe = { 0 };
	struct stat st;
	ssize_t n;
	int r;

	if (!head || fd < 0)
		return head ? fd : -ENOMEM;
	if (fstat(fd, &st) < 0)
		return -errno;
	n = wb_image_pread(fd, head, WB_IMAGE_HEAD, 0);
	if (n < 0)
		return (int)n;
	r = wb_pe_parse(head, (size_t)n, (uint64_t)st.st_size, &pe, &why);
	if (r >= 0)
		*ret = (struct wb_uki){ TAKE_FD(fd), pe };
	return r;
}

void wb_uki_done(struct wb_uki *uki)
{
	wb_closep(&uki->fd);
	wb_pe_done(&uki->pe);
	*uki = (struct wb_uki){ .fd = -1 };
}

int wb_uki_text(const struct wb_uki *uki, unsigned int profile, const char *section,
		char **ret)
{
	const struct wb_pe_section *s = wb_pe_find(&uki->pe, profile, section);
	_cleanup_free_ char *text = NULL;
	const char *start;
	ssize_t n;

	*ret = NULL;
	if (!s || s->size > TEXT_MAX)
		return 0;
	text = calloc(1, (size_t)s->size + 1);
	if (!text)
		return -ENOMEM;
	n = wb_image_pread(uki->fd, text, (size_t)s->size, s->offset);
	if (n < 0)
		return (int)n;
	start = text + strspn(text, " \t\r\n");
	*ret = strdup(start);
	if (!*ret)
		return -ENOMEM;
	wb_strip_end(*ret);
	return 0;
}

/* --- os-release ------------------------------------------------------------------- */

/* What stands behind "KEY=" at the beginning of a line; the last one counts. */
static const char *find_value(const char *text, const char *key)
{
	const char *found = NULL;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value = wb_startswith(line += *line == '\n', key);

		if (value && *value == '=')
			found = value + 1;
	}
	return found;
}

/* Systemd-boot takes a line to its end even where a shell would want quotes. */
static char *copy_value(const char *value)
{
	const char stop[] = { *value, '\n', '\0' };
	char *copy;

	if (*value == '"' || *value == '\'')
		return strndup(value + 1, strcspn(value + 1, stop));
	copy = strndup(value, strcspn(value, "\n"));
	return copy ? wb_strip_end(copy) : NULL;
}

int wb_uki_release(const char *text, const char *const *keys, char **ret)
{
	*ret = NULL;
	for (; *keys; keys++) {
		const char *value = find_value(text, *keys);
		char *copy = value ? copy_value(value) : NULL;

		if (value && !copy)
			return -ENOMEM;
		if (copy && *copy) {
			*ret = wb_clean_text(copy);
			return 0;
		}
		free(copy);
	}
	return 0;
}
