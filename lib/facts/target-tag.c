/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Block devices by what is written on them: the tags of /dev/disk. */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "facts/target-part.h"
#include "sys/blk.h"

#define NOT_PROBED SIZE_MAX

/* The tags with udev's links for them and what libblkid finds on the device. */
static const struct tag {
	const char *prefix;
	const char *links;
	size_t value; /* offset in struct wb_blk */
	bool any_case;
} tags[] = {
	{ "UUID=", "dev/disk/by-uuid", offsetof(struct wb_blk, uuid), true },
	{ "LABEL=", "dev/disk/by-label", offsetof(struct wb_blk, label), false },
	{ "PARTUUID=", "dev/disk/by-partuuid", offsetof(struct wb_blk, partuuid), true },
	{ "PARTLABEL=", "dev/disk/by-partlabel", offsetof(struct wb_blk, partlabel),
	  false },
	{ "ID=", "dev/disk/by-id", NOT_PROBED, false },
};

static const struct tag *find_tag(const char *word, const char **ret_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		const char *value = wb_startswith(word, tags[i].prefix);

		if (value) {
			*ret_value = value;
			return &tags[i];
		}
	}
	return NULL;
}

static bool is_same(const struct tag *tag, const char *a, const char *b)
{
	return (tag->any_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* "my\x20disk", as udev's links have it, into "my disk". In place. */
static char *decode(char *s)
{
	char *to = s;

	for (const char *p = s; *p; to++) {
		if (p[0] == '\\' && p[1] == 'x' && isxdigit((unsigned char)p[2]) &&
		    isxdigit((unsigned char)p[3])) {
			*to = (char)(hex_digit(p[2]) << 4 | hex_digit(p[3]));
			p += 4;
		} else {
			*to = *p++;
		}
	}
	*to = '\0';
	return s;
}

/* And back: all but these, and what is not ASCII, udev's encode_devnode_name() spells in
 * hexadecimal digits. */
static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("#+-.:=@_", c));
}

static char *encode(const char *s)
{
	char *out = malloc(4 * strlen(s) + 1), *p = out;

	for (; out && *s; s++)
		if (is_plain(*s))
			*p++ = *s;
		else
			p += sprintf(p, "\\x%02x", (unsigned char)*s);
	if (out)
		*p = '\0';
	return out;
}

/*
 * Does libblkid find the tag on this device? Where it may not be opened, for lack of
 * rights or because a folder stands for the machine, udev's word is taken.
 */
static int device_has(const struct wb_root *root, const char *device,
		      const struct tag *tag, const char *value, bool trusted, bool *ret)
{
	_cleanup_(wb_blk_done) struct wb_blk blk = { 0 };
	_cleanup_close_ int fd = -1;
	const char *found;
	int r;

	*ret = trusted;
	if (!root->live || tag->value == NOT_PROBED)
		return 0;
	fd = wb_root_openat(root, device, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return 0;
	r = wb_blk_probe(fd, &blk);
	if (r == -ENOMEM)
		return r;
	found = *(char **)((char *)&blk + tag->value);
	*ret = found && is_same(tag, found, value);
	return 0;
}

/* The name of the link as it stands in the folder, whatever its case. */
static int find_link(const struct wb_root *root, const struct tag *tag, const char *value,
		     char **ret)
{
	_cleanup_free_ char *name = encode(value);
	_cleanup_strv_ char **names = NULL;
	int r;

	if (!name)
		return -ENOMEM;
	r = wb_root_list(root, tag->links, &names);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; p && *p; p++)
		if (is_same(tag, *p, name)) {
			*ret = wb_format("%s/%s", tag->links, *p);
			return *ret ? 0 : -ENOMEM;
		}
	return 0;
}

static int by_link(const struct wb_root *root, const struct tag *tag, const char *value,
		   char **ret)
{
	_cleanup_free_ char *link = NULL, *device = NULL;
	bool matches = false;
	int r = find_link(root, tag, value, &link);

	if (r >= 0 && link)
		r = wb_target_device_of_link(root, link, &device);
	if (r >= 0 && device)
		r = device_has(root, device, tag, value, /* trusted= */ true, &matches);
	if (r >= 0 && matches)
		*ret = TAKE_PTR(device);
	return r;
}

/* No link, or a stale one: ask every block device. */
static int by_probing(const struct wb_root *root, const struct tag *tag,
		      const char *value, char **ret)
{
	_cleanup_strv_ char **names = NULL;
	int r = wb_root_list(root, "sys/class/block", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; r >= 0 && !*ret && name && *name; name++) {
		_cleanup_free_ char *device = wb_format("/dev/%s", *name);
		bool matches = false;

		r = device ? device_has(root, device, tag, value, /* trusted= */ false,
					&matches)
			   : -ENOMEM;
		if (r >= 0 && matches)
			*ret = TAKE_PTR(device);
	}
	return r;
}

int wb_target_device_by_tag(const struct wb_root *root, const char *word, char **ret,
			    bool *ret_known)
{
	const char *encoded;
	const struct tag *tag = find_tag(word, &encoded);
	_cleanup_free_ char *value = NULL;
	int r;

	*ret = NULL;
	*ret_known = tag != NULL;
	if (!tag)
		return 0;
	value = strdup(encoded);
	if (!value)
		return -ENOMEM;
	decode(value);
	r = by_link(root, tag, value, ret);
	return r < 0 || *ret ? r : by_probing(root, tag, value, ret);
}

int wb_target_device_by_luks(const struct wb_root *root, const char *uuid, char **ret)
{
	_cleanup_free_ char *word = wb_format("UUID=%s", uuid);
	_cleanup_strv_ char **names = NULL;
	size_t n = strlen(uuid);
	bool known;
	int r;

	if (!word)
		return -ENOMEM;
	r = wb_target_device_by_tag(root, word, ret, &known);
	if (r < 0 || *ret || n == 0)
		return r;
	r = wb_root_list(root, "dev/disk/by-uuid", &names);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **p = names; r >= 0 && !*ret && p && *p; p++)
		if (strncasecmp(*p, uuid, n) == 0) {
			_cleanup_free_ char *link = wb_format("dev/disk/by-uuid/%s", *p);

			r = link ? wb_target_device_of_link(root, link, ret) : -ENOMEM;
		}
	return r;
}
