/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Block devices by their names: paths, volumes of LVM, and the kernel's numbers. */

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/target-part.h"

int wb_target_device_of_link(const struct wb_root *root, const char *link, char **ret)
{
	_cleanup_free_ char *name = NULL;
	int r = wb_root_link_name(root, link, &name);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*ret = wb_format("/dev/%s", name);
	return *ret ? 0 : -ENOMEM;
}

static bool is_block(const struct wb_root *root, const char *path)
{
	struct wb_node node;

	return wb_root_node(root, path, &node) >= 0 && node.block;
}

/* How the device mapper names a volume: hyphens inside the names are doubled. */
static char *mapper_name(const char *group, size_t n, const char *volume)
{
	char *out = malloc(2 * (n + strlen(volume)) + sizeof("/dev/mapper/-"));
	char *p = out;

	if (!out)
		return NULL;
	p = stpcpy(p, "/dev/mapper/");
	for (size_t i = 0; i < n; i++) {
		*p++ = group[i];
		if (group[i] == '-')
			*p++ = '-';
	}
	*p++ = '-';
	for (; *volume; volume++) {
		*p++ = *volume;
		if (*volume == '-')
			*p++ = '-';
	}
	*p = '\0';
	return out;
}

int wb_target_device_by_path(const struct wb_root *root, const char *path, char **ret)
{
	const char *group = wb_startswith(path, "/dev/");
	const char *slash = group ? strchr(group, '/') : NULL;
	_cleanup_free_ char *mapper = NULL;

	*ret = NULL;
	if (is_block(root, path)) {
		*ret = strdup(path);
		return *ret ? 0 : -ENOMEM;
	}
	if (!slash || strchr(slash + 1, '/'))
		return 0;
	mapper = mapper_name(group, (size_t)(slash - group), slash + 1);
	if (!mapper)
		return -ENOMEM;
	if (is_block(root, mapper))
		*ret = TAKE_PTR(mapper);
	return 0;
}

/* Digits are hexadecimal, packed as new_decode_dev() of the kernel has it. */
static bool parse_number(const char *word, unsigned int *major, unsigned int *minor)
{
	uint64_t packed;
	char end;

	if (sscanf(word, "%u:%u%c", major, minor, &end) == 2)
		return true;
	if (strncasecmp(word, "0x", 2) == 0)
		word += 2;
	if (wb_parse_u64(word, 16, &packed) < 0 || packed > UINT32_MAX)
		return false;
	*major = (unsigned int)(packed & 0xfff00) >> 8;
	*minor = (unsigned int)((packed & 0xff) | (packed >> 12 & 0xfff00));
	return true;
}

int wb_target_device_by_number(const struct wb_root *root, const char *word, char **ret,
			       bool *ret_known)
{
	_cleanup_free_ char *link = NULL;
	unsigned int major, minor;

	*ret = NULL;
	*ret_known = parse_number(word, &major, &minor);
	if (!*ret_known)
		return 0;
	link = wb_format("sys/dev/block/%u:%u", major, minor);
	return link ? wb_target_device_of_link(root, link, ret) : -ENOMEM;
}

/* Any volume of the group: each has a node in /dev/mapper. */
static int has_group(const struct wb_root *root, const char *group, bool *ret)
{
	_cleanup_free_ char *path = mapper_name(group, strlen(group), "");
	const char *prefix = path ? wb_basename(path) : NULL;
	_cleanup_strv_ char **names = NULL;
	int r;

	if (!path)
		return -ENOMEM;
	r = wb_root_list(root, "dev/mapper", &names);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; p && *p; p++)
		if (wb_startswith(*p, prefix) && (*p)[strlen(prefix)] != '-')
			*ret = true;
	return 0;
}

int wb_target_has_volume(const struct wb_root *root, const char *name, bool *ret)
{
	_cleanup_free_ char *path = NULL, *device = NULL;
	int r;

	*ret = false;
	if (!strchr(name, '/'))
		return has_group(root, name, ret);
	path = wb_format("/dev/%s", name);
	if (!path)
		return -ENOMEM;
	r = wb_target_device_by_path(root, path, &device);
	*ret = device != NULL;
	return r;
}
