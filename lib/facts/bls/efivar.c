/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts/bls/efivar.h"

#include <errno.h>
#include <stdint.h>

#include "base/text.h"

/* https://systemd.io/BOOT_LOADER_INTERFACE/ */
#define LOADER_GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTES  4

/* What nobody writes into the id of an entry becomes '?': control characters and what
 * takes two units. */
static char *put_character(char *p, unsigned int c)
{
	if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0) || (c & 0xf800) == 0xd800)
		c = '?';
	if (c < 0x80) {
		*p++ = (char)c;
	} else if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
		*p++ = (char)(0x80 | (c & 0x3f));
	} else {
		*p++ = (char)(0xe0 | c >> 12);
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	}
	return p;
}

int wb_efivar_decode(const void *data, size_t size, char **ret)
{
	const uint8_t *bytes = data;
	char *text, *p;

	*ret = NULL;
	if (size < ATTRIBUTES + 2)
		return 0;
	p = text = malloc((size - ATTRIBUTES) / 2 * 3 + 1);
	if (!text)
		return -ENOMEM;
	for (size_t i = ATTRIBUTES; i + 1 < size && (bytes[i] || bytes[i + 1]); i += 2)
		p = put_character(p, bytes[i] | (unsigned int)bytes[i + 1] << 8);
	*p = '\0';
	if (p == text)
		free(text);
	else
		*ret = text;
	return 0;
}

int wb_efivar_get(const struct wb_root *root, const char *name, char **ret)
{
	_cleanup_free_ char *path = NULL, *data = NULL;
	size_t size;
	int r;

	*ret = NULL;
	path = wb_format("sys/firmware/efi/efivars/%s-" LOADER_GUID, name);
	r = path ? wb_root_read(root, path, &data, &size) : -ENOMEM;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return wb_efivar_decode(data, size, ret);
}
